"""Whether git could bring back what a file holds now."""

import os
import subprocess
from pathlib import Path

from reconciler.errors import UsageError

_HINT = "`--force` asks it nothing"


class Committed:
    """Asks git once for each folder."""

    def __init__(self) -> None:
        self._known: dict[Path, frozenset[str] | None] = {}

    def holds(self, real: str) -> bool:
        """Whether the last commit has a file (its real path) as it is.

        Outside of a checkout nobody counts on git to bring it back: True.
        """
        path = Path(real)
        if path.parent not in self._known:
            self._known[path.parent] = _committed_in(path.parent)
        names = self._known[path.parent]
        return names is None or path.name in names


def _committed_in(folder: Path) -> frozenset[str] | None:
    """The names in a folder that git has as they are; None where there is no checkout."""
    tracked = _git(folder, "ls-files", "-z", "--", ".")
    if tracked is None:
        return None
    changed = _git(folder, "diff", "--name-only", "--relative", "-z", "HEAD", "--", ".")
    if changed is None:
        return frozenset()  # nothing is committed yet
    return frozenset(tracked.split("\0")) - frozenset(changed.split("\0"))


def _git(folder: Path, *arguments: str) -> str | None:
    """What git says; None where there is no git, no checkout, or no commit."""
    environment = {**os.environ, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
    try:
        done = subprocess.run(  # noqa: S603  # fixed words, no shell
            ["git", "--literal-pathspecs", *arguments],  # noqa: S607  # git is where the path says
            cwd=folder,
            env=environment,
            capture_output=True,
            check=False,
            timeout=60,
        )
    except FileNotFoundError:
        return None  # no git, no checkout to protect
    except (OSError, subprocess.SubprocessError) as error:
        raise UsageError("git does not answer", hint=_HINT) from error
    said = done.stderr.decode("utf-8", "replace")
    if done.returncode and ("not a git repository" in said or "'HEAD'" in said):
        return None
    if done.returncode:
        reason = said.strip().splitlines()[:1] or ["it fails"]
        raise UsageError(f"git can not say what is committed: {reason[0]}", hint=_HINT)
    return os.fsdecode(done.stdout)
