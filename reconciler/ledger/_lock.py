"""One apply at a time: a lock of the operating system, which vanishes with its holder.

Never the mere existence of a file, which outlives a kill. The file stays after use: removing it
would let two processes hold two files of one name.
"""

import errno
import hashlib
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC
from pathlib import Path
from threading import Event

from reconciler.errors import Locked
from reconciler.ledger import _codec
from reconciler.ledger._place import is_there, unusable
from reconciler.model.ledger import Run

# A lock that somebody holds is asked for again so often, so long apart (seconds): the holder may
# be about to write its name, or only be somebody who looks whether there is one.
_ATTEMPTS, _PAUSE = 10, 0.02

_open_files: set[int] = set()
"""Descriptors of held locks. A forked child gives its copies back: else it would keep the lock."""

if sys.platform == "win32":  # pragma: no cover
    import msvcrt

    def _taken(file: int) -> bool:
        # Far behind the holder's name, which stays readable for others.
        os.lseek(file, 1 << 30, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

else:
    import fcntl

    def _taken(file: int) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _give_back() -> None:
        for file in _open_files:
            os.close(file)
        _open_files.clear()

    os.register_at_fork(after_in_child=_give_back)


def lock_path(folder: Path, environment: str) -> Path:
    """The lock file of an environment; any two names have two files, also where case is ignored."""
    if re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,60}", environment):
        return folder / f"{environment}.lock"
    digest = hashlib.sha256(environment.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    readable = re.sub(r"[^a-z0-9]+", "-", environment.lower()).strip("-")[:24]
    # The dot keeps these names apart from the plain ones.
    return folder / f"{readable}.{digest}.lock"


@contextmanager
def held(path: Path, environment: str, run: Run) -> Iterator[None]:
    """Hold the lock. Raises Locked, naming the holder, and LedgerError."""
    file = _opened(path)
    _open_files.add(file)
    try:
        _acquire(file, environment)
        try:
            _write(file, _codec.run_text(run).encode("ascii"))
        except OSError as error:
            raise unusable(path, error, what="lock file") from error
        try:
            yield
        finally:
            if file in _open_files:
                with suppress(OSError):  # a name that stays is that of nobody who holds it
                    _write(file, b"")
    finally:
        # Closing is what unlocks. A forked child that comes here has given its copy back already.
        if file in _open_files:
            _open_files.discard(file)
            os.close(file)


def holder(path: Path) -> Run | None:
    """Who holds the lock now; None when nobody does, or one who has not written its name yet."""
    try:
        if not is_there(path):
            return None
        file = _looked_into(path)
    except OSError as error:
        raise unusable(path, error, what="lock file") from error
    try:
        return None if _taken(file) else _read(file)
    finally:
        os.close(file)


def _looked_into(path: Path) -> int:
    """A lock file to look at; where nobody may write, reading is enough."""
    try:
        return os.open(path, os.O_RDWR)
    except OSError as error:
        if error.errno not in {errno.EROFS, errno.EACCES, errno.EPERM}:
            raise
        return os.open(path, os.O_RDONLY)


def _opened(path: Path) -> int:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Python's descriptors close on exec, so no program that we start keeps the lock.
        return os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise unusable(path, error, what="lock file") from error


def _acquire(file: int, environment: str) -> None:
    pause = Event()
    for _ in range(_ATTEMPTS):
        if _taken(file):
            return
        pause.wait(_PAUSE)
    raise refusal(
        environment,
        _read(file),
        "wait until it ends; its lock goes with its process, so a dead one never holds it",
    )


def refusal(environment: str, run: Run | None, hint: str) -> Locked:
    """Who holds the environment, and since when."""
    return Locked(f"another apply holds environment {environment}: {_described(run)}", hint=hint)


def _described(run: Run | None) -> str:
    if run is None:
        return "it has only just begun"
    commit = f", commit {run.commit[:12]}" if run.commit else ""
    since = f"{run.started_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    return f"{run.actor} on {run.host}, process {run.pid}{commit}, since {since}"


def _write(file: int, text: bytes) -> None:
    os.ftruncate(file, 0)
    os.lseek(file, 0, os.SEEK_SET)
    os.write(file, text)


def _read(file: int) -> Run | None:
    os.lseek(file, 0, os.SEEK_SET)
    # Half a name is no name: the holder may be writing it.
    with suppress(ValueError, KeyError, TypeError):
        return _codec.run_from(os.read(file, 1 << 20).decode("ascii"))
    return None
