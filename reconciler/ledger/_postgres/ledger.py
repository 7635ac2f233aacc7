"""The ledger in PostgreSQL (DESIGN.md 5, 6, 8)."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from uuid import uuid4

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from reconciler.errors import LedgerError
from reconciler.ledger._codec import escaped
from reconciler.ledger._history import RunDetail
from reconciler.ledger._postgres.rows import PostgresRows
from reconciler.ledger._postgres.session import Session, no_ledger
from reconciler.ledger._postgres.tables import environments
from reconciler.ledger._rows import TableLedger, refill
from reconciler.ledger._secrets import new_salt
from reconciler.model.ledger import LedgerState, Run


class PostgresLedger(TableLedger):
    """`model.Ledger` in the schema `reconciler` of a database, which may hold many environments.

    Nothing needs closing. Writes are committed when a method returns.
    """

    def __init__(self, url: str, environment: str) -> None:
        super().__init__(environment)
        self._session = Session(url, environment)

    def lock(self, run: Run) -> AbstractContextManager[None]:
        """Hold the environment. Raises Locked, naming the holder; threads are refused alike."""
        return self._session.held(run)

    def holder(self) -> Run | None:
        """The run that holds the lock at this moment."""
        return self._session.holder()

    def unlock(self) -> Run | None:
        """End the session of the run that holds the lock, which can not write any more."""
        return self._session.terminate()

    def open(self, organisation_id: str | None, *, salt: str | None = None) -> LedgerState:
        """The state, made if there was none; the organisation first given is kept for good."""
        with self._session.writing(create=True) as connection:
            self._made(connection, str(uuid4()), salt or new_salt())
            with self._rows(connection) as rows:
                if organisation_id is not None:
                    rows.name_organisation(organisation_id)
        return self.read()

    def restore(self, state: LedgerState, runs: Iterable[RunDetail]) -> None:
        """Fill an empty ledger with another one's content, in one transaction."""
        with self._session.writing(create=True) as connection:
            if not self._made(connection, state.ledger_id, state.salt):
                raise LedgerError(f"there is a ledger of {self._environment} already")
            with self._rows(connection) as rows:
                if state.organisation_id is not None:
                    rows.name_organisation(state.organisation_id)
                refill(rows, state, runs)

    def flush(self) -> None:
        """Nothing: each write is committed when it returns."""

    def damage(self) -> tuple[str, ...]:
        """What can not be understood of the tables; the server itself watches over its files."""
        try:
            self.export()
        except LedgerError as error:
            return (error.message,)
        return ()

    @contextmanager
    def _reading(self) -> Iterator[PostgresRows | None]:
        with self._session.reading() as connection:
            environment = None if connection is None else self._row(connection)
            if connection is None or environment is None:
                yield None
            else:
                yield PostgresRows(connection, environment)

    @contextmanager
    def _writing(self, *, durable: bool) -> Iterator[PostgresRows]:  # noqa: ARG002  # always is
        with self._session.writing() as connection, self._rows(connection) as rows:
            yield rows

    @contextmanager
    def _rows(self, connection: Connection) -> Iterator[PostgresRows]:
        environment = self._row(connection)
        if environment is None:
            raise no_ledger(self._environment)
        rows = PostgresRows(connection, environment)
        yield rows
        rows.send()

    def _row(self, connection: Connection) -> int | None:
        name = escaped(self._environment)
        return connection.scalar(select(environments.c.id).where(environments.c.name == name))

    def _made(self, connection: Connection, ledger_id: str | None, salt: str | None) -> bool:
        """Whether there was none."""
        new = {"name": escaped(self._environment), "ledger_id": ledger_id, "salt": salt}
        made = insert(environments).values(new).on_conflict_do_nothing(index_elements=["name"])
        return connection.scalar(made.returning(environments.c.id)) is not None
