"""A text inside a block scalar, quotes or several plain lines, changed where it changes."""

import re
from collections.abc import Iterator
from typing import Final

from reconciler.specs.editing.nodes import BLOCK, Node, line_end, next_line
from reconciler.specs.editing.quoting import double

_PART: Final = re.compile(r"[^ \t\r\n]+|[ \t\r\n]+")
_WORD: Final = re.compile(r"[^ \t\r\n]+")
_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_BREAKS: Final = re.compile(r"\n+")


def spliced(text: str, node: Node, new: str, newline: str) -> str | None:
    """The whole text with only the changed words of a scalar replaced; None if that can not be.

    The words of a scalar are the words of its source in any style, escapes aside, and whoever
    tries this reads the result.
    """
    assert node.text is not None
    old = node.text
    start = next_line(text, node.start) if node.style in BLOCK else node.start
    if node.style in BLOCK:  # how it ends is the header's to say
        old, new = old.rstrip("\n"), new.rstrip("\n")
    words = list(_WORD.finditer(text, start, node.end))
    if len(words) != len(_WORD.findall(old)) or not words:
        return None
    old_parts, new_parts = _PART.findall(old), _PART.findall(new)
    head = _common(old_parts, new_parts)
    tail = _common(old_parts[head:][::-1], new_parts[head:][::-1])
    # between whole words, so that there is a place to cut
    while head and not (_is_word(old_parts, head) and _is_word(new_parts, head)):
        head -= 1
    while tail and not (_is_word(old_parts, -tail - 1) and _is_word(new_parts, -tail - 1)):
        tail -= 1
    middle = old_parts[head : len(old_parts) - tail]
    count = sum(_WORD.match(part) is not None for part in middle)
    if not count:
        return None
    first = sum(_WORD.match(part) is not None for part in old_parts[:head])
    begin, end = words[first].start(), words[first + count - 1].end()
    quotes = node.style in {"'", '"'}
    begin += quotes and first == 0
    end -= quotes and first + count == len(words)
    indent = _indent_of(text, words[first].start())
    replacement = "".join(new_parts[head : len(new_parts) - tail])
    return text[:begin] + _encoded(replacement, node.style, newline + indent) + text[end:]


def _common(left: list[str], right: list[str]) -> int:
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count


def _is_word(parts: list[str], index: int) -> bool:
    inside = -len(parts) <= index < len(parts)
    return inside and _WORD.match(parts[index]) is not None


def _encoded(text: str, style: str, fold: str) -> str:
    if style == '"':
        return double(text)[1:-1]
    if style == "'":
        text = text.replace("'", "''")
    # in folded text one line break more than the value has
    newline = fold.rstrip(" \t")
    return _BREAKS.sub(lambda m: newline * len(m.group()) + fold, text)


def _indent_of(text: str, offset: int) -> str:
    start = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    line = text[start : line_end(text, start)]
    return line[: len(line) - len(line.lstrip(" "))]


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
        cut = spliced(text, node, new, newline) or text
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
        head = min(_common(old, new), len(source))
        tail = min(_common(_body(old, source)[head:][::-1], new[head:][::-1]), len(source) - head)
        below = len(source) - len(_blank_below(source))
        end = len(new) - tail
        yield "|", source[:head] + written[head:end] + source[below - tail : below]
    yield "|", written


def _body(old: list[str], source: list[str]) -> list[str]:
    return old[: len(source) - len(_blank_below(source))]


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
    at_end = end >= len(text) and not text.endswith(("\n", "\r"))
    if at_end:
        return joined.removesuffix(newline)
    return joined if joined.endswith(("\n", "\r")) or not joined else joined + newline
