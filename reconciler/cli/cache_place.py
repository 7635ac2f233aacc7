"""Where what is known of specs is remembered, and the key that it is signed with."""

import contextlib
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reconciler.specs import LoadedProject
    from reconciler.specs.caching import CachePlace

_KEY_BYTES = 32


def load_project(folder: Path) -> "LoadedProject":
    """The project of a folder, with a cache of its specs where there can be one."""
    from reconciler import specs

    return specs.load_project(folder, _place(folder / ".reconciler" / "cache.db"))


def _place(path: Path) -> "CachePlace | None":
    """None without a home folder to keep a key in: the key must not come with a repo."""
    from reconciler.specs.caching import CachePlace

    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111  # never raises
    key = _key(Path(base) / "reconciler") if os.path.isabs(base) else None  # noqa: PTH117  # as above
    return CachePlace(path, key) if key else None


def _key(folder: Path) -> bytes | None:
    path = folder / "cache.key"
    try:
        key = path.read_bytes() if path.exists() else b""
        if len(key) != _KEY_BYTES:
            path.unlink(missing_ok=True)  # cut short, by a full disk say
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(path, secrets.token_bytes(_KEY_BYTES))
            key = path.read_bytes()
    except OSError:
        return None
    return key


def _write(path: Path, key: bytes) -> None:
    """All at once: another process sees the whole key or none, and the first one wins."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, key)
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        os.close(descriptor)
        draft.unlink()
