"""What the last look at an environment found, in the cache of its project (`model.memo`)."""

from pathlib import Path
from typing import Any

from reconciler.specs.caching import Cache, CachePlace, packed
from reconciler.specs.fingerprint import digest, fingerprint
from reconciler.specs.loaded import LoadedProject


class LastLook:
    """A `Memo`. It rests on our code, the libraries, Python and the project file.

    `address` is what it can be made of again, in another process.
    """

    def __init__(self, path: str, key: str, name: str, context: str) -> None:
        self.address = (path, key, name, context)
        self._cache = Cache(CachePlace(Path(path), bytes.fromhex(key)), name, context)

    def get(self, name: str) -> Any:
        entry = self._cache.get(name)
        return None if entry is None else entry.head["value"]

    def put(self, name: str, value: Any) -> None:
        self._cache.put(name, packed({"value": value}))

    def save(self) -> None:
        self._cache.save()


def last_look(loaded: LoadedProject, environment: str) -> LastLook | None:
    """The memo of one environment; None where a project has no cache."""
    if loaded.cache is None or (code := fingerprint()) is None:
        return None
    context = digest(code.encode(), loaded.digest.encode())
    # No environment has such a name: what is kept of its specs stands apart.
    place = loaded.cache
    return LastLook(str(place.path), place.key.hex(), f"{environment}:look", context)
