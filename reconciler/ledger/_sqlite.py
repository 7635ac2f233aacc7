"""The ledger in a SQLite file, on the machine that applies."""

import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection
from typing import TypeVar
from uuid import uuid4

from reconciler.errors import LedgerError
from reconciler.ledger import _export, _history, _lock, _records
from reconciler.ledger._codec import escaped, unescaped
from reconciler.ledger._database import Database
from reconciler.ledger._history import RunDetail, RunSummary
from reconciler.model.ledger import AgentRecord, HistoryEntry, Intent, LedgerState, Run
from reconciler.model.values import Document

_T = TypeVar("_T")


class SqliteLedger:
    """`model.Ledger` in one file, which may hold several environments that share nothing.

    Nothing needs closing. Writes are on the disk when a method returns. Every method raises
    LedgerError where the file can not be read or written; a damaged, foreign or newer file is
    never written to.
    """

    def __init__(self, path: Path, environment: str) -> None:
        self._database = Database(path)
        self._environment = environment
        self._lock_file = _lock.lock_path(path.parent, environment)

    def read(self) -> LedgerState:
        return self._seen(_state, LedgerState())

    @contextmanager
    def lock(self, run: Run) -> Iterator[None]:
        """Hold the environment. Raises Locked, naming the holder; threads are refused alike."""
        with _lock.held(self._lock_file, self._environment, run):
            self._database.hold()
            try:
                yield
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

    def open(self, organisation_id: str | None) -> LedgerState:
        """The state, made if there was none; the organisation first given is kept for good."""
        with self._database.writing(create=True) as connection:
            new = escaped(self._environment), str(uuid4()), secrets.token_hex(16)
            connection.execute(
                "INSERT INTO environments (name, ledger_id, salt) VALUES (?, ?, ?) "
                "ON CONFLICT (name) DO NOTHING",
                new,
            )
            connection.execute(
                "UPDATE environments SET organisation_id = coalesce(organisation_id, ?) "
                "WHERE name = ?",
                (organisation_id and escaped(organisation_id), new[0]),
            )
        return self.read()

    def start(self, run: Run) -> None:
        with self._writing() as (connection, environment):
            _history.start(connection, environment, run)

    def prepare(self, intents: Iterable[Intent], entries: Iterable[HistoryEntry]) -> None:
        """Nothing: each write here is on the disk when it returns."""

    def flush(self) -> None:
        """Nothing, for the same reason."""

    def intend(self, intent: Intent) -> None:
        with self._writing() as (connection, environment):
            _records.put_intent(connection, environment, intent)

    def withdraw(self, key: str) -> None:
        with self._writing() as (connection, environment):
            _records.drop_intents(connection, environment, key)

    def record(self, record: AgentRecord, *, replaces: str | None = None) -> None:
        self.record_all([(record, replaces)])

    def record_all(self, records: Iterable[tuple[AgentRecord, str | None]]) -> None:
        """Remember many agents, each with the key it had before, in one transaction."""
        with self._writing() as (connection, environment):
            for record, replaces in records:
                _records.put(connection, environment, record, replaces)

    def forget(self, key: str, *, agent_id: str | None = None) -> None:
        """Forget an agent and its intent.

        With an `agent_id` only that agent is forgotten, wherever it stands by now: a file that
        moved to the key of a deleted agent may have taken the key already.
        """
        with self._writing() as (connection, environment):
            _records.drop(connection, environment, key, agent_id)

    def remember(self, entry: HistoryEntry) -> None:
        """Add to the history of a run that was started."""
        with self._writing() as (connection, environment):
            _history.add(connection, environment, entry)

    def finish(self, run_id: str, result: str) -> None:
        with self._writing() as (connection, environment):
            _history.finish(connection, environment, run_id, result)

    def restore(self, state: LedgerState, runs: Iterable[RunDetail]) -> None:
        """Fill an empty ledger with another one's content, in one transaction."""
        name, organisation = escaped(self._environment), state.organisation_id
        with self._database.writing(create=True) as connection:
            made = connection.execute(
                "INSERT INTO environments (name, ledger_id, salt, organisation_id) "
                "VALUES (?, ?, ?, ?) ON CONFLICT (name) DO NOTHING",
                (name, state.ledger_id, state.salt, organisation and escaped(organisation)),
            )
            if made.rowcount == 0:
                raise LedgerError(f"there is a ledger of {self._environment} already")
            environment = self._row(connection)
            assert environment is not None
            for record in state.records.values():
                _records.put(connection, environment, record, None)
            for intent in state.intents.values():
                _records.put_intent(connection, environment, intent)
            _history.restore(connection, environment, runs)

    def runs(self, limit: int = 20) -> tuple[RunSummary, ...]:
        """The last runs, newest first, with counts; a negative limit gives all."""
        holder = self.holder()
        none: tuple[RunSummary, ...] = ()
        found = self._seen(lambda c, e: _history.runs(c, e, limit), none)
        return tuple(_history.alive(summary, holder) for summary in found)

    def run(self, run_id: str) -> RunDetail:
        """A run with its changes, by its id or an unambiguous beginning of it."""
        holder = self.holder()
        found = self._seen(lambda c, e: _history.run(c, e, run_id), None)
        if found is None:
            raise _history.unknown(run_id)
        return RunDetail(_history.alive(found.summary, holder), found.entries)

    def history_of(self, key: str) -> tuple[HistoryEntry, ...]:
        """The changes of a key's agent, under former keys too, newest first."""
        return self._seen(lambda c, e: _history.of_key(c, e, key), ())

    def export(self) -> Document:
        """All of it as JSON, for other programs: without salt and hashes, so free of secrets."""
        details = [self.run(summary.run.id) for summary in self.runs(-1)]
        return _export.exported(self._environment, self.read(), details)

    def damage(self) -> tuple[str, ...]:
        """What SQLite's integrity check finds wrong with the file, in its words."""
        with self._database.reading() as connection:
            rows = connection.execute("PRAGMA integrity_check") if connection else ()
            return tuple(text for (text,) in rows if text != "ok")

    def _seen(self, look: Callable[[Connection, int], _T], nothing: _T) -> _T:
        with self._database.reading() as connection:
            if connection is None:
                return nothing
            environment = self._row(connection)
            return nothing if environment is None else look(connection, environment)

    @contextmanager
    def _writing(self) -> Iterator[tuple[Connection, int]]:
        with self._database.writing() as connection:
            environment = self._row(connection)
            if environment is None:
                raise LedgerError(
                    f"{self._database.path} has no ledger for environment {self._environment}",
                    hint="the first apply makes it",
                )
            yield connection, environment

    def _row(self, connection: Connection) -> int | None:
        row = connection.execute(
            "SELECT id FROM environments WHERE name = ?", (escaped(self._environment),)
        ).fetchone()
        return None if row is None else int(row[0])


def _state(connection: Connection, environment: int) -> LedgerState:
    ledger_id, organisation_id, salt = connection.execute(
        "SELECT ledger_id, organisation_id, salt FROM environments WHERE id = ?", (environment,)
    ).fetchone()
    return LedgerState(
        ledger_id=ledger_id,
        organisation_id=organisation_id and unescaped(organisation_id),
        salt=salt,
        records=_records.records(connection, environment),
        intents=_records.intents(connection, environment),
    )
