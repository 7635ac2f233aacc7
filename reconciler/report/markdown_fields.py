"""The fields of one change as lines of a diff block."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

from reconciler.model.change import FieldChange, Origin
from reconciler.model.counting import counted
from reconciler.model.values import ABSENT, Path
from reconciler.report.look import line_count
from reconciler.report.markdown import Fence, fence
from reconciler.report.text_fields import ORDER, RESET, secret_note
from reconciler.report.values import Leaf, children, dotted, is_secret, leaves, shown, sides
from reconciler.report.words import DiffLine, line_diff, marked, shortened

HEADINGS: Final = {
    Origin.CONFLICT: "**Conflict: changed live and in git since the last apply; git wins**",
    Origin.DRIFT: "**Drift: changed live since the last apply; git wins**",
    Origin.UNKNOWN: "**Differs, and nothing is remembered of who changed it; git wins**",
    Origin.GIT: "**Changed in git**",
}
_MOST_DIFF_LINES: Final = 150
_MOST_LINES: Final = 40
_LONG: Final = 80


def changed_fields(changes: Sequence[FieldChange]) -> Iterator[str | Fence]:
    """The fields of an update, drift apart from git."""
    for origin in ORDER:
        members = [change for change in changes if change.origin is origin]
        if members:
            yield HEADINGS[origin]
            yield diff_block(members)


def diff_block(changes: Iterable[FieldChange]) -> Fence:
    """Short fields first: what stands below a text's head belongs to the text."""
    short: list[str] = []
    texts: list[str] = []
    for change in changes:
        for lines in _lines(change):
            (texts if lines[0].startswith("@@") else short).extend(lines)
    return fence("diff", [*short, *texts])


def created_fields(changes: Iterable[FieldChange]) -> Fence:
    """What a create declares."""
    return fence("diff", (line for change in changes for line in _created(change)))


def _lines(change: FieldChange) -> Iterator[list[str]]:
    """The lines of each leaf."""
    before, after = sides(change)
    if is_secret(change):
        yield [f"! {dotted(change.path)}: {secret_note(change)}"]
    elif change.reset:
        yield list(_sides(Leaf(change.path, before, after), f"  ({RESET})"))
    else:
        for leaf in leaves(change.path, before, after):
            yield list(_text(leaf) if _is_text(leaf) else _sides(leaf, ""))


def _is_text(leaf: Leaf) -> bool:
    if not (isinstance(leaf.before, str) and isinstance(leaf.after, str)):
        return False
    return "\n" in leaf.before + leaf.after or max(len(leaf.before), len(leaf.after)) > _LONG


def _text(leaf: Leaf) -> Iterator[str]:
    """A line diff; each of its lines is one line, whatever a prompt holds."""
    size = counted(line_count(leaf.after), "line")
    yield f"@@ {dotted(leaf.path)} ({size}) @@"
    lines = line_diff(leaf.before, leaf.after, context=3)
    yield from map(_diff_line, islice(lines, _MOST_DIFF_LINES))
    if next(lines, None) is not None:
        yield "@@ … and more: see the text plan @@"


def _diff_line(line: DiffLine) -> str:
    if line.sign == "@":
        return f"@@ {line.text} @@"
    parts = (marked(text, line.sign) if changed else text for text, changed in shortened(line))
    return f"{line.sign} {''.join(parts)}" if line.text else line.sign


def _sides(leaf: Leaf, note: str) -> Iterator[str]:
    if leaf.before is not ABSENT:
        yield from _stated("-", leaf.path, leaf.before, "")
    if leaf.after is not ABSENT:
        yield from _stated("+", leaf.path, leaf.after, note)
    elif note or leaf.before is ABSENT:
        yield f"! {dotted(leaf.path)}: absent{note}"


def _stated(sign: str, path: Path, value: Any, note: str) -> Iterator[str]:
    """One side: in a line where it fits, else part by part, texts line by line."""
    flow = shown(value)
    if isinstance(value, str) and "\n" in value:
        lines = value.removesuffix("\n").split("\n")
        yield f"{sign} {dotted(path)}: |{note}"
        yield from (f"{sign}   {line}" if line else sign for line in lines[:_MOST_LINES])
        if len(lines) > _MOST_LINES:
            yield f"{sign}   … ({counted(len(lines) - _MOST_LINES, 'more line')})"
    elif len(flow) > _LONG and (parts := children(path, value)) is not None:
        for name, part in parts.items():
            yield from _stated(sign, (*path, name), part, note)
    else:
        yield f"{sign} {dotted(path)}: {flow}{note}"


def _created(change: FieldChange) -> Iterator[str]:
    _, after = sides(change)
    if is_secret(change) and after is ABSENT:
        yield f"+ {dotted(change.path)}: (secret)"
    else:
        yield from _stated("+", change.path, after, "")
