"""The fields of a change as rows of the page."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from reconciler.model.change import FieldChange
from reconciler.model.counting import counted
from reconciler.model.values import ABSENT, Path
from reconciler.nouns import noun
from reconciler.report.html.sidebyside import SideBySide, bounded, side_by_side
from reconciler.report.look import line_count
from reconciler.report.text_fields import RESET, secret_note
from reconciler.report.values import MASK, Leaf, children, dotted, is_secret, leaves, shown, sides
from reconciler.report.words import Part, line_diff

_LONG: Final = 100
_OPEN_LINES: Final = 16


@noun
class Whole:
    """A long value that stands alone: its first lines, and the others folded under `more`."""

    head: str
    more: str = ""
    tail: str = ""


@noun
class Row:
    """One leaf. `said` takes the place of values; a long change has a `diff` in place of sides.

    A side is parts of one line, a `Whole`, or None where there is nothing.
    """

    path: str
    origin: str
    note: str = ""
    said: str = ""
    before: tuple[Part, ...] | Whole | None = None
    after: tuple[Part, ...] | Whole | None = None
    diff: SideBySide | None = None

    @property
    def wide(self) -> bool:
        """Whether it takes the full width, below its path."""
        return (
            self.diff is not None or isinstance(self.before, Whole) or isinstance(self.after, Whole)
        )


def changed_rows(change: FieldChange, room: int) -> Iterator[Row]:
    """The rows of one field of an update."""
    before, after = sides(change)
    if is_secret(change):
        yield Row(dotted(change.path), change.origin, said=secret_note(change))
    elif change.reset:
        yield _row(Leaf(change.path, before, after), change, RESET, room)
    else:
        for leaf in leaves(change.path, before, after):
            yield _row(leaf, change, "", room)


def created_row(change: FieldChange, room: int) -> Row:
    """What a create declares; it has no origin to tell."""
    _, after = sides(change)
    if is_secret(change):
        said = MASK if after is ABSENT else shown(after)
        return Row(dotted(change.path), "", said=said)
    return Row(dotted(change.path), "", after=_side(change.path, after, room))


def _row(leaf: Leaf, change: FieldChange, note: str, room: int) -> Row:
    path = dotted(leaf.path)
    if _are_one_text(leaf):
        if not _is_long(leaf.before) and not _is_long(leaf.after):
            left, right = _words(shown(leaf.before), shown(leaf.after))
            return Row(path, change.origin, note, before=left, after=right)
    elif not (_is_long(leaf.before) and _is_long(leaf.after)):
        before, after = (_side(leaf.path, side, room) for side in (leaf.before, leaf.after))
        return Row(path, change.origin, note, before=before, after=after)
    old, new = (_laid_out(leaf.path, side) for side in (leaf.before, leaf.after))
    return Row(path, change.origin, note, diff=side_by_side(old, new, room=room))


def _are_one_text(leaf: Leaf) -> bool:
    """Also a text that became long, or is so no longer."""
    before, after = leaf.before, leaf.after
    return isinstance(before, str) and isinstance(after, str) and bool(before and after)


def _words(before: str, after: str) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """Two short texts with their changed words marked."""
    lines = {line.sign: line.parts for line in line_diff(before, after)}
    return lines.get("-", ((before, False),)), lines.get("+", ((after, False),))


def _side(path: Path, value: Any, room: int) -> tuple[Part, ...] | Whole | None:
    if value is ABSENT:
        return None
    if not _is_long(value):
        return ((shown(value), False),)
    lines = _laid_out(path, value)[: room + 1].removesuffix("\n").split("\n")
    lines = [text for line in lines for text, _ in bounded(((line, False),))]
    size = line_count(_laid_out(path, value))
    if len(lines) <= _OPEN_LINES + 2 and size == len(lines):
        return Whole("\n".join(lines))
    tail = "\n".join(lines[_OPEN_LINES:])
    if size > len(lines):
        tail += f"\n… ({counted(size - len(lines), 'more line')})"
    return Whole("\n".join(lines[:_OPEN_LINES]), counted(size - _OPEN_LINES, "more line"), tail)


def _is_long(value: Any) -> bool:
    if isinstance(value, str):
        return "\n" in value.removesuffix("\n") or len(value) > _LONG
    return isinstance(value, (Mapping, list)) and len(shown(value)) > _LONG


def _laid_out(path: Path, value: Any) -> str:
    """A long value as lines: a text as it is, a structure as YAML's block style would have it."""
    if isinstance(value, str):
        return value
    return "\n".join(_block(children(path, value) or value))


def _block(value: Any) -> Iterator[str]:
    entries: Sequence[tuple[str, Any]] = (
        [(f"{shown(name)[1:-1]}:", part) for name, part in value.items()]
        if isinstance(value, Mapping)
        else [("-", part) for part in value]
    )
    for head, part in entries:
        if isinstance(part, str) and "\n" in part.removesuffix("\n"):
            yield f"{head} |"
            yield from (f"  {line}" for line in part.removesuffix("\n").split("\n"))
        elif isinstance(part, (Mapping, list)) and part:
            first, *rest = (f"  {line}" for line in _block(part))
            yield from ([f"- {first[2:]}"] if head == "-" else [head, first])
            yield from rest
        else:
            yield f"{head} {shown(part)}"
