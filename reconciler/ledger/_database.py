"""Opening the file, one transaction for each operation, and SQLite's errors in our words."""

import os
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from sqlite3 import Connection
from threading import RLock

from reconciler.errors import LedgerError
from reconciler.ledger import _schema
from reconciler.ledger._place import is_there, unusable

# How long a writer waits for another environment's writer, in seconds. Transactions take
# milliseconds; whoever waits longer meets a stopped process.
_PATIENCE = 30.0

_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


class Database:
    """One ledger file. Threads may share it: they take turns.

    Each operation opens and closes its own connection, so that there is nothing to close; between
    `hold` and `release` one is kept, because an apply has thousands of operations.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._turn = RLock()
        self._holding = False
        self._held: Connection | None = None
        self._loose = False

    def hold(self) -> None:
        self._holding = True

    def sync(self) -> None:
        """What was written without being `durable` is on the disk."""
        with self._turn:
            if self._loose:
                with self.writing() as connection:
                    _schema.mark(connection)  # a write, whatever it is, takes those before along

    def release(self) -> None:
        with self._turn:
            self._holding = False
            held, self._held = self._held, None
            if held is not None:
                held.close()

    @contextmanager
    def reading(self) -> Iterator[Connection | None]:
        """A consistent view of the file in the current format; None when there is no ledger."""
        with self._turn, _in_our_words(self.path), contents_understood(self.path):
            if not is_there(self.path):
                yield None
                return
            with self._connection() as connection, _transaction(connection, "BEGIN"):
                version = _schema.version_of(connection, self.path)
                if version == 0:
                    yield None
                elif version == _schema.CURRENT:
                    yield connection
                else:
                    with _brought_up(connection, version) as copy:
                        yield copy

    @contextmanager
    def writing(self, *, create: bool = False, durable: bool = True) -> Iterator[Connection]:
        """One transaction: all of it is kept afterwards, or nothing is.

        With `durable` it is on the disk, and so is all that was written before. Without, the
        operating system has it: it outlives a kill, not a power cut.
        """
        with self._turn, _in_our_words(self.path):
            if create:
                self._make_file()
            if not is_there(self.path):
                raise no_ledger(self.path)
            with self._connection() as connection:
                # Only a log is whole without a sync, and only a kept connection syncs it later.
                loose = not durable and self._holding and _is_wal(connection)
                _set_sync(connection, full=not loose)
                with _transaction(connection, "BEGIN IMMEDIATE"):
                    self._prepare(connection, create=create)
                    yield connection
                self._loose = loose
                _to_wal(connection)

    def _make_file(self) -> None:
        # It holds prompts: for the owner's eyes only, from the first moment on.
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))

    def _prepare(self, connection: Connection, *, create: bool) -> None:
        version = _schema.version_of(connection, self.path)
        if version == 0:
            if not create:
                raise no_ledger(self.path)
            _schema.create(connection)
        elif version < _schema.CURRENT:
            _schema.migrate(connection, version)

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        if self._held is not None:
            yield self._held
            return
        connection = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?{_access(self.path)}",
            uri=True,
            timeout=_PATIENCE,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            yield connection
            if self._holding:
                self._held = connection
        finally:
            if self._held is not connection:
                connection.close()


@contextmanager
def _brought_up(connection: Connection, version: int) -> Iterator[Connection]:
    # A plan must not write, so an older ledger is migrated in memory.
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as copy:
        connection.backup(copy)
        _schema.migrate(copy, version)
        yield copy


def _access(path: Path) -> str:
    """How to open the file: never creating it, and readable from a read-only checkout too."""
    if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK):
        return "mode=rw"
    # SQLite wants to make its -shm file even to read. Without a -wal file nothing is lost if not.
    return "mode=ro" if Path(f"{path}-wal").exists() else "mode=ro&immutable=1"


def _is_wal(connection: Connection) -> bool:
    (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    return bool(mode == "wal")


def _to_wal(connection: Connection) -> None:
    # Readers do not wait for writers then. The file remembers it; where somebody reads at this
    # very moment, the next writer does it.
    with suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA journal_mode = WAL")


def _set_sync(connection: Connection, *, full: bool) -> None:
    connection.execute(f"PRAGMA synchronous = {'FULL' if full else 'NORMAL'}")


@contextmanager
def _transaction(connection: Connection, begin: str) -> Iterator[None]:
    connection.execute(begin)
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def no_ledger(path: Path) -> LedgerError:
    return LedgerError(f"there is no ledger in {path} yet", hint="the first apply makes it")


@contextmanager
def _in_our_words(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise _translated(path, error) from error
    except OSError as error:
        raise unusable(path, error) from error


@contextmanager
def contents_understood(path: Path) -> Iterator[None]:
    """What is not as we write it is damage."""
    try:
        yield
    except (ValueError, KeyError, TypeError, zlib.error) as error:
        raise _damaged(path, f"a row can not be understood ({error!r})") from error


def _translated(path: Path, error: sqlite3.Error) -> LedgerError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _DAMAGE:
        return _damaged(path, str(error))
    if code in _BUSY:
        return LedgerError(
            f"the ledger {path} is busy: {error}", hint="another process writes to it; try again"
        )
    return LedgerError(
        f"the ledger {path} can not be used: {error}",
        hint="check the folder's free space and permissions",
    )


def _damaged(path: Path, why: str) -> LedgerError:
    return LedgerError(
        f"the ledger {path} is damaged: {why}",
        hint="nothing was changed; put back a copy of the file, or move it away: agents are then "
        "found again by their names, without the memory of what was applied",
    )
