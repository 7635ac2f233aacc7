"""A YAML (or JSON) text as nodes that know the characters they stand on."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from reconciler.specs import yaml_events
from reconciler.specs.editing.lines import line_end
from reconciler.specs.yaml_events import (
    AliasEvent,
    CollectionEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
)
from reconciler.specs.yaml_nodes import Step

BLOCK: Final = frozenset("|>")
_SPACE: Final = re.compile(r"(?:[\s,]|#[^\r\n]*)*")
_PROPERTY: Final = re.compile(r"&[^\s,\[\]{}]+|!\S*")
_COMMENT: Final = re.compile(r"[ \t]+#[^\r\n]*")
_TRAILING_BLANK: Final = re.compile(r"\s*\Z")


@dataclass(slots=True, eq=False)
class Node:
    """`outer` is where its anchor or tag starts, `start` where the value itself does.

    `end` of a block collection is that of its last child. `target` is what an alias names. Of a
    collection, `leads` are where its entries start (a dash, a `?`, or the key), and `slots` where
    their values may stand (behind the dash or the colon); a mapping has `keys`.
    """

    outer: int
    start: int
    end: int
    style: str = ""
    flow: bool = False
    text: str | None = None
    anchor: str | None = None
    target: "Node | None" = None
    keys: "list[Node] | None" = None
    children: "list[Node]" = field(default_factory=list)
    leads: list[int] = field(default_factory=list)
    slots: list[int] = field(default_factory=list)
    is_collection: bool = False

    @property
    def real(self) -> "Node":
        """The node itself, or what an alias names."""
        return self.target or self

    @property
    def is_block_collection(self) -> bool:
        return self.is_collection and not self.flow

    def index(self, step: Step) -> int | None:
        """Which entry of the collection itself a step leads to."""
        if self.keys is not None:
            return next((n for n, key in enumerate(self.keys) if key.text == step), None)
        inside = isinstance(step, int) and step < len(self.children)
        return int(step) if inside else None

    def merged(self) -> "Iterator[tuple[int, Node]]":
        """The aliases and mappings that `<<` brings in, by the entry that does, first wins."""
        for n, key in enumerate(self.keys or ()):
            if key.text == "<<" and key.style == "":
                value = self.children[n]
                is_list = value.real.is_collection and value.real.keys is None
                for source in value.real.children if is_list else [value]:
                    yield n, source


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
            value = min(self.skipped(_last_property(self.text, start)), end)
        node = Node(start, value, max(end, value), anchor=event.anchor)
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        if kind is ScalarEvent:
            node.style, node.text = event.style or "", event.value
            if node.style == "" and node.text == "" and node.start > node.outer:
                node.start = node.end = _last_property(self.text, node.outer)
        else:
            node.flow, node.is_collection = bool(event.flow_style), True
            self.fill(node, events, is_mapping=kind is MappingStartEvent)
        return node

    def skipped(self, at: int) -> int:
        """The next character that is no blank, comment, or comma."""
        match = _SPACE.match(self.text, at)
        return match.end() if match else at

    def fill(self, node: Node, events: Iterator[Any], *, is_mapping: bool) -> None:
        node.keys = [] if is_mapping else None
        at = node.start + (node.flow and self.text[node.start : node.start + 1] in {"{", "["})
        for event in events:
            if isinstance(event, CollectionEndEvent):
                node.end = event.end_mark.index if node.flow else at
                break
            child = self.node(event, events)
            if child is None:
                continue
            lead = self.skipped(at)
            if node.keys is None:
                slot = lead if node.flow else lead + 1
            else:
                node.keys.append(child)
                slot = self.colon(child)
                child = next(n for e in events if (n := self.node(e, events)) is not None)
            if child.text == "" and child.style == "" and child.anchor is None:
                child = self.nothing(child, slot)
            node.leads.append(lead)
            node.slots.append(slot)
            node.children.append(child)
            at = max(child.end, slot)

    def colon(self, key: Node) -> int:
        """Behind the colon of a key, or behind the key where there is none."""
        at = self.skipped(key.end)
        return at + 1 if self.text[at : at + 1] == ":" else key.end

    def nothing(self, node: Node, slot: int) -> Node:
        """An empty value without tag stands nowhere: it is put behind its dash or colon."""
        if self.text[node.outer : node.outer + 1] != "!":
            node.outer = node.start = node.end = slot
        return node


def compose(text: str) -> Node | None:
    """The root of a text that `yaml_reader` accepts; raises `YAMLError` where ruamel does not."""
    composer = _Composer(text)
    events = yaml_events.events(text)
    for event in events:
        node = composer.node(event, events)
        if node is not None:
            return node
    return None


def below(node: Node) -> Iterator[Node]:
    """The node and all that is written in it, in order, keys too; what aliases name is not."""
    yield node
    for n, child in enumerate(node.children):
        if node.keys is not None:
            yield from below(node.keys[n])
        yield from below(child)


def content_end(text: str, node: Node) -> int:
    """The end of the last character that a node needs: blank lines below it are not its own."""
    last = node
    while last.is_block_collection and last.children:
        last = last.children[-1]
    if last.style in BLOCK and last.target is None:
        header = line_end(text, last.start)
        blank = _TRAILING_BLANK.search(text, header, last.end)
        return max(header, blank.start() if blank else header)
    return max(last.end, node.end if node.is_block_collection else last.end)


def header_comment(text: str, node: Node) -> str:
    """The comment beside the `|` or `>` of a block scalar, with the blanks before it."""
    if node.style not in BLOCK:
        return ""
    match = _COMMENT.search(text, node.start, line_end(text, node.start))
    return match.group() if match else ""


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
