"""Files of the project, read once, safely: regular files inside it, bounded, UTF-8."""

import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from reconciler.errors import Problem
from reconciler.nouns import noun
from reconciler.patterns import pattern
from reconciler.specs.fingerprint import digest
from reconciler.specs.marks import START, Span, Text

if TYPE_CHECKING:
    from reconciler.specs.yaml_nodes import Node

MAX_SPEC_BYTES: Final = 2_000_000
MAX_TEXT_BYTES: Final = 1_000_000

_CONTROL: Final = pattern("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_CONTROL_BYTES: Final = bytes(code for code in (*range(32), 127) if code not in b"\t\n\r")
_SURROGATE_ESCAPE: Final = pattern(r"\\(u|U0000)[dD][89abAB]")
_BOM: Final = "\ufeff"


class Unreadable(Exception):  # noqa: N818  # what the file is
    """The file can not be taken as text; `problem` says why, placed in that file."""

    def __init__(
        self, code: str, message: str, hint: str | None = None, where: Span = START
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.where = where


@noun(slots=False)
class Source:
    """One file as read: its text, and for YAML and JSON its value and what is wrong with it.

    With problems the value is what could be made out, None where nothing could.
    """

    text: Text
    value: Any = None
    problems: tuple[Problem, ...] = ()

    @property
    def name(self) -> str:
        return self.text.name

    @property
    def root(self) -> "Node | None":
        """The nodes with their places; None where the text is no YAML.

        Made anew each time: nodes for every file would fill memory.
        """
        if self.problems and self.value is None:
            return None
        from reconciler.specs import yaml_events, yaml_nodes  # noqa: PLC0415  # see `_document`

        try:
            return yaml_nodes.compose(self.text)
        except (yaml_events.YAMLError, RecursionError):
            return None  # JSON that YAML does not take: the file's first line must do


@dataclass(eq=False, repr=False)
class Files:
    """The files of one project folder, each read at most once."""

    folder: Path
    _texts: dict[str, Text | Unreadable] = field(default_factory=dict)
    _sources: dict[str, Source] = field(default_factory=dict)
    _data: dict[str, bytes] = field(default_factory=dict)
    _digests: dict[str, str | None] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    """The paths that were asked for since somebody cleared this."""
    edits: Mapping[str, bytes] = field(default_factory=dict)
    """What stands for the content of some files, by real path: edits that are not written yet."""

    @cached_property
    def root(self) -> str:
        return os.path.realpath(self.folder)

    def name(self, path: str) -> str:
        """A path from the project folder, as people write it."""
        relative = below(path, str(self.folder)).replace(os.sep, "/")
        return relative.encode("utf-8", "backslashreplace").decode("utf-8")

    def is_inside(self, path: str) -> bool:
        """Whether a path, symlinks resolved, lies in the project folder."""
        real = os.path.realpath(path)
        return real == self.root or real.startswith(self.root.rstrip(os.sep) + os.sep)

    def document(self, path: str) -> Source:
        """A YAML or JSON file; what keeps it from being read is among its problems."""
        self.used.add(path)
        if path not in self._sources:
            self._sources[path] = self._document(path)
        return self._sources[path]

    def _document(self, path: str) -> Source:
        try:
            text = self.text(path, MAX_SPEC_BYTES)
        except Unreadable as error:
            empty = Text(self.name(path), "")
            return Source(empty, None, (unreadable_problem(empty, error),))
        value, problems = _value(path, text)
        if value is not None and (found := _lone_surrogate(text, value)):
            return Source(text, None, (*problems, found))
        return Source(text, value, tuple(problems))

    def text(self, path: str, limit: int = MAX_TEXT_BYTES) -> Text:
        """A file's text; raises `Unreadable`."""
        self.used.add(path)
        if path not in self._texts:
            try:
                self._texts[path] = Text(self.name(path), _decode(self._bytes(path, limit)))
            except Unreadable as error:
                self._texts[path] = error
        found = self._texts[path]
        if isinstance(found, Unreadable):
            raise found
        return found

    def digest(self, path: str) -> str | None:
        """The hash of a file's content; None where it can not be read.

        What is read to find it is what `text` takes, so the two are of one content.
        """
        if path not in self._digests:
            try:
                self._data[path] = self._bytes(path, MAX_SPEC_BYTES)
            except Unreadable:
                self._digests[path] = None
        return self._digests[path]

    def drop(self, path: str) -> None:
        """Forget what `digest` has read: nobody wants the text."""
        self._data.pop(path, None)

    def forget(self, path: str) -> None:
        """Let go of what was read of a file: all specs together would fill memory."""
        self._sources.pop(path, None)
        self._texts.pop(path, None)

    def _bytes(self, path: str, limit: int) -> bytes:
        data = self._data.pop(path, None)
        if data is None:
            edit = self.edits.get(os.path.realpath(path)) if self.edits else None
            data = _read(path, limit) if edit is None else edit
            self._digests[path] = digest(data)
        if len(data) > limit:
            raise _too_large(limit)
        return data


def below(path: str, folder: str) -> str:
    """A path relative to a folder; for what was found in it, without a look at each part."""
    rest = path.removeprefix(folder + os.sep)
    plain = rest != path and f"{os.sep}." not in f"{os.sep}{rest}" and os.sep * 2 not in rest
    return rest if plain and rest else os.path.relpath(path, folder)


def _value(path: str, text: Text) -> tuple[Any, list[Problem]]:
    # Late: a run that finds all specs in the cache needs no YAML.
    if path.lower().endswith(".json"):
        from reconciler.specs.json_reader import read_json  # noqa: PLC0415  # not where all is known

        return read_json(text)
    from reconciler.specs import yaml_reader  # noqa: PLC0415  # as above

    return yaml_reader.read(text)


def _too_large(limit: int) -> Unreadable:
    message = f"the file is larger than {limit:,} bytes"
    return Unreadable("SPEC002", message, "split it, or check whether it is the right file")


def unreadable_problem(text: Text, error: Unreadable) -> Problem:
    """The problem of a file that could not be read, placed in that file."""
    return text.problem(error.code, error.message, error.where, hint=error.hint)


def _read(path: str, limit: int) -> bytes:
    # O_NONBLOCK: opening a FIFO that nobody writes to would wait for ever
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        descriptor = os.open(path, flags)
    except (OSError, ValueError) as error:
        raise Unreadable("SPEC001", _why(error), "check the path and its permissions") from error
    try:
        status = os.fstat(descriptor)
        mode = status.st_mode
        if stat.S_ISDIR(mode):
            raise Unreadable("SPEC001", "this is a folder, not a file", "name a file in it")
        if not stat.S_ISREG(mode):
            raise Unreadable("SPEC001", "this is not a regular file", "put a file in its place")
        return _bounded(descriptor, min(status.st_size, limit) + 1, limit)
    except OSError as error:
        raise Unreadable("SPEC001", _why(error), "check the disk") from error
    finally:
        os.close(descriptor)


def _bounded(descriptor: int, step: int, limit: int) -> bytes:
    data = chunk = os.read(descriptor, step)
    while len(chunk) == step:  # it has grown, or does not tell its size
        if len(data) > limit:
            raise _too_large(limit)
        chunk = os.read(descriptor, step := 1 << 16)
        data += chunk
    return data


def _lone_surrogate(text: Text, value: object) -> Problem | None:
    """A problem when an escape in the text makes half a character, which no UTF-8 can hold."""
    if (escape := _SURROGATE_ESCAPE.search(text.content)) is None:
        return None
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        where = text.span_at(escape.start(), len(escape.group()))
        message = "this escape is half a character (a lone surrogate)"
        return text.problem("SPEC003", message, where, hint="write the character itself")
    return None


def _why(error: OSError | ValueError) -> str:
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return f"the file can not be read: {str(reason).lower()}"


def _decode(data: bytes) -> str:
    try:
        content = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = Text("", data[: error.start].decode("utf-8"))
        raise Unreadable(
            "SPEC003",
            f"byte 0x{data[error.start]:02x} is not UTF-8",
            "save the file as UTF-8",
            before.span_at(len(before.content), 1),
        ) from error
    content = content.removeprefix(_BOM)
    if len(data) == len(content) and len(data.translate(None, _CONTROL_BYTES)) == len(data):
        return content  # ASCII, as most are, and the short way to see that all is well
    if found := _CONTROL.search(content):
        raise Unreadable(
            "SPEC004",
            f"a control character, U+{ord(found.group()):04X}",
            "remove it; is this a text file?",
            Text("", content).span_at(found.start(), 1),
        )
    return content
