"""What an entry of the cache rests on: files by name, each with the hash of its content."""

import os
from collections.abc import Mapping

from reconciler.specs.files import Files, below
from reconciler.specs.fingerprint import digest


class Rests:
    """The files of one run. `shared` are those that all specs rest on, `mark` stands for them.

    Each entry names the mark beside its own files, because one that was not written anew when a
    shared file changed (its spec had an error then) must not pass for one of now.
    """

    def __init__(self, files: Files, folder: str) -> None:
        self._files = files
        self._folder = folder
        self.share({})

    def share(self, rests: Mapping[str, str | None]) -> None:
        """These are what all specs rest on."""
        self.shared = dict(rests)
        self.mark = digest(repr(sorted(self.shared.items())).encode())

    def used(self) -> dict[str, str | None]:
        """The files that were asked for last."""
        files = self._files
        return {below(path, self._folder): files.digest(path) for path in sorted(files.used)}

    def hold(self, rests: Mapping[str, str | None], own: str | None = None) -> bool:
        """Whether files are as they were, and still inside.

        A spec's `own` has been found in the specs folder, which has seen to that.
        """
        return all(
            self._files.digest(path) == known and (path == own or self._files.is_inside(path))
            for name, known in rests.items()
            for path in [os.path.join(self._folder, name)]  # noqa: PTH118  # faster
        )
