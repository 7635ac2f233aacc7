"""Lines and columns of a text, by offset. A line ends with LF, CR LF, or CR."""

import re
from typing import Final

_BREAK: Final = re.compile(r"[\r\n]")
_TEXT: Final = re.compile(r"\S")
_NEWLINE: Final = re.compile(r"\r\n|\r|\n")


def newline_of(text: str) -> str:
    """The line break that a text uses (its first)."""
    match = _NEWLINE.search(text)
    return match.group() if match else "\n"


def line_start(text: str, offset: int) -> int:
    return max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1


def line_end(text: str, offset: int) -> int:
    """Where the line ends, before its line break."""
    match = _BREAK.search(text, offset)
    return match.start() if match else len(text)


def next_line(text: str, offset: int) -> int:
    """Where the line after this one starts."""
    end = line_end(text, offset)
    return end + (2 if text[end : end + 2] == "\r\n" else 1) if end < len(text) else end


def next_text(text: str, offset: int) -> int:
    """The start of the first line from here on that is not blank."""
    match = _TEXT.search(text, offset)
    return line_start(text, match.start()) if match else len(text)


def column(text: str, offset: int) -> int:
    return offset - line_start(text, offset)


def is_first(text: str, offset: int) -> bool:
    """Whether nothing but blanks stands before a place on its line."""
    return not text[line_start(text, offset) : offset].strip()


def ends_open(text: str) -> bool:
    """Whether the last line has no line break."""
    return not text.endswith(("\n", "\r"))
