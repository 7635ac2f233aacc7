"""Ways to make one operation with the fewest characters, best first.

Not every way is right for every text: whoever takes one reads the result (see `edit`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from reconciler.specs.editing import nodes
from reconciler.specs.editing.blocks import blocks, spliced
from reconciler.specs.editing.nodes import BLOCK, Node, Spot
from reconciler.specs.editing.quoting import block_lines, inline, literal_lines, one_line


@dataclass(frozen=True, slots=True)
class Surgeon:
    """Cuts one text. `json_only` where the file is JSON and not YAML."""

    text: str
    json_only: bool = False

    @property
    def newline(self) -> str:
        match = re.search(r"\r\n|\r|\n", self.text)
        return match.group() if match else "\n"

    def put(self, spot: Spot, value: Any) -> Iterator[str]:
        """Another value in the place of one."""
        old = spot.value
        if old.target is not None:
            yield from self._in_place(old, value, "")
        elif old.text is not None and not isinstance(value, dict | list):
            yield from self._scalar(spot, value)
        elif old.is_block_collection:
            yield from self._for_block(spot, value)
        else:
            yield from self._as_block(spot, value)
            yield from self._in_place(old, value, "")

    def _scalar(self, spot: Spot, value: Any) -> Iterator[str]:
        old = spot.value
        if isinstance(value, str) and not self.json_only:
            spread = old.style in BLOCK or "\n" in self.text[old.start : old.end]
            if old.style != "|" and (" " in (old.text or "") or spread):
                way = spliced(self.text, old, value, self.newline)
                yield from () if way is None else (way,)
            if old.style in BLOCK:
                yield from blocks(self.text, old, value, self.newline, self._indent(spot))
            elif not spot.around.flow and old.style != '"':
                yield from self._as_block(spot, value)
        yield from self._in_place(old, value, old.style, self._slot(spot))

    def _in_place(
        self, old: Node, value: Any, style: str, slot: int | None = None
    ) -> Iterator[str]:
        """The value on one line, over the old one."""
        end = nodes.content_end(self.text, old)
        start, space = old.start, ""
        if start == end and slot is not None:  # nothing is written there yet
            start = end = nodes.properties_end(self.text, old) or slot
            space = " "
        if isinstance(value, dict | list):
            ways: Iterator[str] = iter([inline(value, json_only=self.json_only, flow=True)])
        else:
            ways = one_line(value, style, json_only=self.json_only)
        for way in ways:
            yield self.text[:start] + space + way + self.text[end:]

    def _slot(self, spot: Spot) -> int:
        return nodes.slot_of(self.text, spot)

    def _indent(self, spot: Spot) -> int:
        """Where what belongs to a key or a dash may start."""
        at = spot.key.outer if spot.key else nodes.dash_of(self.text, spot.value)
        return nodes.column(self.text, at) + 2

    def _as_block(self, spot: Spot, value: Any) -> Iterator[str]:
        """A collection or a long text below its key, where one line stood."""
        if spot.around.flow or spot.key is None or self.json_only:
            return
        old = spot.value
        lines = ["", *block_lines(value)] if isinstance(value, dict | list) and value else None
        if isinstance(value, str):
            lines = literal_lines(value)
        if lines is None or old.style in BLOCK:
            return
        slot = self._slot(spot)
        start, end = (old.start, old.end) if old.end > old.start else (slot, slot)
        head, rest = lines[0], self.text[end : nodes.line_end(self.text, end)]
        before = self.text[:start].rstrip(" ") if not head else self.text[:start]
        before += " " if head and start == slot else ""
        yield (
            before
            + head
            + rest
            + self._below(nodes.line_end(self.text, end), lines[1:], " " * self._indent(spot))
        )

    def _below(self, at: int, lines: list[str], margin: str) -> str:
        """New lines after the end of a line, and the rest of the text."""
        body = "".join(self.newline + (margin + line if line else "") for line in lines)
        return body + self.text[at:]

    def _for_block(self, spot: Spot, value: Any) -> Iterator[str]:
        """A block collection gives way to a value on the line of its key; comments stay."""
        old = spot.value
        at = nodes.properties_end(self.text, old) or self._slot(spot)
        first = nodes.line_start(self.text, old.start)
        if at >= first:  # it starts behind a dash or a key
            yield from self._in_place(old, value, "")
            return
        last = nodes.next_line(self.text, nodes.content_end(self.text, old))
        way = inline(value, json_only=False, flow=True)
        if last >= len(self.text) and not self.text.endswith(("\n", "\r")):
            yield f"{self.text[:at]} {way}{self.text[at:first].rstrip()}"
        yield f"{self.text[:at]} {way}{self.text[at:first]}{self.text[last:]}"

    def add(self, around: Spot | Node, key: str, value: Any) -> Iterator[str]:
        """A key that a mapping does not have."""
        mapping = around.value.real if isinstance(around, Spot) else around
        pairs = mapping.pairs or []
        if not pairs:
            if isinstance(around, Spot):
                yield from self._as_block(around, {key: value})
            yield from self._in_place(mapping, {key: value}, "")
        elif mapping.flow:
            name = inline(key, json_only=self.json_only, flow=True)
            written = inline(value, json_only=self.json_only, flow=True)
            yield self._after_in_flow(*pairs[-1], f"{name}: {written}")
        else:
            margin = " " * nodes.column(self.text, pairs[0][0].outer)
            yield from self._after(pairs[-1][1], pairs[-1][0], block_lines({key: value}), margin)

    def insert(self, around: Spot, index: int, value: Any) -> Iterator[str]:
        """An item where a list has none."""
        sequence = around.value.real
        items = sequence.items or []
        if not items:
            yield from self._as_block(around, [value])
            yield from self._in_place(sequence, [value], "")
        elif sequence.flow:
            written = inline(value, json_only=self.json_only, flow=True)
            if index:
                yield self._after_in_flow(items[index - 1], items[index - 1], written)
            else:
                at = items[0].outer
                yield f"{self.text[:at]}{written}, {self.text[at:]}"
        elif index:
            before = items[index - 1]
            margin = " " * nodes.column(self.text, nodes.dash_of(self.text, before))
            yield from self._after(before, None, block_lines([value]), margin)
        else:
            at = nodes.line_start(self.text, nodes.dash_of(self.text, items[0]))
            margin = " " * nodes.column(self.text, nodes.dash_of(self.text, items[0]))
            lines = "".join(margin + line + self.newline for line in block_lines([value]))
            yield self.text[:at] + lines + self.text[at:]

    def _after_in_flow(self, first: Node, last: Node, written: str) -> str:
        start = nodes.line_start(self.text, first.outer)
        own_line = not self.text[start : first.outer].strip()
        space = self.newline + self.text[start : first.outer] if own_line else " "
        return f"{self.text[: last.end]},{space}{written}{self.text[last.end :]}"

    def _after(self, last: Node, key: Node | None, lines: list[str], margin: str) -> Iterator[str]:
        end = nodes.content_end(self.text, last)
        end = max(end, key.end) if key else end
        tail = nodes.line_end(self.text, end)
        yield self.text[:tail] + self._below(tail, lines, margin)
        if last.end > tail:  # below the blank lines that a kept block scalar counts in
            yield (
                self.text[: last.end]
                + "".join(margin + line + self.newline if line else self.newline for line in lines)
                + self.text[last.end :]
            )

    def remove(self, spot: Spot) -> Iterator[str]:
        """A key with its value, or an item, with the lines or the comma that go with it."""
        first = spot.key or spot.value
        siblings = [k for k, _ in spot.around.pairs or ()] or spot.around.items or []
        index = siblings.index(first)
        after = siblings[index + 1] if index + 1 < len(siblings) else None
        if spot.around.flow:
            before = spot.around.children[index - 1] if index else None
            yield from self._from_flow(first, spot.value, before, after)
            return
        start = first.outer if spot.key else nodes.dash_of(self.text, first)
        line = nodes.line_start(self.text, start)
        if self.text[line:start].strip():  # it shares its line with a dash
            if after is not None:
                yield self.text[:start] + self.text[after.outer :]
            return
        end = nodes.content_end(self.text, spot.value)
        ends = [max(end, spot.key.end) if spot.key else end, spot.value.end]
        for end in dict.fromkeys(ends):
            stop = nodes.next_line(self.text, end) if end == ends[0] else end
            if stop >= len(self.text) and not self.text.endswith(("\n", "\r")):
                yield self.text[:line].rstrip("\r\n")
            yield self.text[:line] + self.text[stop:]

    def _from_flow(
        self, first: Node, value: Node, before: Node | None, after: Node | None
    ) -> Iterator[str]:
        if after is not None:
            yield self.text[: first.outer] + self.text[after.outer :]
        elif before is not None:
            between = self.text[before.end : first.outer]
            line, stop = (
                nodes.line_start(self.text, first.outer),
                nodes.next_line(self.text, value.end),
            )
            alone = not self.text[line : first.outer].strip()
            rest = self.text[value.end : stop].strip()
            if "#" in between and alone and rest in {"", ","} and not self.json_only:
                yield self.text[:line] + self.text[stop:]  # a comma may stand last
            yield self.text[: before.end] + self.text[value.end :]

    def hand_over(self, spot: Spot, alias: Node, written: Iterator[str]) -> Iterator[str]:
        """Another value for a node with an anchor: its first alias takes the old one over."""
        old = spot.value
        source = self.text[old.outer : old.end]
        if old.is_collection or "\n" in source:
            return
        for way in written:
            yield (
                self.text[: old.outer]
                + way
                + self.text[old.end : alias.start]
                + source
                + self.text[alias.end :]
            )
