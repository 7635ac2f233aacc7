"""Connections: one for each operation, or the one that holds the lock; errors in our words."""

import hashlib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, RLock

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Integer,
    Select,
    and_,
    column,
    create_engine,
    delete,
    func,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from reconciler.errors import LedgerError
from reconciler.ledger import _codec, _lock
from reconciler.ledger._codec import escaped
from reconciler.ledger._postgres import tables
from reconciler.model.ledger import Run

# Seconds until a server that does not answer has failed. A holder's host that vanished from the
# network is given up by the server after two minutes, and its lock with it.
_CONNECT = {"connect_timeout": 10, "application_name": "reconciler"}
_DEAD_PEER = (
    "SELECT set_config('tcp_keepalives_idle', '60', false), "
    "set_config('tcp_keepalives_interval', '20', false), "
    "set_config('tcp_keepalives_count', '3', false)"
)
_HALF = 0xFFFFFFFF
_HINT = "wait until it ends; its lock goes with its session, so a dead one never holds it"

# A holder is about to sign, or only looked: it is asked again, so long apart (seconds).
_SETTLING = 0.1
_PAUSES = (0.02, 0.05, 0.1, 0.2)

_own_backend = column("pid", Integer) == func.pg_backend_pid()


class Session:
    """The database, for one environment. Threads may share it: they take turns."""

    def __init__(self, url: str, environment: str) -> None:
        self._url = _parsed(url)
        self._environment = environment
        self._key = int.from_bytes(
            hashlib.sha256(f"reconciler {escaped(environment)}".encode()).digest()[:8],
            signed=True,
        )
        self._engine: Engine = create_engine(
            self._url, poolclass=NullPool, connect_args=_CONNECT, hide_parameters=True
        )
        self._turn = RLock()
        self._held: tuple[Connection, int] | None = None

    @contextmanager
    def reading(self) -> Iterator[Connection | None]:
        """One consistent view; None when no ledger was ever made here."""
        with (
            self._in_our_words(),
            self._contents_too(),
            self._engine.connect() as connection,
            connection.begin(),
        ):
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
            yield connection if tables.version_of(connection) else None

    @contextmanager
    def writing(self, *, create: bool = False) -> Iterator[Connection]:
        """One transaction: all of it is in the database afterwards, or nothing is."""
        with self._turn, self._in_our_words(), self._writer() as connection:
            if create:
                tables.prepare(connection)
            elif not tables.version_of(connection):
                raise no_ledger(self._environment)
            yield connection

    @contextmanager
    def held(self, run: Run) -> Iterator[None]:
        """Hold the lock of the environment, as long as this session lives."""
        with self._in_our_words():
            connection = self._engine.connect()
            try:
                self._acquire(connection, run)
            except BaseException:
                connection.close()
                raise
        try:
            yield
        finally:
            with self._turn:
                self._held = None
                # A dead session has given its lock back already; a living one does by closing.
                with suppress(SQLAlchemyError), connection.begin():
                    connection.execute(delete(tables.holders).where(self._is_ours))
                with suppress(SQLAlchemyError):
                    connection.close()

    def holder(self) -> Run | None:
        with self.reading() as connection:
            return None if connection is None else self._holder(connection)

    def terminate(self) -> Run | None:
        """End the session that holds the lock, and so its writing; the answer is whose it was."""
        with self.writing(create=True) as connection:
            holder = self._holder(connection)
            for backend in connection.scalars(self._lockers()).all():
                connection.execute(select(func.pg_terminate_backend(backend)))
            return holder

    def _acquire(self, connection: Connection, run: Run) -> None:
        with connection.begin():
            tables.prepare(connection)
            connection.execute(text(_DEAD_PEER))
        holder = None
        for pause in _PAUSES:
            with connection.begin():
                if connection.scalar(select(func.pg_try_advisory_lock(self._key))):
                    self._held = connection, self._signed(connection, run)
                    return
                holder = self._holder(connection)
            if holder is not None and pause >= _SETTLING:
                break
            Event().wait(pause)
        raise _lock.refusal(self._environment, holder, _HINT)

    def _signed(self, connection: Connection, run: Run) -> int:
        """Write down who we are; the answer is the number of our session."""
        backend = int(connection.scalar(select(func.pg_backend_pid())) or 0)
        row = {"backend": backend, "run": _codec.run_text(run)}
        named = insert(tables.holders).values(environment=escaped(self._environment), **row)
        connection.execute(named.on_conflict_do_update(index_elements=["environment"], set_=row))
        return backend

    def _holder(self, connection: Connection) -> Run | None:
        """Who holds the lock. One who took it just now may not have signed yet."""
        held = and_(self._is_ours, tables.holders.c.backend.in_(self._lockers()))
        found = connection.scalar(select(tables.holders.c.run).where(held))
        return None if found is None else _codec.run_from(found)

    @property
    def _is_ours(self) -> ColumnElement[bool]:
        return tables.holders.c.environment == escaped(self._environment)

    def _lockers(self) -> Select[int]:
        """The session that holds the lock, if there is one."""
        mine = text(
            "locktype = 'advisory' AND granted AND objsubid = 1 AND database = "
            "(SELECT oid FROM pg_database WHERE datname = current_database()) "
            "AND classid::bigint = :high AND objid::bigint = :low"
        ).bindparams(high=(self._key >> 32) & _HALF, low=self._key & _HALF)
        return select(column("pid", Integer)).select_from(table("pg_locks")).where(mine)

    @contextmanager
    def _writer(self) -> Iterator[Connection]:
        """The session that holds the lock, if we have it, proved; else a new one."""
        if self._held is None:
            with self._engine.connect() as connection, connection.begin():
                yield connection
            return
        connection, backend = self._held
        with connection.begin():
            # A cut connection comes back as another session, which holds nothing.
            if connection.scalar(self._lockers().where(_own_backend)) != backend:
                raise LedgerError(
                    "the lock of this environment was lost with its database session",
                    hint="nothing was written since; look at the other apply, then apply again",
                )
            yield connection

    @contextmanager
    def _in_our_words(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise LedgerError(
                f"the ledger in PostgreSQL at {self._where} can not be used: {self._told(error)}",
                hint="check the URL, the server, and that its user may create a schema",
            ) from error

    @contextmanager
    def _contents_too(self) -> Iterator[None]:
        try:
            yield
        except (ValueError, KeyError, TypeError, zlib.error) as error:
            raise LedgerError(
                f"the ledger in PostgreSQL at {self._where} is damaged: a row can not be "
                f"understood ({error!r})",
                hint="nothing was changed; put back a backup of the schema `reconciler`",
            ) from error

    @property
    def _where(self) -> str:
        port = f":{self._url.port}" if self._url.port else ""
        return f"{self._url.host or 'the local socket'}{port}/{self._url.database or ''}"

    def _told(self, error: SQLAlchemyError) -> str:
        told = str(error.orig) if isinstance(error, DBAPIError) else str(error)
        password = str(self._url.password or "")
        shown = told.replace(password, "***") if password else told
        return " ".join(shown.split())


def no_ledger(environment: str) -> LedgerError:
    return LedgerError(
        f"the database has no ledger for environment {environment}",
        hint="the first apply makes it",
    )


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # a port that is no number is the latter
        parsed = None
    if parsed is None or parsed.get_backend_name() not in {"postgres", "postgresql"}:
        # Without the cause: it quotes the URL, and the URL holds a password.
        raise LedgerError(
            "the ledger's URL is not one of PostgreSQL",
            hint="it looks like postgresql://user:password@host:5432/database",
        )
    return parsed.set(drivername="postgresql+psycopg")
