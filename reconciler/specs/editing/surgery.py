"""Ways to make one operation with the fewest characters, best first.

Not every way is right for every text: whoever takes one reads the result (see `edit`).
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from reconciler.nouns import noun
from reconciler.specs.editing import flows, lines, nodes
from reconciler.specs.editing.blocks import blocks
from reconciler.specs.editing.manner import Manner, manner_of
from reconciler.specs.editing.nodes import BLOCK, Node
from reconciler.specs.editing.quoting import block_lines, inline, literal_lines, one_line
from reconciler.specs.editing.splicing import is_spread, spliced
from reconciler.specs.editing.spots import Spot


@noun(slots=False)
class Surgeon:
    """Cuts one text. `json_only` where the file is JSON and not YAML."""

    text: str
    root: Node
    json_only: bool = False

    @cached_property
    def newline(self) -> str:
        return lines.newline_of(self.text)

    @cached_property
    def manner(self) -> Manner:
        return manner_of(self.text, self.root, json_only=self.json_only)

    def put(self, spot: Spot, value: Any) -> Iterator[str]:
        """Another value in the place of one."""
        old = spot.value
        if old.target is not None:
            if isinstance(value, str | dict | list):
                yield from self._as_block(spot, value)
            yield from self._in_place(old, value, self.manner.texts)
        elif not old.is_collection and not isinstance(value, dict | list):
            yield from self._scalar(spot, value)
        elif old.is_block_collection:
            yield from self._for_block(spot, value)
        else:
            yield from self._as_block(spot, value)
            yield from self._in_place(old, value, "", spot.slot)

    def _scalar(self, spot: Spot, value: Any) -> Iterator[str]:
        old = spot.value
        if isinstance(value, str) and not self.manner.json:
            spread = is_spread(self.text, old)
            if old.style != "|" and (old.style == '"' or " " in (old.text or "") or spread):
                yield from spliced(self.text, old, value, self.newline)
            if old.style in BLOCK:
                yield from blocks(self.text, old, value, self.newline, self.margin(spot))
            elif not spot.around.flow and old.style != '"':
                yield from self._as_block(spot, value)
        yield from self._in_place(old, value, old.style, spot.slot)

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
            ways = [inline(value, self.manner, flow=True)]
        else:
            ways = [*one_line(value, style, json_only=self.manner.json)]
        comment = nodes.header_comment(self.text, old)
        for way in ways:
            yield self.text[:start] + space + way + comment + self.text[end:]
        if "!" in self.text[old.outer : old.start]:  # the tag may not fit the value any more
            mark = f"&{old.anchor} " if old.anchor else ""
            for way in ways:
                yield self.text[: old.outer] + mark + way + comment + self.text[end:]

    def margin(self, spot: Spot) -> int:
        """Where what stands below a key or behind a dash starts."""
        by = 2 if spot.key is None else self.manner.step
        return lines.column(self.text, spot.lead) + by

    def _as_block(self, spot: Spot, value: Any) -> Iterator[str]:
        """A collection or a long text below its key, where one line stood."""
        old = spot.value
        if spot.around.flow or spot.key is None or self.manner.json or old.style in BLOCK:
            return
        by = self.margin(spot)
        if isinstance(value, str):
            found = literal_lines(value)
        else:
            found = ["", *block_lines(value, self.manner)] if value else None
            by += self.manner.listed - self.manner.step if isinstance(value, list) else 0
        if found is not None:
            yield self.replaced(old, spot.slot, found, by)

    def replaced(self, old: Node, slot: int, found: list[str], by: int) -> str:
        """Lines in the place of a value on one line; what stands behind it stays on the first."""
        start, end = (old.start, old.end) if old.end > old.start else (slot, slot)
        line_end = lines.line_end(self.text, end)
        before = self.text[:start] if found[0] else self.text[:start].rstrip(" ")
        space = " " if found[0] and self.text[start - 1 : start] in {":", "-"} else ""
        return f"{before}{space}{found[0]}{self.text[end:line_end]}" + self._below(
            line_end, found[1:], " " * by
        )

    def _below(self, at: int, found: list[str], margin: str) -> str:
        """New lines after the end of a line, and the rest of the text."""
        body = "".join(self.newline + (margin + line if line else "") for line in found)
        return body + self.text[at:]

    def _for_block(self, spot: Spot, value: Any) -> Iterator[str]:
        """A block collection gives way to a value on the line of its key; comments stay."""
        old = spot.value
        at = nodes.properties_end(self.text, old) or spot.slot
        first = lines.line_start(self.text, old.start)
        if at >= first:  # it starts behind a dash or a key
            yield from self._in_place(old, value, "")
            return
        last = lines.next_line(self.text, nodes.content_end(self.text, old))
        way = inline(value, self.manner, flow=True)
        if last >= len(self.text) and lines.ends_open(self.text):
            yield f"{self.text[:at]} {way}{self.text[at:first].rstrip()}"
        yield f"{self.text[:at]} {way}{self.text[at:first]}{self.text[last:]}"

    def add(self, mapping: Node, spot: Spot | None, key: str, value: Any) -> Iterator[str]:
        """A key that a mapping does not have; `spot` is where the mapping stands."""
        if not mapping.children:
            if spot is not None:
                yield from self._as_block(spot, {key: value})
            yield from self._in_place(mapping, {key: value}, "")
        elif mapping.flow:
            way = inline({key: value}, self.manner, flow=True)
            way = way.removeprefix("{").removesuffix("}").strip()
            yield from flows.added(self.text, mapping, len(mapping.children) - 1, way, self.newline)
        else:
            yield from self.add_lines(mapping, block_lines({key: value}, self.manner))

    def add_lines(self, mapping: Node, found: list[str]) -> Iterator[str]:
        """Lines below the last pair of a block mapping."""
        yield from self._after(mapping, len(mapping.children) - 1, found)

    def insert(self, spot: Spot, index: int, value: Any) -> Iterator[str]:
        """An item where the list in a spot has none."""
        sequence = spot.value.real
        items = sequence.children
        if not items:
            yield from self._as_block(spot, [value])
            yield from self._in_place(sequence, [value], "")
        elif sequence.flow:
            if not index:
                at = items[0].outer
                way = inline(value, self.manner, flow=True)
                yield f"{self.text[:at]}{way}, {self.text[at:]}"
                return
            way = flows.like(self.text, items[index - 1], value, self.manner)
            yield from flows.added(self.text, sequence, index - 1, way, self.newline)
        elif index:
            yield from self._after(sequence, index - 1, block_lines([value], self.manner))
        else:
            at = sequence.leads[0]
            margin = self.newline + " " * lines.column(self.text, at)
            way = margin.join(block_lines([value], self.manner))
            yield f"{self.text[:at]}{way}{margin}{self.text[at:]}"

    def _after(self, around: Node, index: int, found: list[str]) -> Iterator[str]:
        last = around.children[index]
        end = max(nodes.content_end(self.text, last), around.slots[index])
        tail = lines.line_end(self.text, end)
        margin = " " * lines.column(self.text, around.leads[index])
        yield self.text[:tail] + self._below(tail, found, margin)
        if last.end > tail:  # below the blank lines that a kept block scalar counts in
            body = "".join(margin + line + self.newline if line else self.newline for line in found)
            yield self.text[: last.end] + body + self.text[last.end :]

    def remove(self, spot: Spot) -> Iterator[str]:
        """A key with its value, or an item, with the lines or the comma that go with it."""
        around, index = spot.around, spot.index
        if around.flow:
            yield from flows.removed(self.text, around, index, json_only=self.manner.json)
            return
        if not lines.is_first(self.text, spot.lead):  # it shares its line with a dash or a key
            if index + 1 < len(around.children):
                yield self.text[: spot.lead] + self.text[around.leads[index + 1] :]
            return
        line = lines.line_start(self.text, spot.lead)
        end = max(nodes.content_end(self.text, spot.value), spot.slot)
        below = lines.next_line(self.text, end)
        # blank lines below may be more than decoration: a text above may count them in
        for stop in dict.fromkeys([below, spot.value.end, lines.next_text(self.text, below)]):
            if stop >= len(self.text) and lines.ends_open(self.text):
                yield self.text[:line].rstrip("\r\n")
            yield self.text[:line] + self.text[stop:]
