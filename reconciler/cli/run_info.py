"""Who applies, from which commit: for the lock and the history."""

import getpass
import os
import secrets
import socket
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.cli.state import state_folder

if TYPE_CHECKING:
    from reconciler.model.ledger import Run

_ACTORS = ("GITHUB_ACTOR", "GITLAB_USER_LOGIN")
_COMMITS = ("GITHUB_SHA", "CI_COMMIT_SHA")
_DETAILS = {
    "run_url": ("CI_JOB_URL",),
    "pull_request": ("CI_MERGE_REQUEST_IID",),
}


def new_run(folder: Path) -> "Run":
    """A run that starts now, described from git and the CI environment."""
    from reconciler.model.ledger import Run

    now = datetime.now(UTC)
    details = {name: _first(variables) for name, variables in _DETAILS.items()}
    details |= _github()
    return Run(
        id=f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}",
        started_at=now,
        actor=_first(_ACTORS) or _user(),
        host=socket.gethostname(),
        pid=os.getpid(),
        commit=_first(_COMMITS) or _commit(folder),
        details={name: value for name, value in details.items() if value},
    )


def _first(variables: tuple[str, ...]) -> str | None:
    return next((os.environ[name] for name in variables if os.environ.get(name)), None)


def _github() -> dict[str, str | None]:
    server, repo, run = (
        os.environ.get(name) for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")
    )
    return {"run_url": f"{server}/{repo}/actions/runs/{run}"} if server and repo and run else {}


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "unknown"


def _commit(folder: Path) -> str | None:
    """The commit that is checked out, with `+` where files differ from it.

    A file that git has never seen counts in the project's folder, as it may be a spec.
    """
    new = ("ls-files", "--others", "--exclude-standard", "--directory", "--", ".")
    try:
        head = _git(folder, "rev-parse", "HEAD")
        changed = _git(folder, "status", "--porcelain", "--untracked-files=no")
        changed = changed or _git(folder, *new, f":(exclude){state_folder(folder).name}")
    except (OSError, subprocess.SubprocessError):
        return None
    return f"{head}+" if changed else head


def folder_in_repo(folder: Path) -> str:
    """Where a project lies in its git repo, as code hosts count paths; "" for its root or none."""
    try:
        return _git(folder, "rev-parse", "--show-prefix").rstrip("/")
    except (OSError, ValueError, subprocess.SubprocessError):
        return ""


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(  # noqa: S603  # fixed words, no shell
        ["git", *arguments],  # noqa: S607  # git is where the user's path says
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
        timeout=10,
    )
    return done.stdout.strip()
