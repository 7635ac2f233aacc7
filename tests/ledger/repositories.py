"""Real git repositories for the tests of the git ledger."""

import subprocess
from pathlib import Path


def git(folder: Path, *arguments: str) -> str:
    """What git says, without the surrounding white space."""
    command = [
        *("git", "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@t"),
        *("-c", "init.defaultBranch=main", *arguments),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def bare(folder: Path) -> Path:
    """A bare repository with three commits on main, as a host keeps it."""
    work = alone(folder / "work")
    for number in range(2):
        git(work, "commit", "--allow-empty", "-m", f"commit {number}")
    git(folder, "clone", "--quiet", "--bare", "work", "remote.git")
    git(folder / "remote.git", "remote", "remove", "origin")
    return folder / "remote.git"


def alone(folder: Path) -> Path:
    """A repository without a remote."""
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet")
    (folder / "README").write_text("specs live here")
    git(folder, "add", "README")
    git(folder, "commit", "--quiet", "-m", "first")
    return folder


def fresh_clone(remote: Path, folder: Path, *arguments: str) -> Path:
    """A checkout as CI makes it: nothing of ours configured. A URL, so that depth counts."""
    git(remote, "clone", "--quiet", *arguments, f"file://{remote}", str(folder))
    return folder


def refs(folder: Path) -> list[str]:
    return git(folder, "for-each-ref", "--format=%(refname)").split()
