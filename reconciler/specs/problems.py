"""Problems, put in order: each once, by position, silenced where a comment says so."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from reconciler.errors import Position, Problem

if TYPE_CHECKING:
    from reconciler.specs.layers import Place

_IGNORE: Final = re.compile(r"#\s*reconciler:\s*ignore\[([^\]]*)\]")
_NOWHERE: Final = Position("")


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems sorted by position, each place and message once."""
    once = {(each.code, each.message, each.position): each for each in reversed(list(problems))}
    return tuple(
        sorted(
            once.values(),
            key=lambda each: (each.position or _NOWHERE, each.code, each.message),
        )
    )


def is_silenced(code: str, place: "Place") -> bool:
    """Whether a comment on the value's line, its key's, or the line above names the code."""
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
