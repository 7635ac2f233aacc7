"""A text in a block scalar, written again: lines that stay are kept as they are."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Final

from reconciler.specs.editing.lines import ends_open, next_line
from reconciler.specs.editing.nodes import Node
from reconciler.specs.editing.splicing import spliced

_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_BREAKS: Final = re.compile(r"\n+")


def blocks(text: str, node: Node, new: str, newline: str, indent: int) -> Iterator[str]:
    """Ways to write a text as the block scalar that was there: literal lines kept one by one.

    `indent` is the one to take where the old scalar shows none.
    """
    assert node.text is not None
    body_start = next_line(text, node.start)
    header = text[node.start : body_start]
    source = [line for line in _LINE.findall(text[body_start : node.end]) if line]
    old_lines, new_lines = node.text.split("\n"), new.split("\n")
    shown = next((_width(s) - _width(v) for s, v in _shown(source, old_lines, node.style)), indent)
    margin = " " * shown
    trailing = len(new) - len(new.rstrip("\n"))
    body = new_lines[: len(new_lines) - max(trailing, 1)] if trailing else new_lines
    below = _blank_below(source)
    if node.style == ">":  # the words first, then how the text ends
        for cut in [*spliced(text, node, new, newline), text]:
            for head in _headers(header, ">", trailing, shown, first="x"):
                yield cut[: node.start] + head + cut[body_start:]
    for style, lines in _bodies(node, source, old_lines, body, margin=margin, newline=newline):
        for head in _headers(header, style, trailing, shown, first=body[0] if body else ""):
            kept = newline * (trailing - 1) if "+" in head.split("#")[0] else "".join(below)
            yield (
                text[: node.start]
                + head
                + _closed(lines, text, node.end, newline)
                + kept
                + text[node.end :]
            )


def _bodies(
    node: Node, source: list[str], old: list[str], new: list[str], *, margin: str, newline: str
) -> Iterator[tuple[str, list[str]]]:
    if node.style == ">":
        folded = _BREAKS.sub(lambda m: m.group() + "\n", "\n".join(new)).split("\n")
        yield ">", [margin + line + newline if line else newline for line in folded]
    written = [margin + line + newline if line else newline for line in new]
    if node.style == "|":
        lines = old[: len(source) - len(_blank_below(source))]
        kept: list[str] = []
        for tag, i1, i2, j1, j2 in SequenceMatcher(None, lines, new, autojunk=False).get_opcodes():
            kept += source[i1:i2] if tag == "equal" else written[j1:j2]
        yield "|", kept
    yield "|", written


def _blank_below(source: list[str]) -> list[str]:
    """The blank lines at the end of a block scalar's source."""
    count = 0
    while count < len(source) and not source[len(source) - 1 - count].strip():
        count += 1
    return source[len(source) - count :]


def _headers(header: str, style: str, trailing: int, indent: int, *, first: str) -> Iterator[str]:
    """The header as it is, with another chomping mark, and with an indentation indicator."""
    mark = re.match(r"[|>][0-9+-]*", header)
    old = mark.group() if mark else "|"
    rest = header[len(old) :]
    digits = "".join(c for c in old if c.isdigit())
    chomps = [c for c in ("-", "", "+") if c == {0: "-", 1: ""}.get(trailing, "+")] + ["+"]
    kept = "".join(c for c in old if c in "+-")
    if style == old[0]:
        yield header
    needed = first[:1] in {" ", ""} and not digits
    for digit in [digits, *([str(n) for n in range(1, min(indent, 9) + 1)] if needed else [])]:
        for chomp in dict.fromkeys([kept, *chomps]):
            yield f"{style}{digit}{chomp}{rest}"


def _shown(source: list[str], old: list[str], style: str) -> Iterator[tuple[str, str]]:
    """Source lines beside their values, where the width of the margin shows."""
    if style == "|":
        yield from ((s, v) for s, v in zip(source, old, strict=False) if v.strip())
    for line in source:
        if line.strip():
            yield line, line.lstrip(" ")


def _width(line: str) -> int:
    return len(line.rstrip("\r\n"))


def _closed(lines: list[str], text: str, end: int, newline: str) -> str:
    """The lines as one text, without a final line break where the file has none."""
    joined = "".join(lines)
    at_end = end >= len(text) and ends_open(text)
    if at_end:
        return joined.removesuffix(newline)
    return joined if joined.endswith(("\n", "\r")) or not joined else joined + newline
