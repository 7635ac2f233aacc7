"""The ledger in a SQLite file, on the machine that applies."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from sqlite3 import Connection

from reconciler.errors import LedgerError
from reconciler.ledger import _history, _lock, _records
from reconciler.ledger._codec import escaped, unescaped
from reconciler.ledger._database import Database, contents_understood
from reconciler.ledger._history import RunDetail, RunSummary
from reconciler.ledger._rows import TableLedger, refill
from reconciler.ledger._secrets import new_salt
from reconciler.model.ledger import AgentRecord, HistoryEntry, Intent, LedgerState, Run


class SqliteRows:
    """`_rows.Rows` in SQL, over a connection to the file at `path`; `environment` is the row id."""

    def __init__(self, connection: Connection, environment: int, path: Path) -> None:
        self._at = connection, environment
        self._path = path

    def state(self) -> LedgerState:
        connection, environment = self._at
        ledger_id, organisation_id, salt = connection.execute(
            "SELECT ledger_id, organisation_id, salt FROM environments WHERE id = ?", (environment,)
        ).fetchone()
        return LedgerState(
            ledger_id=ledger_id,
            organisation_id=organisation_id and unescaped(organisation_id),
            salt=salt,
            records=_records.records(*self._at, partial(contents_understood, self._path)),
            intents=_records.intents(*self._at),
        )

    def name_organisation(self, organisation_id: str) -> None:
        connection, environment = self._at
        connection.execute(
            "UPDATE environments SET organisation_id = coalesce(organisation_id, ?) WHERE id = ?",
            (escaped(organisation_id), environment),
        )

    def intend(self, intent: Intent) -> None:
        _records.put_intent(*self._at, intent)

    def withdraw(self, key: str) -> None:
        _records.drop_intents(*self._at, key)

    def record(self, record: AgentRecord, *, replaces: str | None = None) -> None:
        _records.put(*self._at, record, replaces)

    def forget(self, key: str, *, agent_id: str | None = None) -> None:
        _records.drop(*self._at, key, agent_id)

    def remember(self, entry: HistoryEntry) -> None:
        _history.add(*self._at, entry)

    def start(self, run: Run) -> None:
        _history.start(*self._at, run)

    def finish(self, run_id: str, result: str) -> None:
        _history.finish(*self._at, run_id, result)

    def runs(self, limit: int) -> tuple[RunSummary, ...]:
        return _history.runs(*self._at, limit)

    def run(self, run_id: str) -> RunDetail:
        return _history.run(*self._at, run_id)

    def history_of(self, key: str) -> tuple[HistoryEntry, ...]:
        return _history.of_key(*self._at, key)


class SqliteLedger(TableLedger):
    """`model.Ledger` in one file, which may hold several environments that share nothing.

    Nothing needs closing. Every method raises LedgerError where the file can not be read or
    written; a damaged, foreign or newer file is never written to.
    """

    def __init__(self, path: Path, environment: str) -> None:
        super().__init__(environment)
        self._database = Database(path)
        self._lock_file = _lock.lock_path(path.parent, environment)

    @contextmanager
    def lock(self, run: Run) -> Iterator[None]:
        """Hold the environment. Raises Locked, naming the holder; threads are refused alike."""
        with _lock.held(self._lock_file, self._environment, run):
            self._database.hold()
            try:
                yield
                self._database.sync()
            finally:
                self._database.release()

    def holder(self) -> Run | None:
        """The run that holds the lock at this moment."""
        return _lock.holder(self._lock_file)

    def unlock(self) -> Run | None:
        """There is nothing to take away: the lock goes with its process. Refused while it lives."""
        holder = self.holder()
        if holder is not None:
            raise LedgerError(
                f"process {holder.pid} on {holder.host} is alive and holds environment "
                f"{self._environment}",
                hint="end that process; its lock goes with it",
            )
        return None

    def open(self, organisation_id: str | None, *, salt: str | None = None) -> LedgerState:
        """The state, made if there was none; the organisation first given is kept for good."""
        from uuid import uuid4  # noqa: PLC0415  # once in the life of a ledger

        with self._database.writing(create=True) as connection:
            self._made(connection, str(uuid4()), salt or new_salt())
            if organisation_id is not None:
                self._rows(connection).name_organisation(organisation_id)
        return self.read()

    def restore(self, state: LedgerState, runs: Iterable[RunDetail]) -> None:
        """Fill an empty ledger with another one's content, in one transaction."""
        with self._database.writing(create=True) as connection:
            if not self._made(connection, state.ledger_id, state.salt):
                raise LedgerError(f"there is a ledger of {self._environment} already")
            rows = self._rows(connection)
            if state.organisation_id is not None:
                rows.name_organisation(state.organisation_id)
            refill(rows, state, runs)

    def flush(self) -> None:
        self._database.sync()

    def damage(self) -> tuple[str, ...]:
        """What SQLite's integrity check finds wrong with the file, in its words."""
        with self._database.reading() as connection:
            found = connection.execute("PRAGMA integrity_check") if connection else ()
            return tuple(text for (text,) in found if text != "ok")

    @contextmanager
    def _reading(self) -> Iterator[SqliteRows | None]:
        with self._database.reading() as connection:
            environment = None if connection is None else self._row(connection)
            if connection is None or environment is None:
                yield None
            else:
                yield SqliteRows(connection, environment, self._database.path)

    @contextmanager
    def _writing(self, *, durable: bool) -> Iterator[SqliteRows]:
        with self._database.writing(durable=durable) as connection:
            yield self._rows(connection)

    def _rows(self, connection: Connection) -> SqliteRows:
        environment = self._row(connection)
        if environment is None:
            raise LedgerError(
                f"{self._database.path} has no ledger for environment {self._environment}",
                hint="the first apply makes it",
            )
        return SqliteRows(connection, environment, self._database.path)

    def _row(self, connection: Connection) -> int | None:
        row = connection.execute(
            "SELECT id FROM environments WHERE name = ?", (escaped(self._environment),)
        ).fetchone()
        return None if row is None else int(row[0])

    def _made(self, connection: Connection, ledger_id: str | None, salt: str | None) -> bool:
        """Whether there was none."""
        done = connection.execute(
            "INSERT INTO environments (name, ledger_id, salt) VALUES (?, ?, ?) "
            "ON CONFLICT (name) DO NOTHING",
            (escaped(self._environment), ledger_id, salt),
        )
        return done.rowcount > 0
