"""Entries of `[…]` and `{…}` that come and go, with their commas, lines, and comments."""

import re
from collections.abc import Iterator
from typing import Any, Final

from reconciler.specs.editing import lines
from reconciler.specs.editing.manner import Manner
from reconciler.specs.editing.nodes import Node
from reconciler.specs.editing.quoting import inline

_REST: Final = re.compile(r"[ \t]*(,?)([ \t]*(?:#[^\r\n]*)?)(?=[\r\n]|\Z)")
_INNER_BREAK: Final = re.compile(r"[\r\n]")


def like(text: str, sibling: Node, value: Any, manner: Manner) -> str:
    """A value on one line; in JSON on as many as the item beside it has."""
    spread = _INNER_BREAK.search(text, sibling.start, sibling.end) is not None
    if not (manner.json and spread and value and isinstance(value, dict | list)):
        return inline(value, manner, flow=True)
    start = lines.line_start(text, sibling.start)
    margin = text[start : sibling.start] if lines.is_first(text, sibling.start) else ""
    inner = sibling.leads[0] if sibling.leads else 0
    step = text[lines.line_start(text, inner) + len(margin) : inner]
    if step.strip():
        return inline(value, manner, flow=True)
    return "".join(_spread(value, margin, step, manner, lines.newline_of(text)))


def _spread(value: Any, margin: str, step: str, manner: Manner, newline: str) -> Iterator[str]:
    if not isinstance(value, dict | list) or not value:
        yield inline(value, manner, flow=True)
        return
    inner = margin + step
    items = value.items() if isinstance(value, dict) else [(None, item) for item in value]
    yield "{" if isinstance(value, dict) else "["
    for count, (key, item) in enumerate(items):
        yield ("," if count else "") + newline + inner
        yield inline(key, manner, flow=True) + ": " if key is not None else ""
        yield from _spread(item, inner, step, manner, newline)
    yield newline + margin + ("}" if isinstance(value, dict) else "]")


def added(text: str, around: Node, index: int, written: str, newline: str) -> Iterator[str]:
    """An entry behind another one: on a line of its own where that one has one."""
    lead, end = around.leads[index], around.children[index].end
    end = max(end, around.slots[index])
    if not lines.is_first(text, lead):
        comma = "," if _is_tight(text, around) else ", "
        yield f"{text[:end]}{comma}{written}{text[end:]}"
        return
    margin = newline + text[lines.line_start(text, lead) : lead]
    if (rest := _REST.match(text, end)) is not None:
        comma = rest.group(1)
        yield f"{text[:end]},{rest.group(2)}{margin}{written}{comma}{text[rest.end() :]}"
    yield f"{text[:end]},{margin}{written}{text[end:]}"


def _is_tight(text: str, around: Node) -> bool:
    """Whether commas have no space behind them here."""
    return len(around.leads) > 1 and text[around.leads[1] - 1] == ","


def removed(text: str, around: Node, index: int, *, json_only: bool) -> Iterator[str]:
    """An entry with the comma that goes with it, and the line where it stands alone."""
    lead, end = around.leads[index], max(around.children[index].end, around.slots[index])
    rest = _REST.match(text, end)
    if lines.is_first(text, lead) and rest is not None:
        line, stop = lines.line_start(text, lead), lines.next_line(text, rest.end())
        is_last = index + 1 == len(around.children)
        if not (is_last and json_only):
            yield text[:line] + text[stop:]  # a comma may stand last
    if index + 1 < len(around.children):
        yield text[:lead] + text[around.leads[index + 1] :]
    elif index:
        before = max(around.children[index - 1].end, around.slots[index - 1])
        yield text[:before] + text[end:]
