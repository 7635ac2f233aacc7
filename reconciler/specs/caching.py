"""What is known of spec files that have not changed since they were last read.

An entry is the whole outcome of one spec for one environment: the desired agent and its warnings.
It holds for as long as everything it rests on is the same, by content: the spec, the texts it
names, all that specs share (project file, folder defaults and their texts), the environment, our
own code, the libraries and Python. Only specs without errors are kept, so whatever is wrong is
always found anew.

Nothing here fails. A file that is damaged, locked, read-only or of another version is no cache. An
entry is signed with a key that stands outside the project, so that nobody can slip one into a
repo; the signature tells damage as well, so nothing waits for the disk.
"""

import contextlib
import hashlib
import hmac
import os
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pydantic_core import from_json, to_json

_FORMAT: Final = 1
_PATIENCE: Final = 0.2  # seconds to wait for another process: reading anew takes little longer
_WORTH_A_FOLDER: Final = 20
_LARGEST: Final = 1 << 20
_SCHEMA: Final = (
    "CREATE TABLE IF NOT EXISTS entries "
    "(environment TEXT, key TEXT, body BLOB, mac BLOB, PRIMARY KEY (environment, key))"
)


@dataclass(frozen=True, slots=True)
class CachePlace:
    """Where a project's cache is, and the key that its entries are signed with."""

    path: Path
    key: bytes = field(repr=False)


class Cache:
    """The entries of one environment whose `context` is that of now; `put` keeps new ones.

    `context` stands for everything that all entries rest on. The entry of `""` is about what
    specs share.
    """

    def __init__(self, place: CachePlace | None, environment: str, context: str) -> None:
        self._place = place
        self._environment = environment
        self._context = context
        self._rows: dict[str, tuple[bytes, bytes]] = {}
        self._new: dict[str, bytes] = {}
        if place is not None and place.path.exists():
            self._rows = _read(place.path, environment)

    @property
    def active(self) -> bool:
        return self._place is not None

    def get(self, key: str) -> Mapping[str, Any] | None:
        """What was put under a key, if it is ours and of this context."""
        row = self._rows.pop(key, None)
        if row is None or not hmac.compare_digest(row[1], self._mac(key, row[0])):
            return None
        try:
            found = from_json(row[0], cache_strings="keys")
        except ValueError:
            return None
        return found if found.pop("context", None) == self._context else None

    def body(self, entry: Mapping[str, Any]) -> bytes:
        """An entry as it is kept."""
        return to_json({"context": self._context, **entry})

    def put(self, key: str, entry: Mapping[str, Any]) -> None:
        """Keep an entry; written by `save`."""
        self._put(key, self.body(entry))

    def keep(self, key: str, body: bytes) -> Mapping[str, Any]:
        """The entry that a body of our own making is; kept like one that is put."""
        self._put(key, body)
        found: Mapping[str, Any] = from_json(body, cache_strings="keys")
        return found

    def _put(self, key: str, body: bytes) -> None:
        if self.active and len(body) <= _LARGEST:
            self._new[key] = body

    def save(self, keys: set[str]) -> None:
        """Write what is new, and drop entries of keys that are no more."""
        stale = self._rows.keys() - keys - {""}
        if self._place is None or not (self._new or stale):
            return
        if len(self._new) < _WORTH_A_FOLDER and not self._place.path.parent.is_dir():
            return  # who checks a few specs gets no folder that was not there
        rows = [(self._environment, k, b, self._mac(k, b)) for k, b in self._new.items()]
        gone = [(self._environment, key) for key in stale]
        with contextlib.suppress(sqlite3.Error, OSError):
            _write(self._place.path, rows, gone)

    def _mac(self, key: str, body: bytes) -> bytes:
        assert self._place is not None
        mac = hashlib.blake2b(key=self._place.key, digest_size=16)
        mac.update(f"{self._environment}\0{key}\0".encode())
        mac.update(body)
        return mac.digest()


@contextlib.contextmanager
def _database(path: Path) -> Iterator[sqlite3.Connection]:
    database = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
    try:
        # Nothing waits for the disk, and no journal stays beside the file: see above.
        database.execute("PRAGMA journal_mode = MEMORY")
        database.execute("PRAGMA synchronous = OFF")
        yield database
    finally:
        database.close()


def _read(path: Path, environment: str) -> dict[str, tuple[bytes, bytes]]:
    query = "SELECT key, body, mac FROM entries WHERE environment = ?"
    try:
        with _database(path) as database:
            found = database.execute(query, (environment,)).fetchall()
    except sqlite3.OperationalError:
        return {}  # locked, or not to be read
    except sqlite3.Error:
        with contextlib.suppress(OSError):
            path.unlink()  # damaged: `save` makes a new one
        return {}
    return {
        key: (body, mac)
        for key, body, mac in found
        if isinstance(key, str) and isinstance(body, bytes) and isinstance(mac, bytes)
    }


def _write(
    path: Path, rows: list[tuple[str, str, bytes, bytes]], gone: list[tuple[str, str]]
) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # it holds prompts
    with _database(path) as database:
        version = database.execute("PRAGMA user_version").fetchone()[0]
        database.execute("BEGIN IMMEDIATE")
        if version != _FORMAT:
            database.execute("DROP TABLE IF EXISTS entries")
            database.execute(f"PRAGMA user_version = {_FORMAT}")
        database.execute(_SCHEMA)
        database.executemany("DELETE FROM entries WHERE environment = ? AND key = ?", gone)
        database.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?)", rows)
        database.execute("COMMIT")
