"""The specs folder → keys and files.

A key is the path below the specs folder without its ending, in Unicode NFC. Names that start with
`.` are never read, names that start with `_` only as `_defaults.yaml`: a place for drafts.
"""

import os
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from reconciler.errors import Problem
from reconciler.specs.files import Files, below
from reconciler.specs.findings import severity_of
from reconciler.specs.marks import START, Text

_ENDINGS: Final = (".yaml", ".yml")
_DEFAULTS: Final = frozenset({"_defaults.yaml", "_defaults.yml"})


@dataclass(slots=True, eq=False, repr=False)
class Found:
    """Spec files by key, `_defaults` files by folder below the specs folder, and what is wrong."""

    specs: dict[str, str] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    readable: bool = True


def discover(files: Files, folder: str, skip: str) -> Found:
    """All spec files below a folder; `skip` is the project file, which may lie in it."""
    found = Found()
    if not is_readable(folder):
        found.readable = False
        return found
    walk = _Walk(files, folder, skip, found)
    walk.into(folder, (os.path.realpath(folder),))
    walk.check_case()
    return found


def is_readable(folder: str) -> bool:
    """Whether there is such a folder whose files can be listed and opened."""
    return os.path.isdir(folder) and os.access(folder, os.R_OK | os.X_OK)  # noqa: PTH112  # never raises


@dataclass(slots=True, eq=False, repr=False)
class _Walk:
    files: Files
    folder: str
    skip: str
    found: Found

    def into(self, folder: str, above: tuple[str, ...]) -> None:
        for entry in self.entries(folder):
            if entry.name.startswith("."):
                continue
            if entry.is_symlink() and not self.files.is_inside(entry.path):
                self.problem(
                    "SPEC020",
                    "this symlink leads out of the project folder",
                    entry.path,
                    "copy what it names into the project",
                )
            elif _is_folder(entry):
                self.folder_entry(entry, above)
            else:
                self.file(folder, entry)

    def entries(self, folder: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as entries:
                return sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            reason = str(error.strerror).lower()
            message = f"the folder can not be read: {reason}"
            self.problem("SPEC001", message, folder, "check its permissions")
            return []

    def folder_entry(self, entry: os.DirEntry[str], above: tuple[str, ...]) -> None:
        if entry.name.endswith(_ENDINGS):
            self.problem(
                "SPEC001",
                "this is a folder, though its name is that of a spec",
                entry.path,
                "rename it",
            )
        elif not entry.name.startswith("_"):
            real = os.path.realpath(entry.path)
            if real in above:
                message = "this symlink leads back to a folder around it"
                self.problem("SPEC020", message, entry.path, "remove it")
            else:
                self.into(entry.path, (*above, real))

    def file(self, folder: str, entry: os.DirEntry[str]) -> None:
        if entry.name in _DEFAULTS:
            inner = os.path.relpath(folder, self.folder).replace(os.sep, "/")
            self.once(self.found.defaults, "" if inner == "." else inner, entry.path)
        elif entry.name.startswith("_"):
            self.warn_near_defaults(entry)
        elif entry.name.endswith(_ENDINGS) and entry.path != self.skip:
            self.spec(entry.path)
        elif entry.name.lower().endswith(_ENDINGS) and entry.path != self.skip:
            self.problem(
                "SPEC111",
                "this file is not read: its ending is not `.yaml` or `.yml`",
                entry.path,
                "write the ending in lower case",
            )

    def warn_near_defaults(self, entry: os.DirEntry[str]) -> None:
        import difflib  # noqa: PLC0415  # few have such files

        if difflib.get_close_matches(entry.name.lower(), _DEFAULTS, n=1, cutoff=0.8):
            self.problem(
                "SPEC111",
                "this file is not read: names that start with `_` are yours",
                entry.path,
                "did you mean `_defaults.yaml`?",
            )

    def spec(self, path: str) -> None:
        stem = below(os.path.splitext(path)[0], self.folder)  # noqa: PTH122  # as all paths here
        key = unicodedata.normalize("NFC", stem.replace(os.sep, "/"))
        if not key.isprintable():
            self.problem(
                "SPEC018",
                "the file's name is not plain text in UTF-8",
                path,
                "rename it: its name is the agent's key",
            )
        else:
            self.once(self.found.specs, key, path)

    def once(self, known: dict[str, str], key: str, path: str) -> None:
        if key in known:
            other = self.files.name(known[key])
            message = f"this file and {other} have one key"
            self.problem("SPEC018", message, path, "keep one of the two")
        else:
            known[key] = path

    def check_case(self) -> None:
        """Two keys that differ in case only are one file on macOS and Windows."""
        known: dict[str, str] = {}
        for key, path in sorted(self.found.specs.items()):
            folded = key.casefold()
            if folded in known:
                self.problem(
                    "SPEC019",
                    f"this file differs from {self.files.name(known[folded])} in upper and lower "
                    "case only",
                    path,
                    "rename one: macOS and Windows keep only one of the two",
                )
            known.setdefault(folded, path)

    def problem(self, code: str, message: str, path: str, hint: str) -> None:
        text = Text(self.files.name(path), "")
        self.found.problems.append(
            Problem(code, message, text.position(START), hint, severity_of(code))
        )


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False  # a loop of symlinks: reading it will say so


def folders_above(key: str) -> Iterator[str]:
    """The folders of a key from the outside in, relative to the specs folder."""
    parts = key.split("/")[:-1]
    for count in range(len(parts) + 1):
        yield "/".join(parts[:count])
