"""The source of a value, to stand in another place of the same text as well."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from reconciler.nouns import noun
from reconciler.specs.editing import lines, nodes
from reconciler.specs.editing.nodes import Node

_NEWLINE: Final = re.compile(r"\r\n|\r|\n")


@noun
class Copy:
    """Lines without their margin. `is_block`: the first can not follow a key on its line."""

    found: Sequence[str]
    is_block: bool = False

    @property
    def is_short(self) -> bool:
        return len(self.found) == 1 and not self.is_block


def of_value(text: str, node: Node) -> Copy:
    """The source of a value with its tag and without anchors, its own and those in it."""
    first = node.start if node.is_block_collection else node.outer
    return Copy(_lines(text, node, first), node.is_block_collection)


def of_pair(text: str, mapping: Node, index: int) -> Copy:
    """The source of one pair of a mapping, key and all."""
    slot, value = mapping.slots[index], mapping.children[index]
    return Copy(_lines(text, value, mapping.leads[index], slot))


def _lines(text: str, node: Node, first: int, least: int = 0) -> list[str]:
    end = max(nodes.content_end(text, node), least)
    head, *rest = _NEWLINE.split("".join(_kept(text, node, first, end)))
    margin = lines.column(text, first)
    if not node.is_block_collection and first == node.outer:
        # below the first line such a value is indented by where it stands, not by where it starts
        margin = min(
            (len(line) - len(line.lstrip(" ")) for line in rest if line.strip()), default=0
        )
    return [head.rstrip(" \t"), *(_dedented(line, margin) for line in rest)]


def _kept(text: str, node: Node, first: int, end: int) -> Iterator[str]:
    """The text between two places, less the anchors of a node and of all in it."""
    at = first
    for each in nodes.below(node):
        if each.anchor is not None and (span := anchor_span(text, each))[0] >= first:
            yield text[at : span[0]]
            at = span[1]
    yield text[at:end]


def anchor_span(text: str, node: Node) -> tuple[int, int]:
    """Where `&name` stands, with the blank that goes with it."""
    start = text.index(f"&{node.anchor}", node.outer)
    end = start + len(node.anchor or "") + 1
    if text[end : end + 1] in {" ", "\t"}:
        return start, end + 1
    return (start - 1 if text[start - 1 : start] in {" ", "\t"} else start), end


def _dedented(line: str, margin: int) -> str:
    blank = len(line) - len(line.lstrip(" "))
    return line[min(blank, margin) :]
