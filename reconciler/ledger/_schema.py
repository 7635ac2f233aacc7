"""The format of the file: its tables, its version, and the way from older versions to this one."""

from collections.abc import Callable
from pathlib import Path
from sqlite3 import Connection

from reconciler.errors import LedgerError
from reconciler.ledger._documents import stored

CURRENT = 2
"""2: history keeps each distinct document once, compressed. 1: inside each entry, as text."""

# Names our files in their header, so that a foreign SQLite file is never taken for an old ledger.
_APPLICATION_ID = 0x52434E4C

_SHARED = """
CREATE TABLE environments (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
    ledger_id TEXT NOT NULL UNIQUE, salt TEXT NOT NULL, organisation_id TEXT
);
CREATE TABLE agents (
    environment INTEGER NOT NULL REFERENCES environments, key TEXT NOT NULL,
    agent_id TEXT NOT NULL, document TEXT NOT NULL,
    PRIMARY KEY (environment, key), UNIQUE (environment, agent_id)
);
CREATE TABLE intents (
    environment INTEGER NOT NULL REFERENCES environments, key TEXT NOT NULL,
    document TEXT NOT NULL, PRIMARY KEY (environment, key)
);
CREATE TABLE runs (
    number INTEGER PRIMARY KEY, environment INTEGER NOT NULL REFERENCES environments,
    id TEXT NOT NULL, result TEXT, document TEXT NOT NULL, UNIQUE (environment, id)
);
"""

_ENTRIES = """
CREATE TABLE documents (digest TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE entries (
    number INTEGER PRIMARY KEY, environment INTEGER NOT NULL, run_id TEXT NOT NULL,
    key TEXT NOT NULL, agent_id TEXT, action TEXT NOT NULL, result TEXT NOT NULL,
    document TEXT NOT NULL, before TEXT REFERENCES documents,
    FOREIGN KEY (environment, run_id) REFERENCES runs (environment, id)
);
CREATE INDEX entries_of_run ON entries (environment, run_id);
CREATE INDEX entries_of_key ON entries (environment, key);
CREATE INDEX entries_of_agent ON entries (environment, agent_id);
"""


def version_of(connection: Connection, path: Path) -> int:
    """The format version of the file; 0 when nothing is in it yet.

    Raises LedgerError when the file is not a ledger, or one of a newer reconciler.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables == 0:
        return 0
    if application != _APPLICATION_ID:
        raise LedgerError(
            f"{path} is a SQLite database, but not a ledger",
            hint="nothing was written to it; move it away, or choose another place for the ledger",
        )
    if version > CURRENT:
        raise LedgerError(
            f"the ledger {path} has format {version}, and this reconciler knows up to {CURRENT}",
            hint="a newer reconciler wrote it: upgrade this one; nothing was changed",
        )
    return int(version)


def create(connection: Connection) -> None:
    """Make all tables, inside the caller's transaction."""
    _run(connection, _SHARED + _ENTRIES)
    connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
    mark(connection)


def mark(connection: Connection) -> None:
    """Say that the file is of the current format."""
    connection.execute(f"PRAGMA user_version = {CURRENT}")


def migrate(connection: Connection, version: int) -> None:
    """Bring an older file to the current format, inside the caller's transaction."""
    for old in range(version, CURRENT):
        _MIGRATIONS[old](connection)
    mark(connection)


def _documents_once(connection: Connection) -> None:
    rows = connection.execute(
        "SELECT number, environment, run_id, key, agent_id, action, result, document, before "
        "FROM entries ORDER BY number"
    ).fetchall()
    _run(connection, "DROP TABLE entries;" + _ENTRIES)
    for *entry, before in rows:
        digest = None if before is None else stored(connection, before)
        row = (*entry, digest)
        connection.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)


_MIGRATIONS: dict[int, Callable[[Connection], None]] = {1: _documents_once}


def _run(connection: Connection, script: str) -> None:
    # Not `executescript`: it commits first, and a migration is one transaction or nothing.
    for statement in script.split(";"):
        connection.execute(statement)
