"""The same YAML text once more, with the place of every key and value: made when one is asked for.

Only texts that `yaml_reader` has accepted come here, so depth and aliases are known to be sane.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from reconciler.specs import yaml_events
from reconciler.specs.marks import Span, Text, span

Step = str | int
Steps = tuple[Step, ...]

_BLOCK_STYLES: Final = frozenset("|>")


@dataclass(slots=True)
class Node:
    """A value in a file. `key` is the place of the key it belongs to."""

    where: Span
    key: Span | None = None
    style: str | None = None
    text: str | None = None
    items: list["Node"] | None = None
    fields: dict[str, "Node"] | None = None
    merged: list["Node"] = field(default_factory=list)

    def child(self, step: Step) -> "Node | None":
        if self.fields is not None and isinstance(step, str):
            return self.fields.get(step) or self._merged(step)
        if self.items is not None and isinstance(step, int) and step < len(self.items):
            return self.items[step]
        return None

    def _merged(self, step: str) -> "Node | None":
        for source in self.merged:
            for node in source.items or [source]:
                if found := node.child(step):
                    return found
        return None

    @property
    def mark(self) -> Span:
        """What to underline: a short value itself, a long one's key."""
        if self.key is not None and (self.text is None or self.style in _BLOCK_STYLES):
            return self.key
        if self.text == "" and self.key is not None:
            return self.key
        return self.where


def compose(text: Text) -> Node | None:
    """The root node of a text."""
    anchors: dict[str, Node] = {}
    events = yaml_events.events(text.content)
    for event in events:
        node = _node(event, events, anchors)
        if node is not None:
            return node
    return None


def _node(event: Any, events: Iterator[Any], anchors: dict[str, Node]) -> Node | None:
    kind = type(event)
    if kind is AliasEvent:
        known = anchors[event.anchor]
        return Node(
            span(event), None, known.style, known.text, known.items, known.fields, known.merged
        )
    if kind is ScalarEvent:
        node = Node(span(event), style=event.style, text=event.value)
    elif kind is SequenceStartEvent:
        node = Node(span(event), items=[])
    elif kind is MappingStartEvent:
        node = Node(span(event), fields={})
    else:
        return None
    if event.anchor is not None:
        anchors[event.anchor] = node
    if node.items is not None:
        node.items += _items(events, anchors)
    elif node.fields is not None:
        _fill(node, node.fields, events, anchors)
    return node


def _items(events: Iterator[Any], anchors: dict[str, Node]) -> Iterator[Node]:
    for event in events:
        if isinstance(event, CollectionEndEvent):
            return
        node = _node(event, events, anchors)
        if node is not None:
            yield node


def _fill(
    node: Node, fields: dict[str, Node], events: Iterator[Any], anchors: dict[str, Node]
) -> None:
    children = _items(events, anchors)
    for key, value in zip(children, children, strict=True):
        value.key = key.where
        if key.text == "<<" and key.style in {None, ""}:
            node.merged.append(value)
        else:
            fields[str(key.text)] = value


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
