"""Where the refs are: at a remote, or in this repository when it has none.

Both move refs by compare-and-swap, several at once or none.
"""

import shlex
from collections.abc import Iterable, Sequence
from threading import Event
from typing import Protocol

from reconciler.errors import LedgerError
from reconciler.ledger._git.commands import Git, masked
from reconciler.nouns import noun


@noun
class Move:
    """A ref from one object to another; None is no ref."""

    ref: str
    old: str | None
    new: str | None


class Place(Protocol):
    name: str

    def refs(self, *names: str) -> dict[str, str]:
        """What the refs point at now; the objects are here afterwards. Raises LedgerError."""
        ...

    def move(self, moves: Sequence[Move]) -> str | None:
        """None when all refs moved. A reason says nothing certain: look at the refs."""
        ...


class Remote:
    """The refs at a remote, moved by an atomic push that names what it expects."""

    def __init__(self, git: Git, name: str, pauses: Sequence[float]) -> None:
        """`pauses` are the seconds between attempts to reach a remote that does not answer."""
        self._git = git
        self._pauses = pauses
        self._url = name
        self.name = masked(name)

    def refs(self, *names: str) -> dict[str, str]:
        # What moved between listing and fetching is listed again.
        for _ in range(100):
            found = self._listed(names)
            self._refuse_to_forget(name for name in names if name not in found)
            away = self._away(found)
            if not away:
                return found
            # By id, if the server gives what a ref pointed at a moment ago; most do.
            objects = [found[ref] for ref in away]
            _, error = self._git.tried("fetch", *_FETCH, "--", self._url, *objects)
            if error is not None:
                self._tried_often("fetch", *_FETCH, "--", self._url, *away)
        raise LedgerError(f"the ledger at {self.name} moves faster than it can be read")

    def move(self, moves: Sequence[Move]) -> str | None:
        leases = [f"--force-with-lease={move.ref}:{move.old or ''}" for move in moves]
        specs = [f"{move.new or ''}:{move.ref}" for move in moves]
        output, error = self._git.tried("push", *_PUSH, *leases, "--", self._url, *specs)
        if error is None:
            return None
        refused = [line.split("\t")[-1] for line in output.splitlines() if line.startswith("!")]
        return "; ".join([*refused[:1], error])

    def _refuse_to_forget(self, missing: Iterable[str]) -> None:
        """A branch that only this repository has is a ledger of the time before the remote.

        Or one that was deleted there: either way a person must say which it is, because to act
        without memory is worse than to stop. What the remote has counts, whatever is here.
        """
        branches = [name for name in missing if name.startswith(_BRANCHES)]
        for name in Local(self._git).refs(*branches) if branches else ():
            branch = name.removeprefix(_BRANCHES)
            raise LedgerError(
                f"the ledger's branch {branch} is in this repository, but not at {self.name}",
                hint=f"if it is of the time before this remote, push it: `git push "
                f"{shlex.quote(self.name)} {name}`; if it is to be forgotten, delete it here "
                f"too: `git branch -D {branch}`",
            )

    def _listed(self, names: Sequence[str]) -> dict[str, str]:
        listed = self._tried_often("ls-remote", "--refs", "--", self._url, *names)
        pairs = (line.split("\t", 1) for line in listed.splitlines())
        return {ref: oid for oid, ref in pairs if ref in names}

    def _away(self, found: dict[str, str]) -> list[str]:
        if not found:
            return []
        given = "".join(f"{oid}\n" for oid in found.values())
        lines = self._git.run("cat-file", "--batch-check", given=given).splitlines()
        states = zip(found, lines, strict=True)
        return [ref for ref, line in states if line.endswith(" missing")]

    def _tried_often(self, *arguments: str) -> str:
        output, error = self._git.tried(*arguments)
        for pause in self._pauses:
            if error is None:
                break
            # The ref that a fetch asks for may be gone by then: nothing to wait for.
            if "couldn't find remote ref" in error:
                return ""
            Event().wait(pause)
            output, error = self._git.tried(*arguments)
        if error is not None:
            raise LedgerError(
                f"the ledger's remote {self.name} can not be read: {error}",
                hint=f"`git ls-remote {self.name}` must work here, without a question",
            )
        return output


class Local:
    """The refs of this repository itself, for projects without a remote."""

    name = "this repository"

    def __init__(self, git: Git) -> None:
        self._git = git

    def refs(self, *names: str) -> dict[str, str]:
        listed = self._git.run("for-each-ref", "--format=%(objectname) %(refname)", *names)
        pairs = (line.split(" ", 1) for line in listed.splitlines())
        return {ref: oid for oid, ref in pairs if ref in names}

    def move(self, moves: Sequence[Move]) -> str | None:
        given = "".join(_update(move) for move in moves)
        _, error = self._git.tried("update-ref", "--no-deref", "--stdin", "-z", given=given)
        return error


def _update(move: Move) -> str:
    if move.new is None:
        return f"delete {move.ref}\0{move.old}\0"
    if move.old is None:
        return f"create {move.ref}\0{move.new}\0"
    return f"update {move.ref}\0{move.new}\0{move.old}\0"


_BRANCHES = "refs/heads/"
_FETCH = (
    "--quiet",
    "--no-tags",
    "--no-prune",
    "--no-write-fetch-head",
    "--recurse-submodules=no",
    "--no-auto-gc",
)
_PUSH = (
    "--quiet",
    "--porcelain",
    "--atomic",
    "--no-verify",  # the user's pre-push hook tests the user's code
    "--no-follow-tags",
    "--no-thin",  # the server may lack a base that a shallow checkout only seems to have
    "--recurse-submodules=no",
)


def place_of(git: Git, remote: str | None, pauses: Sequence[float]) -> Place:
    """The remote named; else `origin`, or the only one; without any, this repository."""
    known = git.run("remote").split()
    if remote is not None:
        if remote in known or "/" in remote or ":" in remote:
            return Remote(git, remote, pauses)
        raise LedgerError(
            f"`ledger.remote` names {remote}, which is no remote of this repository",
            hint=f"known are: {', '.join(known) or 'none'}",
        )
    if not known:
        return Local(git)
    if "origin" in known or len(known) == 1:
        return Remote(git, "origin" if "origin" in known else known[0], pauses)
    raise LedgerError(
        f"which remote holds the ledger? This repository has {', '.join(known)}",
        hint="say it with `remote:` under `ledger:` in the project file",
    )
