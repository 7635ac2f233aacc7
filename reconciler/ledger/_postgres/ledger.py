"""The ledger in PostgreSQL (DESIGN.md 5, 6, 8)."""

import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar
from uuid import uuid4

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.postgresql import insert

from reconciler.errors import LedgerError
from reconciler.ledger import _export, _history
from reconciler.ledger._codec import escaped, unescaped
from reconciler.ledger._history import RunDetail, RunSummary
from reconciler.ledger._postgres import history, records
from reconciler.ledger._postgres.session import Session, no_ledger
from reconciler.ledger._postgres.tables import environments
from reconciler.model.ledger import AgentRecord, HistoryEntry, Intent, LedgerState, Run
from reconciler.model.values import Document

_T = TypeVar("_T")


class PostgresLedger:
    """`model.Ledger` in the schema `reconciler` of a database, which may hold many environments.

    Nothing needs closing. Writes are committed when a method returns.
    """

    def __init__(self, url: str, environment: str) -> None:
        self._session = Session(url, environment)
        self._environment = environment

    def read(self) -> LedgerState:
        return self._seen(_state, LedgerState())

    @contextmanager
    def lock(self, run: Run) -> Iterator[None]:
        """Hold the environment. Raises Locked, naming the holder; threads are refused alike."""
        with self._session.held(run):
            yield

    def holder(self) -> Run | None:
        """The run that holds the lock at this moment."""
        return self._session.holder()

    def unlock(self) -> Run | None:
        """End the session of the run that holds the lock, which can not write any more."""
        return self._session.terminate()

    def open(self, organisation_id: str | None) -> LedgerState:
        """The state, made if there was none; the organisation first given is kept for good."""
        name = escaped(self._environment)
        organisation = organisation_id and escaped(organisation_id)
        with self._session.writing(create=True) as connection:
            new = {"name": name, "ledger_id": str(uuid4()), "salt": secrets.token_hex(16)}
            connection.execute(
                insert(environments).values(new).on_conflict_do_nothing(index_elements=["name"])
            )
            kept = func.coalesce(environments.c.organisation_id, organisation)
            connection.execute(
                update(environments).where(environments.c.name == name).values(organisation_id=kept)
            )
        return self.read()

    def start(self, run: Run) -> None:
        with self._writing() as (connection, environment):
            history.start(connection, environment, run)

    def prepare(self, intents: Iterable[Intent], entries: Iterable[HistoryEntry]) -> None:
        """Nothing: each write here is committed when it returns."""

    def flush(self) -> None:
        """Nothing, for the same reason."""

    def intend(self, intent: Intent) -> None:
        with self._writing() as (connection, environment):
            records.put_intent(connection, environment, intent)

    def withdraw(self, key: str) -> None:
        with self._writing() as (connection, environment):
            records.drop_intent(connection, environment, key)

    def record(self, record: AgentRecord, *, replaces: str | None = None) -> None:
        self.record_all([(record, replaces)])

    def record_all(self, records_: Iterable[tuple[AgentRecord, str | None]]) -> None:
        """Remember many agents, each with the key it had before, in one transaction."""
        with self._writing() as (connection, environment):
            for record, replaces in records_:
                records.put(connection, environment, record, replaces)

    def forget(self, key: str, *, agent_id: str | None = None) -> None:
        """Forget an agent and its intent; with an `agent_id` that agent, wherever it stands."""
        with self._writing() as (connection, environment):
            records.drop(connection, environment, key, agent_id)

    def remember(self, entry: HistoryEntry) -> None:
        """Add to the history of a run that was started."""
        with self._writing() as (connection, environment):
            history.add(connection, environment, entry)

    def finish(self, run_id: str, result: str) -> None:
        with self._writing() as (connection, environment):
            history.finish(connection, environment, run_id, result)

    def restore(self, state: LedgerState, runs: Iterable[RunDetail]) -> None:
        """Fill an empty ledger with another one's content, in one transaction."""
        with self._session.writing(create=True) as connection:
            new = {
                "name": escaped(self._environment),
                "ledger_id": state.ledger_id,
                "salt": state.salt,
                "organisation_id": state.organisation_id and escaped(state.organisation_id),
            }
            made = insert(environments).values(new).on_conflict_do_nothing()
            environment = connection.scalar(made.returning(environments.c.id))
            if environment is None:
                raise LedgerError(f"there is a ledger of {self._environment} already")
            for record in state.records.values():
                records.put(connection, environment, record, None)
            for intent in state.intents.values():
                records.put_intent(connection, environment, intent)
            history.restore(connection, environment, runs)

    def runs(self, limit: int = 20) -> tuple[RunSummary, ...]:
        """The last runs, newest first, with counts; a negative limit gives all."""
        holder = self.holder()
        none: tuple[RunSummary, ...] = ()
        found = self._seen(lambda c, e: history.summaries(c, e, limit), none)
        return tuple(_history.alive(summary, holder) for summary in found)

    def run(self, run_id: str) -> RunDetail:
        """A run with its changes, by its id or an unambiguous beginning of it."""
        holder = self.holder()
        found = self._seen(lambda c, e: history.run(c, e, run_id), None)
        if found is None:
            raise _history.unknown(run_id)
        return RunDetail(_history.alive(found.summary, holder), found.entries)

    def history_of(self, key: str) -> tuple[HistoryEntry, ...]:
        """The changes of a key's agent, under former keys too, newest first."""
        return self._seen(lambda c, e: history.of_key(c, e, key), ())

    def export(self) -> Document:
        """All of it as JSON, for other programs: without salt and hashes, so free of secrets."""
        details = [self.run(summary.run.id) for summary in self.runs(-1)]
        return _export.exported(self._environment, self.read(), details)

    def damage(self) -> tuple[str, ...]:
        """What can not be understood of the tables; the server itself watches over its files."""
        try:
            self.export()
        except LedgerError as error:
            return (error.message,)
        return ()

    def _seen(self, look: Callable[[Connection, int], _T], nothing: _T) -> _T:
        with self._session.reading() as connection:
            if connection is None:
                return nothing
            environment = self._row(connection)
            return nothing if environment is None else look(connection, environment)

    @contextmanager
    def _writing(self) -> Iterator[tuple[Connection, int]]:
        with self._session.writing() as connection:
            environment = self._row(connection)
            if environment is None:
                raise no_ledger(self._environment)
            yield connection, environment

    def _row(self, connection: Connection) -> int | None:
        name = escaped(self._environment)
        return connection.scalar(select(environments.c.id).where(environments.c.name == name))


def _state(connection: Connection, environment: int) -> LedgerState:
    ledger_id, organisation_id, salt = connection.execute(
        select(environments.c.ledger_id, environments.c.organisation_id, environments.c.salt).where(
            environments.c.id == environment
        )
    ).one()
    return LedgerState(
        ledger_id=ledger_id,
        organisation_id=organisation_id and unescaped(organisation_id),
        salt=salt,
        records=records.all_records(connection, environment),
        intents=records.all_intents(connection, environment),
    )
