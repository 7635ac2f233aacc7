"""The fields of one change as lines of text, those that need a reviewer's eye first."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

from reconciler.model.change import FieldChange, Origin
from reconciler.model.counting import counted
from reconciler.model.values import ABSENT, Path, SecretRef
from reconciler.nouns import noun
from reconciler.report.escaping import escape, inline
from reconciler.report.look import Look, columns, cut, line_count, padded
from reconciler.report.values import (
    MASK,
    Leaf,
    children,
    dotted,
    is_secret,
    leaves,
    masked,
    shown,
    sides,
)
from reconciler.report.words import DiffLine, line_diff, marked, shortened

ORDER: Final = (Origin.CONFLICT, Origin.DRIFT, Origin.UNKNOWN, Origin.GIT)
HEADINGS: Final = {
    Origin.CONFLICT: "changed live and in git since the last apply; git wins:",
    Origin.DRIFT: "changed live since the last apply; git wins:",
    Origin.UNKNOWN: "differs, and nothing is remembered of who changed it; git wins:",
    Origin.GIT: "changed in git:",
}
STYLES: Final = {
    Origin.CONFLICT: "conflict",
    Origin.DRIFT: "yellow",
    Origin.UNKNOWN: "cyan",
    Origin.GIT: "dim",
}
_INDENT: Final = "    "
_WIDEST_PATH: Final = 34
_NARROWEST: Final = 16
_AROUND: Final = len(": 1, ")
_DEEPEST: Final = 2
_MOST_LINES: Final = 60
RESET: Final = "back to the API's default"


@noun
class Row:
    """One line to be: a leaf of a field change, with what is said after its values."""

    leaf: Leaf
    change: FieldChange
    note: str = ""
    tag: str = ""


def changed_fields(changes: Sequence[FieldChange], look: Look) -> Iterator[str]:
    """The fields of an update, grouped by why they differ."""
    groups = [(o, [c for c in changes if c.origin is o]) for o in ORDER]
    groups = [(origin, members) for origin, members in groups if members]
    alone = len(groups) == 1 and groups[0][0] is Origin.GIT
    width = path_width(changes)
    for origin, members in groups:
        style = STYLES[origin]
        if not alone:
            yield "  " + look.paint(style, HEADINGS[origin])
        yield from field_lines(members, look, tag=f"({origin})", style=style, width=width)


def path_width(changes: Iterable[FieldChange]) -> int:
    """The columns that the paths of a change take, so that its groups stand in one line."""
    rows = (row for change in changes for row in _rows(change, ""))
    return min(max((columns(dotted(r.leaf.path)) for r in rows), default=0), _WIDEST_PATH)


def field_lines(
    changes: Iterable[FieldChange], look: Look, *, tag: str, style: str, width: int
) -> Iterator[str]:
    """One line or block for each leaf, paths aligned."""
    for change in changes:
        for row in _rows(change, look.paint(style, tag)):
            yield from _row_lines(row, width, look)


def created_fields(changes: Iterable[FieldChange], look: Look) -> Iterator[str]:
    """The declared fields of a create; its name stands in the heading."""
    entries = [
        entry
        for change in changes
        if change.path != ("name",)
        for entry in _entries(change.path, _created(change), look)
    ]
    yield from _entry_lines(entries, look, "")


def _rows(change: FieldChange, tag: str) -> Iterator[Row]:
    before, after = sides(change)
    if is_secret(change):
        yield Row(Leaf(change.path, ABSENT, after), change, secret_note(change), tag)
        return
    found = (
        [Leaf(change.path, before, after)] if change.reset else leaves(change.path, before, after)
    )
    for leaf in found:
        yield Row(leaf, change, RESET if change.reset else "", tag)


def secret_note(change: FieldChange) -> str:
    """What can be said of a secret."""
    if change.reset:
        return f"(secret) {RESET}"
    origin = f", from {inline(change.after.name)}" if isinstance(change.after, SecretRef) else ""
    return f"(secret) {'unverified' if change.origin is Origin.UNKNOWN else 'changed'}{origin}"


def _row_lines(row: Row, width: int, look: Look) -> Iterator[str]:
    path, leaf = dotted(row.leaf.path), row.leaf
    head = f"{_INDENT}{padded(path, width)}  "
    if is_secret(row.change):
        yield " ".join(filter(None, (head + row.note, row.tag)))
        return
    texts = isinstance(leaf.before, str) and isinstance(leaf.after, str)
    if texts and "\n" in leaf.before + leaf.after:
        yield from _text_block(row, head, look)
        return
    before, after = shown(leaf.before, look.width), shown(leaf.after, look.width)
    if columns(head) + columns(before) + columns(after) + columns(row.note) + 14 <= look.width:
        arrow = look.paint("dim", "→")
        pair = f"{_value('red', before, look)} {arrow} {_value('green', after, look)}"
        note = f", {row.note}" if row.note else ""
        yield f"{head}{pair}{note} {row.tag}".rstrip()
    elif texts:
        yield from _text_block(row, head, look)
    else:
        yield " ".join(filter(None, (head.rstrip(), row.note, row.tag)))
        yield from _side_lines(leaf.path, leaf.before, look, "-")
        yield from _side_lines(leaf.path, leaf.after, look, "+")


def _value(style: str, text: str, look: Look) -> str:
    """Null and absent are told from texts by their looks too."""
    return look.paint("dim" if text in {"null", "absent"} else style, text)


def _text_block(row: Row, head: str, look: Look) -> Iterator[str]:
    before, after = row.leaf.before, row.leaf.after
    size = ""
    if "\n" in before + after:
        old, new = line_count(before), line_count(after)
        size = counted(new, "line") if old == new else f"{old:,} → {counted(new, 'line')}"
    yield " ".join(filter(None, (head.rstrip() if not size else head + size, row.note, row.tag)))
    yield from diff_lines(before, after, look)


def diff_lines(before: str, after: str, look: Look) -> Iterator[str]:
    """A line diff, bounded unless everything was asked for."""
    lines = line_diff(before, after)
    if look.verbose:
        yield from (_diff_line(line, look) for line in lines)
        return
    yield from (_diff_line(line, look) for line in islice(lines, _MOST_LINES))
    if next(lines, None) is not None:
        yield f"{_INDENT}  {look.paint('dim', '… and more (-v shows all of it)')}"


def _diff_line(line: DiffLine, look: Look) -> str:
    if line.sign == "@":
        return f"{_INDENT}  {look.paint('dim', '⋯ ' + line.text)}"
    parts = line.parts if look.verbose else shortened(line)
    body = "".join(_part(text, changed, line.sign, look) for text, changed in parts)
    style = {"-": "red", "+": "green", " ": "dim"}[line.sign]
    return f"{_INDENT}  {look.paint(style, line.sign)} {body}".rstrip(" ")


def _part(text: str, changed: bool, sign: str, look: Look) -> str:  # noqa: FBT001  # a pair unpacked
    text = escape(text)
    if look.color:
        style = {"-": "red", "+": "green", " ": "dim"}[sign]
        return look.paint({"-": "taken", "+": "given"}.get(sign, style) if changed else style, text)
    return marked(text, sign) if changed else text


def _side_lines(path: Path, value: Any, look: Look, sign: str) -> Iterator[str]:
    """One side of a change that is too long for one line; nothing where there is nothing."""
    if value is not ABSENT:
        parts = children(path, value) or {"": value}
        entries = [(inline(name), part) for name, part in parts.items()]
        yield from _entry_lines(entries, look, sign)


def _entries(path: Path, value: Any, look: Look) -> Iterator[tuple[str, Any]]:
    """A value and its name; one that is too long for a line gives way to its parts."""
    parts = children(path, value) if len(path) <= _DEEPEST else None
    if parts is None or _fits(value, look.width - _WIDEST_PATH - len(_INDENT)):
        yield dotted(path), value
        return
    for name, part in parts.items():
        if type(part) is str:  # most are
            yield dotted((*path, name)), part
        else:
            yield from _entries((*path, name), part, look)


def _fits(value: Any, room: int) -> bool:
    """Whether a value takes no more columns; the names of an object alone tell it for most."""
    if isinstance(value, dict) and sum(map(columns, value)) + _AROUND * len(value) > room:
        return False
    return columns(shown(value, room)) <= room


def _entry_lines(entries: Sequence[tuple[str, Any]], look: Look, sign: str) -> Iterator[str]:
    widths = [columns(name) for name, _ in entries]
    width = min(max(widths, default=0), _WIDEST_PATH)
    style = {"-": "red", "+": "green"}.get(sign, "")
    lead = f"{_INDENT}  {look.paint(style, sign)} " if sign else _INDENT
    room = look.width - len(_INDENT) - width - 6
    for (name, value), taken in zip(entries, widths, strict=True):
        gap = " " * (max(width - taken, 0) + (2 if name else 0))
        first, *more = _stated(value, room, look)
        yield f"{lead}{name}{gap}{look.paint(style, first) if style else first}"
        for line in more:
            yield f"{lead}  {look.paint('dim', '|')} {line}"


def _stated(value: Any, room: int, look: Look) -> tuple[str, ...]:
    """A value alone: long texts by their first line and their size, or whole when verbose."""
    if not isinstance(value, str) or "\n" not in value or "\n" not in value.rstrip("\n"):
        return (shown(value) if look.verbose else _cut_value(value, room),)
    lines = value.rstrip("\n").split("\n")
    if look.verbose:
        return (f"({counted(len(lines), 'line')})", *map(escape, lines))
    size = f" … ({counted(len(lines), 'line')})"
    head = next((line for line in lines if line.strip()), "")
    return (cut(shown(head), room - len(size)) + size,)


def _cut_value(value: Any, room: int) -> str:
    text = shown(value, max(room, _NARROWEST))
    if columns(text) <= room:
        return text
    size = f" ({counted(len(value), 'character')})" if isinstance(value, str) else ""
    return cut(text, max(room - len(size), _NARROWEST)) + size


def _created(change: FieldChange) -> Any:
    if not is_secret(change):
        return masked(change.after, change.path)
    _, after = sides(change)
    return _Word(MASK) if after is ABSENT else after


class _Word:
    """Shown as it is, without quotes."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text
