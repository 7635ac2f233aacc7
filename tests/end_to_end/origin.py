"""A bare repository as a host keeps it, and the checkouts that people and CI make of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.ledger import repositories
from tests.program import Checkout

_PUSHED = '#!/bin/sh\necho push >> "$GIT_DIR/pushes"\n'


@dataclass
class Clone(Checkout):
    """A checkout of what somebody committed: nothing is written by opening it."""

    environment: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """The project file is there already."""

    def git(self, *arguments: str) -> str:
        return repositories.git(self.folder, *arguments)

    def commit(self, message: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        self.git("push", "--quiet", "origin", "HEAD")

    def branch(self, name: str) -> None:
        self.git("switch", "--quiet", "--create", name)

    def merge(self, name: str) -> None:
        """Merge a branch into main, as the host does when its button is pressed."""
        self.git("switch", "--quiet", "main")
        self.git("merge", "--quiet", "--no-ff", "--message", f"merge {name}", name)
        self.git("push", "--quiet", "origin", "main")


@dataclass
class Origin:
    """The remote, which counts the pushes it gets."""

    folder: Path
    remote: Path = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir()
        self.remote = repositories.bare(self.folder)
        hook = self.remote / "hooks" / "post-receive"
        hook.write_text(_PUSHED)
        hook.chmod(0o755)

    def clone(self, name: str, branch: str = "main") -> Clone:
        """Fresh and shallow, as CI makes it."""
        options = ("--depth=1", "--branch", branch)
        return Clone(repositories.fresh_clone(self.remote, self.folder / name, *options))

    def pushes(self) -> int:
        log = self.remote / "pushes"
        return len(log.read_text().splitlines()) if log.exists() else 0

    def people(self, name: str, environment: Mapping[str, Any], ledger: Mapping[str, Any]) -> Clone:
        """A person's whole clone, with the project committed."""
        clone = Clone(repositories.fresh_clone(self.remote, self.folder / name), environment)
        clone.configure(ledger=ledger)
        clone.write(".gitignore", ".reconciler/\n")
        return clone
