"""The SQLite file: one row an agent, its documents as JSON; one row a call.

Every write is one transaction that takes the write lock before it reads, so that names and trunks
stay unique with two processes on one file. The write-ahead log keeps what was committed when a
process is killed. The answer is stored beside the document, since a list of a thousand agents is
then one query and a join of texts.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from reconciler.nouns import noun

_LOCK_WAIT_S = 30.0
_TRIES = 1000
_VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS agents (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    organisation TEXT NOT NULL,
    name TEXT NOT NULL,
    inbound_trunk TEXT,
    document TEXT NOT NULL,
    runtime_key TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    deleted_at TEXT,
    era TEXT NOT NULL,
    answer TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS agents_by_name ON agents (organisation, name);
CREATE INDEX IF NOT EXISTS agents_by_trunk ON agents (organisation, inbound_trunk);
CREATE TABLE IF NOT EXISTS calls (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    agent_id TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at TEXT NOT NULL,
    record TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS calls_by_agent ON calls (agent_id, created_at);
"""
_COLUMNS = (
    "id, organisation, document, runtime_key, created_at, updated_at, deleted_at, era, answer"
)


@noun(kw_only=True)
class Record:
    """A stored agent. `runtime_key` is a digest; the document's secrets are digests as well."""

    id: str
    organisation: str
    document: dict[str, Any]
    runtime_key: str | None
    created_at: str
    updated_at: str
    deleted_at: str | None = None


@noun
class Row:
    """A stored agent whose document is not read yet: its answer may be all that is needed."""

    columns: tuple[Any, ...]

    @property
    def record(self) -> Record:
        agent_id, organisation, document, key, created, updated, deleted, _, _ = self.columns
        return Record(
            id=agent_id,
            organisation=organisation,
            document=json.loads(document),
            runtime_key=key,
            created_at=created,
            updated_at=updated,
            deleted_at=deleted,
        )

    def answer_of(self, era: str) -> str | None:
        return self.columns[-1] if self.columns[-2] == era else None


class Store:
    def __init__(self, database: Path) -> None:
        self._lock = threading.RLock()
        self._connection = _opened(database)
        # An application in-process has no end of its own: the connection goes when it does.
        self.close = weakref.finalize(self, self._connection.close)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the file's write lock; commit at the end, take everything back on an error."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def agents(self, organisation: str) -> list[Row]:
        """Return the agents of an organisation that are not deleted, in creation order."""
        return self._rows("organisation = ? AND deleted_at IS NULL ORDER BY seq", organisation)

    def everyones_agents(self) -> list[Row]:
        """Return the agents of all organisations, in creation order."""
        return self._rows("deleted_at IS NULL ORDER BY seq")

    def agent(self, agent_id: str, organisation: str | None = None) -> Row | None:
        """Return an agent that is not deleted; without an organisation, any one's."""
        where = "id = ? AND deleted_at IS NULL AND organisation = ifnull(?, organisation)"
        return next(iter(self._rows(where, agent_id, organisation)), None)

    def name_is_taken(self, organisation: str, name: str, *, besides: str) -> bool:
        where = "organisation = ? AND name = ? AND id <> ? AND deleted_at IS NULL"
        return bool(self._rows(where, organisation, name, besides))

    def trunk_is_taken(self, organisation: str, trunk: str, *, besides: str) -> bool:
        where = "organisation = ? AND inbound_trunk = ? AND id <> ? AND deleted_at IS NULL"
        return bool(self._rows(where, organisation, trunk, besides))

    def insert(self, record: Record, *, era: str, answer: str) -> None:
        self._execute(
            "INSERT INTO agents (id, organisation, created_at, name, inbound_trunk, document,"
            " runtime_key, updated_at, deleted_at, era, answer)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (record.id, record.organisation, record.created_at, *_values(record, era, answer)),
        )

    def update(self, record: Record, *, era: str, answer: str) -> None:
        self._execute(
            "UPDATE agents SET name = ?, inbound_trunk = ?, document = ?, runtime_key = ?,"
            " updated_at = ?, deleted_at = ?, era = ?, answer = ? WHERE id = ?",
            (*_values(record, era, answer), record.id),
        )

    def insert_call(self, call: dict[str, Any]) -> None:
        self._execute(
            "INSERT INTO calls (id, agent_id, status, created_at, record) VALUES (?, ?, ?, ?, ?)",
            (call["id"], call["agent_id"], call["status"], call["created_at"], json.dumps(call)),
        )

    def calls(self, agent_id: str, status: str | None) -> list[dict[str, Any]]:
        """Return an agent's calls, newest first."""
        rows = self._execute(
            "SELECT record FROM calls WHERE agent_id = ? AND status = ifnull(?, status)"
            " ORDER BY created_at DESC, seq DESC",
            (agent_id, status),
        )
        return [json.loads(record) for (record,) in rows]

    def _rows(self, where: str, *values: str | None) -> list[Row]:
        query = f"SELECT {_COLUMNS} FROM agents WHERE {where}"  # noqa: S608  # constant texts
        return [Row(columns) for columns in self._execute(query, values)]

    def _execute(self, statement: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(statement, values).fetchall()


def _values(record: Record, era: str, answer: str) -> tuple[Any, ...]:
    document = record.document
    return (
        document["name"],
        document["sip_inbound_trunk_id"],
        json.dumps(document),
        record.runtime_key,
        record.updated_at,
        record.deleted_at,
        era,
        answer,
    )


def _opened(database: Path) -> sqlite3.Connection:
    database.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(
        database, timeout=_LOCK_WAIT_S, isolation_level=None, check_same_thread=False
    )
    try:
        _prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    # Enough against a killed process; only a crash of the machine could lose the last writes.
    connection.execute("PRAGMA synchronous = NORMAL")
    _use_write_ahead_log(connection)
    if connection.execute("PRAGMA user_version").fetchone() != (_VERSION,):
        connection.executescript(f"BEGIN IMMEDIATE;{_SCHEMA}PRAGMA user_version={_VERSION};COMMIT")


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    # Two processes that make the file at once lock each other out here, and SQLite does not wait.
    for _ in range(_TRIES):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            time.sleep(_LOCK_WAIT_S / _TRIES)
        else:
            return
    connection.execute("PRAGMA journal_mode = WAL")


def reset(database: Path) -> None:
    """Empty the file in place: a process that has it open sees an empty API, not a lost file."""
    if not database.exists():
        return
    try:
        store = Store(database)
    except sqlite3.OperationalError:
        raise  # the file is fine, it is only out of reach or locked
    except sqlite3.DatabaseError:
        database.unlink()  # no database at all: there is nothing to empty, and nobody can use it
        return
    try:
        with store.writing():
            store._execute("DELETE FROM agents", ())  # noqa: SLF001  # the same module
            store._execute("DELETE FROM calls", ())  # noqa: SLF001  # its own maker
    finally:
        store.close()
