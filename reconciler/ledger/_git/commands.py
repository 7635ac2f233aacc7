"""Running git, and its errors in our words."""

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

from reconciler.errors import LedgerError

# Seconds. A push that takes longer has failed; if it takes effect after all, it is found out.
_PATIENCE = 100.0

_CREDENTIALS = re.compile(r"(\w+://)[^/\s]*@")
_TELLING = ("remote: ", "fatal: ", "error: ")
_EMPTY = ("remote: error:", "error: failed to push some refs")


class Git:
    """git in one folder of the user's repository, with its configuration and credentials."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def run(self, *arguments: str, given: str = "") -> str:
        """What git writes to standard output. Raises LedgerError when it fails."""
        output, error = self.tried(*arguments, given=given)
        if error is not None:
            raise LedgerError(f"git {_verb(arguments)} failed: {error}")
        return output

    def bytes_of(self, objects: Iterable[str]) -> bytes:
        """`git cat-file --batch`: for each object a line with its size, its content, a line end."""
        given = "".join(f"{name}\n" for name in objects)
        output, error = self._done("cat-file", "--batch", given=given)
        if error is not None:
            raise LedgerError(f"git cat-file failed: {error}")
        return output

    def tried(self, *arguments: str, given: str = "") -> tuple[str, str | None]:
        """Standard output, and what went wrong, if anything did."""
        output, error = self._done(*arguments, given=given)
        return output.decode("utf-8", "replace"), error

    def _done(self, *arguments: str, given: str) -> tuple[bytes, str | None]:
        command = ["git", "-C", str(self._folder), *_SETTINGS, *arguments]
        try:
            # A session of its own: Ctrl-C on our terminal must not cut a push, and a question
            # on the terminal fails at once, where it would hang an apply.
            done = subprocess.run(  # noqa: S603  # no shell; refs and oids are ours
                command,
                input=given.encode("utf-8", "surrogateescape"),
                capture_output=True,
                timeout=_PATIENCE,
                start_new_session=True,
                check=False,
            )
        except FileNotFoundError as error:
            raise LedgerError("git is not installed", hint="install git 2.29 or newer") from error
        except subprocess.TimeoutExpired:
            return b"", f"no answer for {_PATIENCE:.0f} seconds"
        if done.returncode == 0:
            return done.stdout, None
        return done.stdout, _essence(done.stderr, done.returncode)


# The name is for commits only, and the user's own, where git knows it, is not needed: the run in
# the ledger says who it was. Nothing may tidy the user's repository while we are at it. A pack
# appears all at once: unpacked, a commit is there before its files, and a plan that runs beside
# ours would take the branch for damaged.
_SETTINGS = (
    "-c",
    "user.name=reconciler",
    "-c",
    "user.email=reconciler@localhost",
    "-c",
    "gc.auto=0",
    "-c",
    "fetch.unpackLimit=1",
    "-c",
    "maintenance.auto=false",
    "-c",
    "core.quotePath=true",
)


def _verb(arguments: tuple[str, ...]) -> str:
    return arguments[0]


def masked(text: str) -> str:
    """Without the credentials that a URL may hold."""
    return _CREDENTIALS.sub(r"\1***@", text)


def _essence(stderr: bytes, code: int) -> str:
    """The lines of git's many that say why; without credentials and control characters."""
    text = masked(stderr.decode("utf-8", "replace"))
    printable = "".join(c if c.isprintable() or c == "\n" else " " for c in text)
    lines = [" ".join(line.split()) for line in printable.splitlines() if line.strip()]
    told = [line for line in lines if not line.startswith(_EMPTY)]
    firsts = (next((n for n in told if n.startswith(start)), None) for start in _TELLING)
    found = [line for line in firsts if line is not None]
    return "; ".join(found) or (lines[-1] if lines else f"exit code {code}")
