"""Two texts side by side: changed lines in pairs, unchanged stretches folded."""

from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from reconciler.model.counting import counted
from reconciler.nouns import noun
from reconciler.report.html.pairing import paired
from reconciler.report.words import Part, line_diff

_CONTEXT: Final = 3
_LEAST_FOLD: Final = 3
_LONGEST_LINE: Final = 4_000
# What stands open before the rest of a diff is folded, in pairs of lines.
_OPEN: Final = 240


@noun
class Line:
    """A line of one side with its number there."""

    number: int
    parts: tuple[Part, ...]


@noun
class Pair:
    """Lines that stand side by side; None where a side has none."""

    before: Line | None
    after: Line | None
    same: bool = False

    @property
    def size(self) -> int:
        return sum(len(text) for line in self.sides for text, _ in line.parts)

    @property
    def sides(self) -> tuple[Line, ...]:
        return tuple(line for line in (self.before, self.after) if line)


@noun
class Gap:
    """An unchanged stretch, folded under its title."""

    title: str
    text: str


@noun
class Rest:
    """Pairs beyond what stands open."""

    title: str
    pairs: tuple[Pair, ...]


Block: TypeAlias = tuple[Pair, ...] | Gap | Rest


@noun
class SideBySide:
    """`missing` counts the pairs that found no room."""

    blocks: tuple[Block, ...]
    taken: int
    given: int
    missing: int = 0


def side_by_side(before: str, after: str, *, room: int) -> SideBySide:
    """The diff of two texts; `room` bounds the characters that are kept of it."""
    pieces = list(_pieces(before, after))
    pairs = [piece for piece in pieces if isinstance(piece, Pair) and not piece.same]
    taken = sum(pair.before is not None for pair in pairs)
    given = sum(pair.after is not None for pair in pairs)
    blocks, missing = _bounded(pieces, room)
    return SideBySide(tuple(blocks), taken, given, missing)


def bounded(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """The parts of a line, endless ones by their ends."""
    half = _LONGEST_LINE // 2
    return tuple(
        (text, changed)
        if len(text) <= _LONGEST_LINE
        else (f"{text[:half]} … ({len(text) - 2 * half:,} characters) … {text[-half:]}", changed)
        for text, changed in parts
    )


def _pieces(before: str, after: str) -> Iterator[Pair | Gap]:
    """Pairs and gaps in their order."""
    new = after.removesuffix("\n").split("\n")
    old_at = new_at = 1
    taken: list[tuple[Part, ...]] = []
    given: list[tuple[Part, ...]] = []
    # A gap at the end closes the diff; `line_diff` names only those that something follows.
    for line in line_diff(before, after, context=_CONTEXT):
        if line.sign == "-":
            taken.append(line.parts)
            continue
        if line.sign == "+":
            given.append(line.parts)
            continue
        yield from _changed(taken, given, old_at, new_at)
        old_at, new_at = old_at + len(taken), new_at + len(given)
        taken, given = [], []
        if line.sign == "@":
            gap = int(line.text.rpartition(" ")[2]) - new_at
            yield from _unchanged(new[new_at - 1 : new_at - 1 + gap], old_at, new_at)
            old_at, new_at = old_at + gap, new_at + gap
        else:
            yield _same(line.text, old_at, new_at)
            old_at, new_at = old_at + 1, new_at + 1
    yield from _changed(taken, given, old_at, new_at)
    old_at, new_at = old_at + len(taken), new_at + len(given)
    yield from _unchanged(new[new_at - 1 :], old_at, new_at)


def _unchanged(lines: Sequence[str], old_at: int, new_at: int) -> Iterator[Pair | Gap]:
    if len(lines) >= _LEAST_FOLD:
        yield Gap(counted(len(lines), "unchanged line"), "\n".join(lines))
        return
    for offset, text in enumerate(lines):
        yield _same(text, old_at + offset, new_at + offset)


def _same(text: str, old_at: int, new_at: int) -> Pair:
    parts = bounded(((text, False),))
    return Pair(Line(old_at, parts), Line(new_at, parts), same=True)


def _changed(
    taken: list[tuple[Part, ...]], given: list[tuple[Part, ...]], old_at: int, new_at: int
) -> Iterator[Pair]:
    for left, right in paired(taken, given):
        yield Pair(
            Line(old_at, bounded(left)) if left is not None else None,
            Line(new_at, bounded(right)) if right is not None else None,
        )
        old_at, new_at = old_at + (left is not None), new_at + (right is not None)


def _bounded(pieces: Sequence[Pair | Gap], room: int) -> tuple[list[Block], int]:
    """The pieces in blocks: the first ones open, more of them folded, and how many are left out."""
    blocks: list[Block] = []
    opened: list[Pair] = []
    rest: list[Pair] = []
    count = missing = 0
    for piece in pieces:
        if isinstance(piece, Gap):
            # Among the folded pairs the line numbers tell of gaps.
            if count < _OPEN:
                blocks += [tuple(opened)] if opened else []
                opened = []
                blocks.append(_shortened(piece, room))
                room -= min(len(piece.text), max(room, 0))
            continue
        count += 1
        room -= piece.size
        if room < 0 and count > 1:
            missing += not piece.same
        else:
            (opened if count <= _OPEN else rest).append(piece)
    blocks += [tuple(opened)] if opened else []
    blocks += [Rest(f"{len(rest):,} more lines", tuple(rest))] if rest else []
    return blocks, missing


def _shortened(gap: Gap, room: int) -> Gap:
    if len(gap.text) <= room:
        return gap
    more = counted(len(gap.text) - max(room, 0), "more unchanged character")
    return Gap(gap.title, f"{gap.text[: max(room, 0)]}… ({more})")
