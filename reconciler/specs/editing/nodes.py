"""A YAML (or JSON) text as nodes that know the characters they stand on."""

import re
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
from reconciler.specs.yaml_nodes import Step, Steps

BLOCK: Final = frozenset("|>")
_PROPERTIES: Final = re.compile(r"(?:[&!]\S*(?:\s+|\s+#[^\r\n]*|\Z))+")
_PROPERTY: Final = re.compile(r"[&!]\S*")
_TRAILING_BLANK: Final = re.compile(r"\s*\Z")


@dataclass(slots=True, eq=False)
class Node:
    """`outer` is where its anchor or tag starts, `start` where the value itself does.

    `end` of a block collection is that of its last child. `target` is what an alias names.
    """

    outer: int
    start: int
    end: int
    style: str = ""
    flow: bool = False
    text: str | None = None
    items: list["Node"] | None = None
    pairs: list[tuple["Node", "Node"]] | None = None
    anchor: str | None = None
    target: "Node | None" = None

    @property
    def real(self) -> "Node":
        """The node itself, or what an alias names."""
        return self.target or self

    @property
    def is_collection(self) -> bool:
        return self.items is not None or self.pairs is not None

    @property
    def is_block_collection(self) -> bool:
        return self.is_collection and not self.flow

    @property
    def children(self) -> list["Node"]:
        return self.items if self.items is not None else [v for _, v in self.pairs or ()]

    def pair(self, step: Step) -> tuple["Node", "Node"] | None:
        """The key and value that stand in the mapping itself."""
        return next(((k, v) for k, v in self.pairs or () if k.text == step), None)


@dataclass(slots=True)
class Spot:
    """One step of a way through the nodes. `key` is None in lists; `around` is the collection.

    `crossed` says that the way left what is written here, by an alias or a merge key.
    """

    around: Node
    key: Node | None
    value: Node
    crossed: bool


@dataclass(slots=True)
class _Composer:
    text: str
    anchors: dict[str, Node] = field(default_factory=dict)

    def node(self, event: Any, events: Iterator[Any]) -> Node | None:
        kind = type(event)
        start, end = event.start_mark.index, event.end_mark.index
        if kind is AliasEvent:
            return Node(start, start, end, target=self.anchors[event.anchor])
        if kind not in {ScalarEvent, MappingStartEvent, SequenceStartEvent}:
            return None
        value = start
        if event.anchor is not None or event.tag is not None:
            match = _PROPERTIES.match(self.text, start)
            value = match.end() if match else start
        node = Node(start, value, max(end, value), anchor=event.anchor)
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        if kind is ScalarEvent:
            node.style, node.text = event.style or "", event.value
            self.trim(node)
        else:
            node.flow = bool(event.flow_style)
            self.fill(node, events, is_mapping=kind is MappingStartEvent)
        return node

    def trim(self, node: Node) -> None:
        """An empty value stands nowhere: at its anchor, or (see `slot_of`) behind its key."""
        if node.style == "" and node.text == "" and node.start > node.outer:
            node.start = node.end = _last_property(self.text, node.outer)

    def fill(self, node: Node, events: Iterator[Any], *, is_mapping: bool) -> None:
        children: list[Node] = []
        for event in events:
            if isinstance(event, CollectionEndEvent):
                node.end = event.end_mark.index if node.flow else node.end
                break
            child = self.node(event, events)
            if child is not None:
                children.append(child)
        if is_mapping:
            node.pairs = list(zip(children[::2], children[1::2], strict=True))
        else:
            node.items = children
        if not node.flow:
            node.start = children[0].outer if children else node.start
            node.end = children[-1].end if children else node.start


def compose(text: str) -> Node | None:
    """The root of a text that `yaml_reader` accepts; raises `YAMLError` where ruamel does not."""
    composer = _Composer(text)
    events = yaml_events.events(text)
    for event in events:
        node = composer.node(event, events)
        if node is not None:
            return node
    return None


def aliases(root: Node) -> Iterator[Node]:
    """All uses of anchors below a node, in order."""
    for child in [root] if root.target else _all(root):
        if child.target is not None:
            yield child


def _all(root: Node) -> Iterator[Node]:
    for child in root.children:
        yield child
        if child.target is None:
            yield from _all(child)


def way(root: Node, steps: Steps) -> list[Spot]:
    """The way to a path, as far as it goes."""
    spots: list[Spot] = []
    around, crossed = root, False
    for step in steps:
        found = _step(around.real, step)
        if found is None:
            break
        key, value, merged = found
        crossed = crossed or around.target is not None or merged
        spots.append(Spot(around.real, key, value, crossed))
        around = value
    return spots


def _step(around: Node, step: Step) -> tuple[Node | None, Node, bool] | None:
    if around.items is not None:
        inside = isinstance(step, int) and step < len(around.items)
        return (None, around.items[int(step)], False) if inside else None
    if (pair := around.pair(step)) is not None:
        return (*pair, False)
    for key, value in around.pairs or ():
        if key.text == "<<" and key.style == "":
            for source in value.real.items or [value]:
                if (found := _step(source.real, step)) is not None:
                    return (found[0], found[1], True)
    return None


def line_start(text: str, offset: int) -> int:
    return max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1


def line_end(text: str, offset: int) -> int:
    """Where the line ends, before its line break."""
    match = re.compile(r"[\r\n]").search(text, offset)
    return match.start() if match else len(text)


def next_line(text: str, offset: int) -> int:
    """Where the line after this one starts."""
    end = line_end(text, offset)
    return end + (2 if text[end : end + 2] == "\r\n" else 1) if end < len(text) else end


def column(text: str, offset: int) -> int:
    return offset - line_start(text, offset)


def content_end(text: str, node: Node) -> int:
    """The end of the last character that a node needs: blank lines below it are not its own."""
    last = node
    while last.is_block_collection and last.children:
        last = last.children[-1]
    if last.style in BLOCK:
        header = line_end(text, last.start)
        blank = _TRAILING_BLANK.search(text, header, last.end)
        return max(header, blank.start() if blank else header)
    return last.end


def slot_of(text: str, spot: Spot) -> int:
    """Where a value may stand: behind the colon of its key, or behind its dash."""
    if spot.key is not None:
        return text.index(":", spot.key.end) + 1
    return spot.value.outer


def dash_of(text: str, item: Node) -> int:
    """The dash of an item of a block list."""
    return text.rindex("-", 0, item.outer + 1)


def _last_property(text: str, start: int) -> int:
    end = start
    while match := _PROPERTY.match(text, end):
        end = match.end()
        space = re.compile(r"[ \t]+(?=[&!])").match(text, end)
        if space is None:
            break
        end = space.end()
    return end


def properties_end(text: str, node: Node) -> int | None:
    """Where the anchor and tag of a node end; None when it has none."""
    return _last_property(text, node.outer) if text[node.outer : node.outer + 1] in "&!" else None
