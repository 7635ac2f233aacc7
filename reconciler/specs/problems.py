"""Problems, put in order: each once, by position, silenced where a comment says so."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from reconciler.errors import Position, Problem
from reconciler.patterns import pattern
from reconciler.specs.findings import severity_of
from reconciler.specs.marks import Text

if TYPE_CHECKING:
    from reconciler.specs.layers import Place

_TO_ITS_VALUE: Final = pattern(r"[^,{}\[\]]*:\s*(?:- *)?\Z|\Z")
_LONGEST_KEY: Final = 200
_IGNORE: Final = pattern(r"#\s*reconciler:\s*ignore\[([^\]]*)\]")
_NOWHERE: Final = Position("")


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems sorted by position, each place and message once.

    Of several it is always the same one, in whichever order specs were read.
    """
    ranked = sorted(problems, key=lambda each: (each.via, each.hint or ""), reverse=True)
    once = {(each.code, each.message, each.position): each for each in ranked}
    return tuple(
        sorted(
            once.values(),
            key=lambda each: (each.position or _NOWHERE, each.code, each.message),
        )
    )


def is_echo(found: Position, told: Position | None, text: Text) -> bool:
    """Whether a place is that of a value that was told of, or of the key just before it."""
    if told is None or not 0 <= told.line - found.line <= 1:
        return False
    start, end = found.column - 1, told.column - 1
    line = text.line(found.line - 1)
    if found.line == told.line:
        near = start <= end < start + _LONGEST_KEY
        between = line[start:end] if near else "far"
    else:
        between = f"{line[start : start + _LONGEST_KEY]}\n{text.line(told.line - 1)[:end]}"
    return _TO_ITS_VALUE.match(between) is not None


def is_silenced(code: str, place: "Place") -> bool:
    """Whether a comment on the value's line, its key's, or the line above names the code.

    Only a warning can be silenced.
    """
    if severity_of(code) != "warning":
        return False
    lines = {(place.text, place.span.line), *place.anchors}
    return any(
        code in _codes(text.line(index)) or (index > 0 and code in _alone(text.line(index - 1)))
        for text, index in lines
    )


def _codes(line: str) -> list[str]:
    found = _IGNORE.search(line)
    return [code.strip() for code in found.group(1).split(",")] if found else []


def _alone(line: str) -> list[str]:
    """The codes of a line that is nothing but a comment."""
    return _codes(line) if line.lstrip().startswith("#") else []
