"""Specs once more: for the places in them, and where a cache has lost what it knew of them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reconciler.errors import Position, UsageError
from reconciler.model.desired import DesiredAgent
from reconciler.model.values import Path
from reconciler.specs.caching import Entry
from reconciler.specs.discovery import Found
from reconciler.specs.files import Files
from reconciler.specs.rests import Rests

if TYPE_CHECKING:
    from reconciler.specs.layers import Merged
    from reconciler.specs.loaded import LoadedProject
    from reconciler.specs.reading import Reader


@dataclass(slots=True, eq=False, repr=False)
class Again:
    """`files` and `found` are those of the first time."""

    loaded: "LoadedProject"
    environment: str
    files: Files
    found: Found
    rests: Rests
    desired: "Callable[[Merged], DesiredAgent]" = field(kw_only=True)
    reader: "Callable[[], Reader]" = field(kw_only=True)
    _latest: "Merged | None" = field(default=None, init=False)

    def locate(self, key: str, steps: Path) -> Position | None:
        """Where a value was written; None where the file is another by now."""
        try:
            return self.merged(key).locate(steps)
        except LookupError:
            return None

    def merged(self, key: str) -> "Merged":
        """With its places. Who asks for one place asks for the next. Raises LookupError."""
        if self._latest is None or self._latest.key != key:
            self._latest = self.reader().read(key, self.found.specs[key]).merged
        if self._latest is None:
            raise LookupError(key)
        return self._latest

    def agent(self, key: str, entry: Entry) -> DesiredAgent:
        """What an entry stood for, which another process has replaced since we looked.

        Of the very files that it rests on, so that its mark is still right. Raises UsageError where
        they are others by now.
        """
        from reconciler.specs.reading import Reader  # noqa: PLC0415  # hardly ever

        files = Files(self.loaded.folder)
        known = {**self.rests.shared, **entry.head["rests"]}
        if Rests(files, str(self.loaded.folder)).hold(known):
            reader = Reader(self.loaded, self.environment, files, self.found.defaults)
            merged = reader.read(key, self.found.specs[key]).merged
            if merged is not None:
                return self.desired(merged)
        name = self.files.name(self.found.specs[key])
        raise UsageError(f"{name} was changed while it was read", hint="run it again")
