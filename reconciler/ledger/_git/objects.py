"""Trees of readable files as git objects, and back."""

import json
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from reconciler.errors import LedgerError
from reconciler.ledger._codec import plain
from reconciler.ledger._git.commands import Git

Tree = Mapping[str, str]
"""The blob id of every file, by its path."""


def readable(value: object) -> str:
    """JSON for people and for git's diffs: sorted, indented, in the letters of its language."""
    text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, default=plain)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:  # a lone surrogate: only an escape can hold it
        text = json.dumps(value, indent=2, sort_keys=True, default=plain)
    return text + "\n"


def tree_of(git: Git, commit: str | None) -> dict[str, str]:
    """All files of a commit; none gives none. Paths are ours, so ASCII without odd letters."""
    if commit is None:
        return {}
    # Of the whole tree: by itself git lists the folder of the same name as the one we are in.
    listed = git.run("ls-tree", "-r", "-z", "--full-tree", commit)
    if not listed:  # no commit of ours is: to take it for a new ledger would forget all
        raise LedgerError(
            f"the ledger's branch is damaged: commit {commit} holds no file",
            hint="nothing was changed; `git revert` on that branch brings an earlier state back",
        )
    lines = (line.split("\t", 1) for line in listed.split("\0") if line)
    return {path: head.split(" ")[2] for head, path in lines}


def texts(git: Git, blobs: Iterable[str]) -> dict[str, str]:
    """The content of blobs, by their ids, with one process for all."""
    wanted = sorted(set(blobs))
    if not wanted:
        return {}
    body = git.bytes_of(wanted)
    found: dict[str, str] = {}
    at = 0
    for blob in wanted:
        end = body.index(b"\n", at)
        if body.startswith(f"{blob} missing".encode("ascii"), at):
            raise LedgerError(f"the ledger's branch is damaged: object {blob} is missing")
        size = int(body[at:end].split()[2])
        found[blob] = body[end + 1 : end + 1 + size].decode("utf-8")
        at = end + 1 + size + 1
    return found


def committed(
    git: Git, tree: Tree, changes: Mapping[str, str | None], parent: str | None, message: str
) -> tuple[str, Tree]:
    """A commit that has `changes` (None removes a file) on top of `tree`, and all its files.

    No ref points at it yet.
    """
    written = _blobs(git, {path: text for path, text in changes.items() if text is not None})
    kept = {path: blob for path, blob in tree.items() if path not in changes}
    files = {**kept, **written}
    return bare_commit(git, _tree(git, files), message, parent), files


def bare_commit(git: Git, tree: str, message: str, parent: str | None = None) -> str:
    parents = ("-p", parent) if parent else ()
    return git.run("commit-tree", tree, *parents, "-F", "-", given=message).strip()


def _blobs(git: Git, files: Mapping[str, str]) -> dict[str, str]:
    if not files:
        return {}
    with tempfile.TemporaryDirectory(prefix="reconciler-") as folder:
        paths = []
        for number, text in enumerate(files.values()):
            path = Path(folder).resolve() / str(number)
            path.write_bytes(text.encode("utf-8"))
            paths.append(path.as_posix())
        blobs = git.run("hash-object", "-w", "--no-filters", "--stdin-paths", given=_lines(paths))
    return dict(zip(files, blobs.split(), strict=True))


def _tree(git: Git, files: Tree) -> str:
    """Write all trees, the deepest first, a process for each level."""
    folders: dict[str, list[str]] = defaultdict(list)
    folders[""] = []
    for path, blob in files.items():
        folder, _, name = path.rpartition("/")
        folders[folder].append(f"100644 blob {blob}\t{name}")
        while folder:
            folder = folder.rpartition("/")[0]
            folders[folder]
    root = ""
    deepest = max(map(_depth, folders))
    for depth in range(deepest, -1, -1):
        level = sorted(folder for folder in folders if _depth(folder) == depth)
        given = "".join(_lines(sorted(folders[folder])) + "\n" for folder in level)
        trees = git.run("mktree", "--missing", "--batch", given=given).split()
        for folder, tree in zip(level, trees, strict=True):
            root = tree
            above, _, name = folder.rpartition("/")
            if folder:
                folders[above].append(f"040000 tree {tree}\t{name}")
    return root


def _depth(folder: str) -> int:
    return folder.count("/") + 1 if folder else 0


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
