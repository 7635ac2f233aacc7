"""A text in quotes, folded, or in several plain lines: only the words that change are replaced."""

import re
from collections.abc import Iterator
from typing import Final

from reconciler.specs.editing.lines import line_start, next_line
from reconciler.specs.editing.nodes import BLOCK, Node
from reconciler.specs.editing.quoting import double

_PART: Final = re.compile(r"[^ \t\r\n]+|[ \t\r\n]+")
_WORD: Final = re.compile(r"[^ \t\r\n]+")
_BREAKS: Final = re.compile(r"\n+")
_NEWLINE: Final = re.compile(r"\r\n|\r|\n")
_ESCAPED: Final = dict(
    zip(
        '0abt\tnvfre "/\\N_LP',
        '\0\a\b\t\t\n\v\f\r\x1b "/\\\x85\xa0\u2028\u2029',
        strict=True,
    )
)
_PIECE: Final = re.compile(
    r"\\(?:x(?P<x>[0-9a-fA-F]{2})|u(?P<u>[0-9a-fA-F]{4})|U(?P<U>[0-9a-fA-F]{8}))"
    r"|\\(?P<on>(?:\r\n|\r|\n)[ \t]*)|\\(?P<escape>.)"
    r"|(?P<fold>[ \t]*(?:(?:\r\n|\r|\n)[ \t]*)+)|(?P<char>.)",
    re.DOTALL,
)


def spliced(text: str, node: Node, new: str, newline: str) -> Iterator[str]:
    """Ways to write the whole text with another value of one scalar, most careful first.

    Not all of them are right: whoever takes one reads the result.
    """
    if node.style == '"':
        yield from _in_escapes(text, node, new)
    yield from _in_words(text, node, new, newline)


def _in_words(text: str, node: Node, new: str, newline: str) -> Iterator[str]:
    """The words of a scalar are the words of its source in any style, escapes aside."""
    assert node.text is not None
    old = node.text
    start = next_line(text, node.start) if node.style in BLOCK else node.start
    if node.style in BLOCK:  # how it ends is the header's to say
        old, new = old.rstrip("\n"), new.rstrip("\n")
    words = list(_WORD.finditer(text, start, node.end))
    if len(words) != len(_WORD.findall(old)) or not words:
        return
    old_parts, new_parts = _PART.findall(old), _PART.findall(new)
    head, tail = _changed(old_parts, new_parts)
    count = sum(map(_is_word, old_parts[head : len(old_parts) - tail]))
    if not count:
        return
    first = sum(map(_is_word, old_parts[:head]))
    begin, end = words[first].start(), words[first + count - 1].end()
    quotes = node.style in {"'", '"'}
    begin += quotes and first == 0
    end -= quotes and first + count == len(words)
    middle = "".join(new_parts[head : len(new_parts) - tail])
    for margin in dict.fromkeys(_margins(text, words[first].start(), start, node)):
        for written in dict.fromkeys(_encoded(middle, node.style, newline, margin)):
            yield text[:begin] + written + text[end:]
    if node.style == "" and _NEWLINE.search(text, node.start, node.end):
        yield from _now_quoted(text, node, (begin, end), middle)


def _changed(old: list[str], new: list[str]) -> tuple[int, int]:
    """How many parts at the start and the end stay; what changes starts and ends with words."""
    head = common(old, new)
    tail = common(old[head:][::-1], new[head:][::-1])
    while head and not (_is_word_at(old, head) and _is_word_at(new, head)):
        head -= 1
    while tail and not (_is_word_at(old, -tail - 1) and _is_word_at(new, -tail - 1)):
        tail -= 1
    return head, tail


def common(left: list[str], right: list[str]) -> int:
    """How many items at the start are the same."""
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count


def _is_word(part: str) -> bool:
    return _WORD.match(part) is not None


def _is_word_at(parts: list[str], index: int) -> bool:
    return -len(parts) <= index < len(parts) and _is_word(parts[index])


def _margins(text: str, word: int, start: int, node: Node) -> Iterator[str]:
    """What a new line may be indented by: as the line around it, or as the whole block."""
    at = line_start(text, word)
    yield " " * (len(text[at:word]) - len(text[at:word].lstrip(" ")))
    if node.style in BLOCK:
        lines = [line for line in _NEWLINE.split(text[start : node.end]) if line.strip()]
        yield " " * min(len(line) - len(line.lstrip(" ")) for line in lines)


def _encoded(text: str, style: str, newline: str, margin: str) -> Iterator[str]:
    """A line break is one more in folded text, or is kept beside lines that are indented more."""
    if style == '"':
        yield double(text)[1:-1]
        return
    if style == "'":
        text = text.replace("'", "''")
    yield _BREAKS.sub(lambda m: newline * (len(m.group()) + 1) + margin, text)
    yield _BREAKS.sub(lambda m: newline * len(m.group()) + margin, text)


def _now_quoted(text: str, node: Node, cut: tuple[int, int], middle: str) -> Iterator[str]:
    """Plain lines that can hold the new words only between quotes."""
    begin, end = cut
    if "\n" in middle:
        return
    whole = text[node.start : begin] + middle + text[end : node.end]
    if "'" not in whole:
        yield f"{text[: node.start]}'{whole}'{text[node.end :]}"
    elif '"' not in whole and "\\" not in whole:
        yield f'{text[: node.start]}"{whole}"{text[node.end :]}'


def _in_escapes(text: str, node: Node, new: str) -> Iterator[str]:
    """Between double quotes every character of the value has a place in the source."""
    pieces = [(m.start(), m.end(), _value(m)) for m in _inner(text, node)]
    if "".join(value for _, _, value in pieces) != node.text:
        return
    values = [value for _, _, value in pieces]
    head, left = _fitting(values, new)
    tail, right = _fitting([v[::-1] for v in values[head:]][::-1], new[left:][::-1])
    middle = new[left : len(new) - right]
    begin = pieces[head][0] if head < len(pieces) else node.end - 1
    end = pieces[len(pieces) - 1 - tail][1] if head + tail < len(pieces) else begin
    written = double(middle)[1:-1]
    yield text[:begin] + written + text[end:]


def _inner(text: str, node: Node) -> Iterator[re.Match[str]]:
    return _PIECE.finditer(text, node.start + 1, node.end - 1)


def _value(match: re.Match[str]) -> str:
    kind = match.lastgroup or ""
    told = match.group(kind)
    if kind in {"x", "u", "U"}:
        code = int(told, 16)
        return chr(code) if code <= 0x10FFFF else ""  # noqa: PLR2004  # the last character there is
    if kind == "escape":
        return _ESCAPED.get(told, "")
    if kind == "fold":
        return "\n" * (len(_NEWLINE.findall(told)) - 1) or " "
    return told if kind == "char" else ""


def _fitting(values: list[str], new: str) -> tuple[int, int]:
    """How many values stand at the start of a text, and how long they are."""
    at = 0
    for count, value in enumerate(values):
        if not new.startswith(value, at):
            return count, at
        at += len(value)
    return len(values), at


def is_spread(text: str, node: Node) -> bool:
    """Whether a scalar stands on several lines."""
    return node.style in BLOCK or _NEWLINE.search(text, node.start, node.end) is not None
