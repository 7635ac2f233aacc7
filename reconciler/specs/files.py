"""Files of the project, read once, safely: regular files inside it, bounded, UTF-8."""

import json
import os
import re
import stat
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from reconciler.errors import Problem
from reconciler.specs import yaml_nodes, yaml_reader
from reconciler.specs.json_reader import read_json
from reconciler.specs.marks import START, Span, Text
from reconciler.specs.yaml_events import YAMLError

MAX_SPEC_BYTES: Final = 2_000_000
MAX_TEXT_BYTES: Final = 1_000_000

_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_SURROGATE_ESCAPE: Final = re.compile(r"\\(u|U0000)[dD][89abAB]")
_BOM: Final = "\ufeff"


class Unreadable(Exception):  # noqa: N818  what the file is
    """The file can not be taken as text; `problem` says why, placed in that file."""

    def __init__(
        self, code: str, message: str, hint: str | None = None, where: Span = START
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.where = where


@dataclass(frozen=True)
class Source:
    """One file as read: its text, and for YAML and JSON its value and what is wrong with it."""

    text: Text
    value: Any = None
    problems: tuple[Problem, ...] = ()

    @property
    def name(self) -> str:
        return self.text.name

    @cached_property
    def root(self) -> yaml_nodes.Node | None:
        """The nodes with their places; None where the text is no YAML."""
        if self.problems:
            return None
        try:
            return yaml_nodes.compose(self.text)
        except (YAMLError, RecursionError):
            return None  # JSON that YAML does not take: the file's first line must do


@dataclass
class Files:
    """The files of one project folder, each read at most once."""

    folder: Path
    _texts: dict[str, Text | Unreadable] = field(default_factory=dict)
    _sources: dict[str, Source] = field(default_factory=dict)

    @cached_property
    def root(self) -> str:
        return os.path.realpath(self.folder)

    def name(self, path: str) -> str:
        """A path from the project folder, as people write it."""
        relative = os.path.relpath(path, self.folder).replace(os.sep, "/")
        return relative.encode("utf-8", "backslashreplace").decode("utf-8")

    def is_inside(self, path: str) -> bool:
        """Whether a path, symlinks resolved, lies in the project folder."""
        real = os.path.realpath(path)
        return real == self.root or real.startswith(self.root.rstrip(os.sep) + os.sep)

    def document(self, path: str) -> Source:
        """A YAML or JSON file; what keeps it from being read is among its problems."""
        if path not in self._sources:
            self._sources[path] = self._document(path)
        return self._sources[path]

    def _document(self, path: str) -> Source:
        try:
            text = self.text(path, MAX_SPEC_BYTES)
        except Unreadable as error:
            empty = Text(self.name(path), "")
            return Source(empty, None, (unreadable_problem(empty, error),))
        reader = read_json if path.lower().endswith(".json") else yaml_reader.read
        value, problems = reader(text)
        if not problems and (found := _lone_surrogate(text, value)):
            problems = [found]
        return Source(text, value, tuple(problems))

    def text(self, path: str, limit: int = MAX_TEXT_BYTES) -> Text:
        """A file's text; raises `Unreadable`."""
        if path not in self._texts:
            try:
                self._texts[path] = Text(self.name(path), _decode(_read(path, limit)))
            except Unreadable as error:
                self._texts[path] = error
        found = self._texts[path]
        if isinstance(found, Unreadable):
            raise found
        return found


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
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise Unreadable("SPEC001", "this is not a regular file", "put a file in its place")
        return _bounded(descriptor, limit)
    except OSError as error:
        raise Unreadable("SPEC001", _why(error), "check the disk") from error
    finally:
        os.close(descriptor)


def _bounded(descriptor: int, limit: int) -> bytes:
    chunks, size = [], 0
    while chunk := os.read(descriptor, 1 << 16):
        chunks.append(chunk)
        size += len(chunk)
        if size > limit:
            message = f"the file is larger than {limit:,} bytes"
            hint = "split it, or check whether it is the right file"
            raise Unreadable("SPEC002", message, hint)
    return b"".join(chunks)


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
    if found := _CONTROL.search(content):
        raise Unreadable(
            "SPEC004",
            f"a control character, U+{ord(found.group()):04X}",
            "remove it; is this a text file?",
            Text("", content).span_at(found.start(), 1),
        )
    return content
