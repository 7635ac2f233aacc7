"""The events of a YAML text → its value, step by step, with what is wrong on the way.

A mistake in a key or a value (a key twice, a tag) is noted and read over, so that the rest of the
file is checked as well; `Stop` means that there is no value.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from reconciler.errors import Problem
from reconciler.specs.findings import MOST_FINDINGS
from reconciler.specs.marks import START, Span, Text, span
from reconciler.specs.scalars import NotJson, plain
from reconciler.specs.yaml_events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

MAX_DEPTH: Final = 100
MAX_NODES: Final = 50_000

_CORE: Final = "tag:yaml.org,2002:"
_CORE_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "str": (str,),
    "int": (int,),
    "float": (float, int),
    "bool": (bool,),
    "null": (type(None),),
}
_MEANT_BY_TAG: Final = (
    (
        re.compile(r"(?i)\A!(include|file|read|load)"),
        "a text from a file is `{file: path}`",
    ),
    (
        re.compile(r"(?i)\A!(env|secret|vault)"),
        "a secret is written `{env: NAME}`, another value that differs by environment `${name}`",
    ),
)
_NO_KEY: Final = object()
_MERGE: Final = object()


class Stop(Exception):  # noqa: N818  # it is no error: the problem has been noted
    """Nothing more of this text can be read."""


@dataclass(slots=True, eq=False, repr=False)
class _Frame:
    """A collection that is being filled."""

    value: Any
    start: Any
    size_before: int
    key: Any = _NO_KEY
    seen: dict[str, Any] = field(default_factory=dict)
    merged: list[tuple[Any, Any]] = field(default_factory=list)


class Builder:
    """Takes events, and has their value in `root` once the last one was taken."""

    def __init__(self, text: Text) -> None:
        self.text = text
        self.problems: list[Problem] = []
        self.root: Any = None
        self.documents = 0
        self.size = 0
        self.stack: list[_Frame] = []
        self.anchors: dict[str, tuple[Any, int] | None] = {}

    def consume(self, events: Iterator[Any]) -> None:
        handlers: dict[type, Callable[[Any], None]] = {
            ScalarEvent: self.on_scalar,
            MappingStartEvent: self.on_start,
            SequenceStartEvent: self.on_start,
            MappingEndEvent: self.on_mapping_end,
            SequenceEndEvent: self.on_end,
            AliasEvent: self.on_alias,
            DocumentStartEvent: self.on_document,
        }
        for event in events:
            handler = handlers.get(type(event))
            if handler is not None:
                handler(event)
        if self.root is None and not self.problems:
            self.stop("SPEC014", "the file is empty", START, "say something or delete it")

    def syntax(self, problem: Problem) -> None:
        """What breaks a line is also why its keys look odd: that is not worth a word."""
        line = problem.position.line if problem.position else 0
        self.problems = [p for p in self.problems if p.position is None or p.position.line != line]
        self.problems.append(problem)

    def problem(self, code: str, message: str, where: Span, hint: str | None = None) -> None:
        self.problems.append(self.text.problem(code, message, where, hint=hint))
        if len(self.problems) >= MOST_FINDINGS:
            raise Stop

    def stop(self, code: str, message: str, where: Span, hint: str | None = None) -> None:
        self.problem(code, message, where, hint)
        raise Stop

    def on_document(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            self.stop(
                "SPEC013",
                "a second document starts here",
                span(event),
                "one file holds one document: move this one to a file of its own",
            )

    def on_scalar(self, event: Any) -> None:
        if event.tag is not None and event.tag != "!":
            value = self.tagged(event)
        elif event.tag == "!" or not event.implicit[0]:
            value = event.value
        elif event.value == "<<" and self.expects_key():
            self.stack[-1].key = _MERGE
            return
        else:
            value = self.plain(event)
        self.count(event, 1)
        if event.anchor is not None:
            self.anchors[event.anchor] = (value, 1)
        self.add(value, event)

    def expects_key(self) -> bool:
        frame = self.stack[-1] if self.stack else None
        return frame is not None and isinstance(frame.value, dict) and frame.key is _NO_KEY

    def plain(self, event: Any) -> Any:
        try:
            return plain(event.value)
        except NotJson:
            self.problem(
                "SPEC016",
                f"`{event.value[:40]}` is a number that JSON can not hold",
                span(event),
                "quote it if it is meant as text",
            )
            return event.value

    def tagged(self, event: Any) -> Any:
        name = event.tag.removeprefix(_CORE)
        if name == event.tag or name not in _CORE_TYPES:
            self.bad_tag(event)
            return event.value
        value = event.value if name == "str" else self.plain(event)
        if type(value) not in _CORE_TYPES[name]:
            self.problem(
                "SPEC009",
                f"`{event.value[:40]}` is no {name}, as its tag says",
                span(event),
                "leave the tag out",
            )
        return value

    def bad_tag(self, event: Any) -> None:
        meant = next((hint for words, hint in _MEANT_BY_TAG if words.search(event.tag)), None)
        self.problem(
            "SPEC009",
            f"the tag `{event.tag}` means nothing here",
            span(event),
            meant or "leave it out; quote the text if it starts with `!`",
        )

    def on_start(self, event: Any) -> None:
        if len(self.stack) >= MAX_DEPTH:
            self.stop(
                "SPEC012",
                f"nested deeper than {MAX_DEPTH} levels",
                span(event),
                "no spec needs that; is the file what it should be?",
            )
        is_mapping = type(event) is MappingStartEvent
        expected = f"{_CORE}{'map' if is_mapping else 'seq'}"
        if event.tag is not None and event.tag not in {expected, "!"}:
            self.bad_tag(event)
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        self.count(event, 1)
        self.stack.append(_Frame({} if is_mapping else [], event, self.size - 1))

    def on_end(self, _event: Any) -> None:
        frame = self.stack.pop()
        if frame.start.anchor is not None:
            self.anchors[frame.start.anchor] = (frame.value, self.size - frame.size_before)
        self.add(frame.value, frame.start)

    def on_mapping_end(self, event: Any) -> None:
        frame = self.stack[-1]
        for source, where in frame.merged:
            for mapping in source if isinstance(source, list) else [source]:
                if not isinstance(mapping, dict):
                    self.problem(
                        "SPEC017",
                        "`<<` can only merge mappings",
                        span(where),
                        "name an anchored mapping: `<<: *base`",
                    )
                    continue
                for key, value in mapping.items():
                    frame.value.setdefault(key, value)
        self.on_end(event)

    def on_alias(self, event: Any) -> None:
        hint = "quote the text if it is meant to start with `*`"
        if event.anchor not in self.anchors:
            message = f"`*{event.anchor}` names no anchor before it"
            self.problem("SPEC010", message, span(event), hint)
            self.add(None, event)
            return
        found = self.anchors[event.anchor]
        if found is None:
            message = f"`*{event.anchor}` stands inside what it names"
            self.stop("SPEC010", message, span(event), hint)
            return
        value, size = found
        self.count(event, size)
        self.add(value, event)

    def count(self, event: Any, size: int) -> None:
        self.size += size
        if self.size > MAX_NODES:
            self.stop(
                "SPEC011",
                f"more than {MAX_NODES} values, aliases counted as often as they are used",
                span(event),
                "split the file, or use fewer aliases",
            )

    def add(self, value: Any, event: Any) -> None:
        if not self.stack:
            self.root = value
            return
        frame = self.stack[-1]
        if isinstance(frame.value, list):
            frame.value.append(value)
        elif frame.key is _NO_KEY:
            self.set_key(frame, value, event)
        else:
            if frame.key is _MERGE:
                frame.merged.append((value, event))
            elif frame.key is not None:
                frame.value[frame.key] = value
            frame.key = _NO_KEY

    def set_key(self, frame: _Frame, key: Any, event: Any) -> None:
        frame.key = key
        if not isinstance(key, str):
            frame.key = None  # the value that follows is read and dropped
            self.bad_key(frame, key, event)
        elif key in frame.seen:
            first = self.text.position(span(frame.seen[key]))
            self.problem(
                "SPEC007",
                f"`{key[:80]}` stands here a second time",
                span(event),
                f"the first is on line {first.line}, column {first.column}: keep one of them",
            )
        else:
            frame.seen[key] = event

    def bad_key(self, frame: _Frame, key: Any, event: Any) -> None:
        where = span(event)
        if not isinstance(key, dict | list):
            written = self.text.line(where.line)[where.column : where.end_column]
            hint = f'quote it: `"{written}"`'
            self.problem("SPEC008", f"the key `{written[:80]}` is not text", where, hint)
        elif self.text.line(where.line).startswith("{{", where.column - 1):
            outer = span(frame.start)._replace(end_column=where.column + 1)
            message = "YAML takes `{{` at the start of a text for a mapping"
            self.problem("SPEC008", message, outer, "quote the text")
        else:
            hint = "quote the text: YAML takes `[…]` and `{…}` at its start for data"
            self.problem("SPEC008", "a key must be text, not a collection", where, hint)
