"""Which agents a file has a say in, as the files are on disk."""

import os
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from reconciler.specs.discovery import Found, folders_above
from reconciler.specs.layers import Merged
from reconciler.specs.loaded import FILE_NAME


class Uses:
    """Files are named by their real paths; `merged` gives a spec with its layers."""

    def __init__(
        self, folder: str, found: Found, keys: Sequence[str], merged: Callable[[str], Merged]
    ) -> None:
        self._folder = folder
        self._found = found
        self._keys = keys
        self._merged = merged
        self._real: dict[str, str] = {}

    def real(self, name: str) -> str:
        """Where a file really is, by its path or the name that positions have."""
        if name not in self._real:
            path = os.path.join(self._folder, name)  # noqa: PTH118  # an absolute name stays
            self._real[name] = os.path.realpath(path)
        return self._real[name]

    def of(self, real: str) -> list[str]:
        """The keys of the agents that a file has a say in, sorted."""
        written = self._written.get(real)
        return sorted(self._named.get(real, ()) if written is None else written)

    @cached_property
    def _written(self) -> Mapping[str, set[str]]:
        """Specs, defaults, and the project file, by the agents that are made of them."""
        users: dict[str, set[str]] = defaultdict(set)
        defaults = {folder: self.real(path) for folder, path in self._found.defaults.items()}
        for key in self._keys:
            users[self.real(self._found.specs[key])].add(key)
            for folder in folders_above(key):
                if folder in defaults:
                    users[defaults[folder]].add(key)
        users[self.real(FILE_NAME)].update(self._keys)
        return users

    @cached_property
    def _named(self) -> Mapping[str, set[str]]:
        """Texts that `{file: …}` names: who wants to know must read all specs."""
        users: dict[str, set[str]] = defaultdict(set)
        for key in self._keys:
            for layer in self._merged(key).layers:
                for text in layer.texts.values():
                    users[self.real(text.name)].add(key)
        return users
