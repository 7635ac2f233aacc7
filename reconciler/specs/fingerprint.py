"""What an answer of this program rests on besides the user's files: code, libraries, Python."""

import hashlib
import os
import sys
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import reconciler

# those whose word decides what a spec means and what differs; asking `importlib.metadata` would
# take 45 ms
_LIBRARIES: Final = (
    "deepdiff",
    "jsonschema",
    "pydantic",
    "pydantic_core",
    "ruamel_yaml",
    "tzdata",
)
_CLIB: Final = ("ruamel_yaml_clib", "ruamel.yaml.clib")


def digest(*parts: bytes) -> str:
    """A hash of parts that can not run into each other."""
    made = hashlib.sha256()  # the fastest there is where processors know it, and most do
    for part in parts:
        made.update(len(part).to_bytes(8))
        made.update(part)
    return made.hexdigest()


@cache
def fingerprint() -> str | None:
    """A hash of code and versions; None where a library's version can not be told cheaply."""
    installed = _installed()
    if any(name not in installed for name in _LIBRARIES):
        return None
    used = {name: installed.get(name) for name in (*_LIBRARIES, *_CLIB)}
    parts = (sys.version, unicodedata.unidata_version, reconciler.__version__, sorted(_code()))
    return digest(repr((parts, used)).encode())


def _installed() -> dict[str, str]:
    """Versions by normalised name, from the names of `.dist-info` folders; first found counts."""
    found: dict[str, str] = {}
    for place in sys.path:
        try:
            names = os.listdir(place) if place else []  # noqa: PTH208  # faster than Path
        except OSError:
            continue
        for name in names:
            if name.endswith(".dist-info"):
                package, _, version = name.removesuffix(".dist-info").partition("-")
                found.setdefault(package.lower().replace(".", "_"), version)
    return found


def _code() -> Iterator[tuple[str, int, int]]:
    """Our own files by size and time, for those who change them without changing the version."""
    home = Path(reconciler.__file__).parent
    for folder in (".", "specs", "specs/rules", "model", "live", "ledger", "planning"):
        with os.scandir(home / folder) as entries:
            for entry in entries:
                if entry.name.endswith((".py", ".json")):
                    status = entry.stat()
                    yield f"{folder}/{entry.name}", status.st_size, status.st_mtime_ns
