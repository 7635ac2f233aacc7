"""Where every key and value of a YAML text stands: found when a place is asked for.

A node is an index into the parser's events, and its children are looked for along the path that
is asked for. Only texts that `yaml_reader` has accepted come here, so depth and aliases are known
to be sane.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from reconciler.specs import yaml_events
from reconciler.specs.marks import Span, Text, span

Step = str | int
Steps = tuple[Step, ...]

_BLOCK_STYLES: Final = frozenset("|>")


@dataclass(frozen=True, slots=True)
class Node:
    """A value in a file: its event, and that of the key it belongs to."""

    events: list[Any]
    at: int
    key_at: int | None = None

    @property
    def where(self) -> Span:
        return span(self.events[self.at])

    @property
    def key(self) -> Span | None:
        """The place of the key, if there is one."""
        return None if self.key_at is None else span(self.events[self.key_at])

    @property
    def style(self) -> str | None:
        event = self.events[self._anchored]
        return event.style if type(event) is ScalarEvent else None

    @property
    def text(self) -> str | None:
        event = self.events[self._anchored]
        return event.value if type(event) is ScalarEvent else None

    @property
    def _anchored(self) -> int:
        """The index of the value itself: for an alias, of what it names."""
        at = self.at
        while type(event := self.events[at]) is AliasEvent:
            at -= 1
            while (
                type(self.events[at]) is AliasEvent
                or getattr(self.events[at], "anchor", None) != event.anchor
            ):
                at -= 1
        return at

    def child(self, step: Step) -> "Node | None":
        kind = type(self.events[self._anchored])
        if kind is MappingStartEvent and isinstance(step, str):
            return self._field(step)
        if kind is SequenceStartEvent and isinstance(step, int):
            return next((node for i, node in enumerate(self.values()) if i == step), None)
        return None

    def _field(self, name: str) -> "Node | None":
        merged: list[Node] = []
        values = self.values()
        for key, value in zip(values, values, strict=True):
            if key.text == "<<" and key.style in {None, ""}:
                merged.append(value)
            elif key.text == name:
                return Node(self.events, value.at, key.at)
        return next((found for each in merged if (found := _in_merged(each, name))), None)

    def values(self) -> Iterator["Node"]:
        """The nodes in a collection, one after the other: keys and values of a mapping."""
        at = self._anchored + 1
        while not isinstance(self.events[at], CollectionEndEvent):
            yield Node(self.events, at)
            at = _end(self.events, at) + 1

    @property
    def mark(self) -> Span:
        """What to underline: a short value itself, a long one's key."""
        key = self.key
        if key is not None and (self.text in {None, ""} or self.style in _BLOCK_STYLES):
            return key
        return self.where


def _in_merged(node: Node, name: str) -> Node | None:
    """A field of a mapping that is merged, or of the first of several that has it."""
    is_list = type(node.events[node.at]) is SequenceStartEvent
    for source in node.values() if is_list else (node,):
        if found := source.child(name):
            return found
    return None


def _end(events: list[Any], at: int) -> int:
    """Where the node that starts at an index ends."""
    depth = 0
    while True:
        if isinstance(events[at], CollectionStartEvent):
            depth += 1
        elif isinstance(events[at], CollectionEndEvent):
            depth -= 1
        if depth == 0:
            return at
        at += 1


def compose(text: Text) -> Node | None:
    """The root node of a text."""
    events = yaml_events.event_list(text.content)
    return next((Node(events, i) for i, e in enumerate(events) if isinstance(e, NodeEvent)), None)


def find(root: Node | None, steps: Steps) -> tuple[Node | None, bool]:
    """The node at a path and True, or its nearest enclosing node and False."""
    node = root
    for step in steps:
        child = node.child(step) if node is not None else None
        if child is None:
            return node, False
        node = child
    return node, node is not None


def span_in_scalar(text: Text, node: Node, offset: int, length: int) -> Span | None:
    """Where a stretch of a scalar's text stands in the file; None where that is not exact."""
    if node.text is None:
        return None
    before = node.text[:offset]
    row = before.count("\n")
    value_line = node.text.split("\n")[row]
    column = offset - (before.rfind("\n") + 1)
    if node.style == "|":
        line = node.where.line + 1 + row
        indent = len(text.line(line)) - len(value_line)
    else:
        line = node.where.line
        indent = node.where.column + (1 if node.style in {"'", '"'} else 0)
        if node.text != text.line(line)[indent : indent + len(node.text)]:
            return None
    if indent < 0 or (not text.line(line).endswith(value_line) and node.style == "|"):
        return None
    return Span(line, indent + column, line, indent + column + length)
