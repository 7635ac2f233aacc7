"""Where every key and value of a YAML text stands: found when a place is asked for.

A node is an index into the parser's events, and its children are looked for along the path that
is asked for. Only texts come here that `yaml_reader` made a value of, so depth and aliases are
known to be sane.
"""

from collections.abc import Iterator
from dataclasses import field
from typing import Any, Final

from reconciler.nouns import noun
from reconciler.specs import yaml_events
from reconciler.specs.marks import Span, Step, Steps, Text, span
from reconciler.specs.yaml_events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)

__all__ = ["Node", "Step", "Steps", "compose", "find", "span_in_scalar"]

_BLOCK_STYLES: Final = frozenset("|>")
_QUOTES: Final = frozenset("'\"")


@noun
class _Fields:
    """The fields of one mapping, and what is merged into it."""

    own: "dict[str, Node]" = field(default_factory=dict)
    merged: "list[Node]" = field(default_factory=list)


@noun
class _Root:
    """The events of a text, and the mappings among them that were looked into, by index."""

    events: list[Any]
    fields: dict[int, _Fields] = field(default_factory=dict)


@noun
class Node:
    """A value in a file: its event, and that of the key it belongs to."""

    root: _Root
    at: int
    key_at: int | None = None

    @property
    def events(self) -> list[Any]:
        return self.root.events

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
        """The index of the value itself: for an alias, of what it names, if that is there."""
        at = self.at
        if type(event := self.events[at]) is not AliasEvent:
            return at
        for before in range(at - 1, -1, -1):
            named = self.events[before]
            if type(named) is not AliasEvent and getattr(named, "anchor", None) == event.anchor:
                return before
        return at

    def child(self, step: Step) -> "Node | None":
        kind = type(self.events[self._anchored])
        if kind is MappingStartEvent and isinstance(step, str):
            return self._field(step)
        if kind is SequenceStartEvent and isinstance(step, int):
            return next((node for i, node in enumerate(self.values()) if i == step), None)
        return None

    def _field(self, name: str) -> "Node | None":
        at = self._anchored
        known = self.root.fields.get(at)
        if known is None:
            known = self.root.fields[at] = self._fields()
        if name in known.own:
            return known.own[name]
        return next((found for each in known.merged if (found := _in_merged(each, name))), None)

    def _fields(self) -> "_Fields":
        found = _Fields()
        values = self.values()
        for key, value in zip(values, values, strict=True):
            if key.text == "<<" and key.style in {None, ""}:
                found.merged.append(value)
            else:
                found.own[str(key.text)] = Node(self.root, value.at, key.at)
        return found

    def values(self) -> Iterator["Node"]:
        """The nodes in a collection, one after the other: keys and values of a mapping."""
        at = self._anchored + 1
        while not isinstance(self.events[at], CollectionEndEvent):
            yield Node(self.root, at)
            at = _end(self.events, at) + 1

    @property
    def mark(self) -> Span:
        """What to underline: a short value itself, a long one's key."""
        key = self.key
        is_short = bool(self.text) or self.style in _QUOTES
        return self.where if key is None or (is_short and self.style not in _BLOCK_STYLES) else key


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


_latest = _Root([])


def compose(text: Text) -> Node | None:
    """The root node of a text."""
    global _latest  # noqa: PLW0603  # one slot, as in `yaml_events`
    events = yaml_events.event_list(text.content)
    if _latest.events is not events:
        _latest = _Root(events)
    first = (i for i, event in enumerate(events) if isinstance(event, NodeEvent))
    return next((Node(_latest, at) for at in first), None)


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
