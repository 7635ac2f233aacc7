"""Which specs have probably changed: by size and time, which is quick to see and proves nothing.

It lets a helper begin with them while the contents are still being looked at, which decide.
"""

import os
from collections.abc import Mapping
from typing import Any, Final

from reconciler.specs.caching import Cache, packed

STATED: Final = "/stated"
"""The entry of no spec: a key does not begin so."""

_MOST: Final = 20
"""More are no edit but another checkout, in which every time is new."""


class Suspects:
    """The spec files of one environment, by key; `cache` knows how they were."""

    def __init__(self, cache: Cache, specs: Mapping[str, str]) -> None:
        self._cache = cache
        entry = cache.get(STATED)
        self._before: dict[str, Any] = entry.head if entry is not None else {}
        self._now = {key: _stated(path) for key, path in specs.items()} if cache.active else {}

    def keys(self) -> list[str]:
        """Few or none, sorted."""
        changed = [key for key, now in sorted(self._now.items()) if self._before.get(key) != now]
        return changed if len(changed) <= _MOST else []

    def remember(self) -> None:
        """How they are now."""
        if self._now != self._before:
            self._cache.put(STATED, packed(self._now))


def _stated(path: str) -> list[int]:
    try:
        status = os.stat(path)  # noqa: PTH116  # faster, for a thousand files
    except OSError:
        return []
    return [status.st_size, status.st_mtime_ns]
