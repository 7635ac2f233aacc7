"""What `doctor` asks git: the repo of the project, and the remote of a git ledger."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from reconciler.cli.root import Options
from reconciler.cli.run_info import _git
from reconciler.nouns import noun

if TYPE_CHECKING:
    from reconciler.model.project import LedgerConfig

Status = Literal["ok", "warn", "fail"]

_GIT_ERRORS: Final = (OSError, subprocess.SubprocessError)


@noun
class Check:
    """One thing looked at; `fix` says what to do about it."""

    check: str
    status: Status
    message: str
    fix: str | None = None


def repo_checks(options: Options, *, needed: bool) -> Iterator[Check]:
    bad: Status = "fail" if needed else "warn"
    try:
        version = _git(options.folder, "--version")
    except _GIT_ERRORS:
        yield Check("git", bad, "git does not run", "install git 2.29 or newer")
        return
    try:
        shallow = _git(options.folder, "rev-parse", "--is-shallow-repository") == "true"
        _git(options.folder, "rev-parse", "--verify", "HEAD")
    except _GIT_ERRORS:
        fix = "`git init`, commit; in a container `git config safe.directory` may be missing"
        yield Check("git", bad, "the project is in no git repo with a commit", fix)
        return
    depth = "a shallow checkout, deep enough for the commit of a run" if shallow else "full history"
    yield Check("git", "ok", f"{version}, {depth}")
    yield _ignored(options)


def _ignored(options: Options) -> Check:
    try:
        _git(options.folder, "check-ignore", "-q", ".reconciler/ledger.db")
    except _GIT_ERRORS:
        fix = "add the line `.reconciler/` to .gitignore"
        message = "git does not ignore `.reconciler/`: ledger and sandbox could be committed"
        return Check("ignored files", "fail", message, fix)
    return Check("ignored files", "ok", "git ignores `.reconciler/`")


def ledger_remote_checks(config: "LedgerConfig", options: Options) -> Iterator[Check]:
    """A push that is not made shows whether it may be; who may read shows who reads prompts."""
    from reconciler.hosting.probes import is_public

    name = config.remote or "origin"
    try:
        remote = _git(options.folder, "remote", "get-url", name)
    except _GIT_ERRORS:
        if ":" not in name and "/" not in name:
            message = f"there is no remote {name}: only this checkout remembers what was applied"
            yield Check("ledger remote", "warn", message, f"`git remote add {name} URL`")
            return
        remote = name
    branch = f"{config.branch or 'reconciler-ledger'}/doctor"
    if _may_push(options.folder, remote, branch):
        yield Check("ledger remote", "ok", "pushing the ledger's branch is allowed")
    else:
        fix = (
            "check the credentials; on GitHub the job needs `permissions: {contents: write}` to "
            "apply (a plan and a drift check only read)"
        )
        yield Check("ledger remote", "warn", "a push of the ledger's branch would fail", fix)
    public = is_public(remote)
    if public:
        fix = "make the repo private, or keep the ledger in PostgreSQL"
        message = "anybody can read this repo, and the ledger's branch holds prompts"
        yield Check("ledger privacy", "warn", message, fix)
    elif public is not None:
        yield Check("ledger privacy", "ok", "the repo is not public")


def _may_push(folder: Path, remote: str, branch: str) -> bool:
    """Whether the server takes this push, as far as it says so before anything is sent."""
    command = ["git", "push", "--dry-run", "--no-verify", "--", remote, f"HEAD:refs/heads/{branch}"]
    try:
        # In a session of its own, so that nobody is asked for a password on the terminal.
        done = subprocess.run(  # noqa: S603  # no shell
            command,
            cwd=folder,
            env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
            check=False,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            timeout=30,
        )
    except _GIT_ERRORS:
        return False
    return done.returncode == 0
