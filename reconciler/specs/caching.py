"""What is known of spec files that have not changed since they were last read.

An entry is the whole outcome of one spec for one environment: the desired agent and its warnings.
It holds for as long as everything it rests on is the same, by content: the spec, the texts it
names, all that specs share (project file, folder defaults and their texts), the environment, our
own code, the libraries and Python. Only specs without errors are kept, so whatever is wrong is
always found anew.

Nothing here fails. A file that is damaged, locked, read-only or of another format is no cache. An
entry is signed with a key that stands outside the project, so that nobody can slip one into a
repo; the signature tells damage as well, so nothing waits for the disk. Of a database that is not
just as we make it nothing is asked, and a link leads nowhere.
"""

import contextlib
import hashlib
import hmac
import json
import os
import sqlite3
from collections.abc import Callable, Collection, Iterator
from dataclasses import field
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from reconciler.model.values import Document
from reconciler.nouns import noun

_SIZE: Final = 4  # bytes that tell the length of a head
_HASH: Final = 32  # bytes of the hash of a rest
_PATIENCE: Final = 0.2  # seconds to wait for another process: reading anew takes little longer
_WORTH_A_FOLDER: Final = 20
_LARGEST: Final = 1 << 24
_SCHEMA: Final = (
    "CREATE TABLE entries /* format 4 */ "
    "(environment TEXT, key TEXT, head BLOB, mac BLOB, rest BLOB, PRIMARY KEY (environment, key))"
)


@noun
class CachePlace:
    """Where a project's cache is, and the key that its entries are signed with."""

    path: Path
    key: bytes = field(repr=False)


class Entry(NamedTuple):
    """What is known under a key: a head, to be looked at each time, and the rest, JSON for later.

    The mark stands for both, and for the context; without a cache there is none. `rest` raises
    LookupError when it is gone, because another process has written another one meanwhile.
    """

    head: Document
    rest: Callable[[], bytes]
    mark: str | None


class _Row(NamedTuple):
    """An entry as it is kept. Its head is signed, and begins with a hash of the rest."""

    head: bytes
    mac: bytes
    rest: bytes = b""


class Cache:
    """The entries of one environment whose `context` is that of now; `put` keeps new ones.

    `context` stands for everything that all entries rest on. The entry of `""` is about what
    specs share.
    """

    def __init__(self, place: CachePlace | None, environment: str, context: str) -> None:
        self._place = place
        self._environment = environment
        self._context = context
        self._rows: dict[str, _Row] = {}
        self._new: dict[str, _Row] = {}
        if place is not None and _is_file(place.path):
            found = _read(place.path, "SELECT key, head, mac", environment)
            self._rows = {key: _Row(head, mac) for key, head, mac in found}

    @property
    def active(self) -> bool:
        return self._place is not None

    def get(self, key: str) -> Entry | None:
        """What was put under a key, if it is ours and of this context."""
        row = self._rows.pop(key, None)
        if row is None or not hmac.compare_digest(row.mac, self._mac(key, row.head)):
            return None
        return _entry(row, partial(self._rest, key, row.head[:_HASH]))

    def put(self, key: str, body: bytes) -> Entry:
        """Keep an entry, given as `packed`; written by `save`."""
        end = _SIZE + int.from_bytes(body[:_SIZE])
        rest = body[end:]
        head = _hash(rest) + body[_SIZE:end]
        row = _Row(head, self._mac(key, head) if self.active else b"", rest)
        if self.active and len(body) <= _LARGEST:
            self._new[key] = row
        return _entry(row, lambda: rest)

    def save(self, keys: Collection[str] | None = None) -> None:
        """Write what is new; where `keys` are all that there are, drop entries of others."""
        stale = set() if keys is None else self._rows.keys() - keys - {""}
        if self._place is None or not (self._new or stale):
            return
        if len(self._new) < _WORTH_A_FOLDER and not self._place.path.parent.is_dir():
            return  # who checks a few specs gets no folder that was not there
        rows = [(self._environment, key, *row) for key, row in self._new.items()]
        gone = [(self._environment, key) for key in stale]
        with contextlib.suppress(sqlite3.Error, OSError):
            _write(self._place.path, rows, gone)
            self._new = {}

    def _mac(self, key: str, head: bytes) -> bytes:
        assert self._place is not None
        mac = hashlib.blake2b(key=self._place.key, digest_size=16)
        mac.update(f"{self._context}\0{self._environment}\0{key}\0".encode())
        mac.update(head)
        return mac.digest()

    def _rest(self, key: str, known: bytes) -> bytes:
        found = self._rests.get(key)
        if found is None or _hash(found) != known:
            raise LookupError(key)
        return found

    @cached_property
    def _rests(self) -> dict[str, bytes]:
        """Read together, and only when somebody asks for one: they are most of what is kept."""
        assert self._place is not None
        return dict(_read(self._place.path, "SELECT key, rest", self._environment))


def packed(head: Document, rest: bytes = b"") -> bytes:
    """An entry as it travels."""
    text = json.dumps(head).encode()
    return len(text).to_bytes(_SIZE) + text + rest


def _entry(row: _Row, rest: Callable[[], bytes]) -> Entry:
    return Entry(json.loads(row.head[_HASH:]), rest, row.mac.hex() or None)


def _hash(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


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


def _is_file(path: Path) -> bool:
    """And no link, which could lead to the ledger of another project. Never raises."""
    return os.path.isfile(path) and not os.path.islink(path)  # noqa: PTH113, PTH114  # see above


def _schema(database: sqlite3.Connection) -> list[str]:
    """All that it is made of; a view, say, could have us count for ever."""
    found = database.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
    return [sql for (sql,) in found]


def _read(path: Path, select: str, environment: str) -> list[tuple[Any, ...]]:
    """The rows of an environment, all of text and bytes as we write them."""
    try:
        with _database(path) as database:
            if _schema(database) != [_SCHEMA]:
                return []
            query = f"{select} FROM entries WHERE environment = ?"
            found = database.execute(query, (environment,)).fetchall()
    except sqlite3.OperationalError:
        return []  # locked, or not to be read
    except sqlite3.Error:
        with contextlib.suppress(OSError):
            path.unlink()  # damaged: `save` makes a new one
        return []
    return [
        row for row in found if type(row[0]) is str and all(type(each) is bytes for each in row[1:])
    ]


def _write(
    path: Path, rows: list[tuple[str, str, bytes, bytes, bytes]], gone: list[tuple[str, str]]
) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if path.is_symlink() or not _is_written(path, rows, gone):
        path.unlink()
        _is_written(path, rows, gone)


def _is_written(
    path: Path, rows: list[tuple[str, str, bytes, bytes, bytes]], gone: list[tuple[str, str]]
) -> bool:
    """Whether it is a database of ours, or was none yet."""
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # it holds prompts
    with _database(path) as database:
        database.execute("BEGIN IMMEDIATE")
        found = _schema(database)
        if found not in ([], [_SCHEMA]):
            return False
        if not found:
            database.execute(_SCHEMA)
        database.executemany("DELETE FROM entries WHERE environment = ? AND key = ?", gone)
        database.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?)", rows)
        database.execute("COMMIT")
    return True
