"""How a text looks: colour, width, how much of it; and the width of characters on a terminal."""

import unicodedata
from typing import Final

from reconciler.nouns import noun

_STYLES: Final = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "magenta": "35",
    "cyan": "36",
    "alarm": "1;31",
    "conflict": "1;35",
    "taken": "1;31;7",
    "given": "1;32;7",
}


@noun
class Look:
    """`width` is in terminal columns; `verbose` shows what is shortened otherwise."""

    color: bool = False
    width: int = 100
    verbose: bool = False

    def paint(self, style: str, text: str) -> str:
        """The text, already escaped, in a style."""
        if not self.color or not style or not text:
            return text
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m"


def columns(text: str) -> int:
    """How many columns a text takes: wide characters take two, combining ones none."""
    return len(text) if text.isascii() else sum(map(char_columns, text))


def char_columns(char: str) -> int:
    if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def padded(text: str, width: int) -> str:
    return text + " " * (width - columns(text))


def cut(text: str, width: int) -> str:
    """The text within so many columns, an ellipsis where something is missing."""
    if columns(text) <= width:
        return text
    if text.isascii():
        return text[: max(width - 1, 0)] + "…"
    kept, used = [], 1
    for char in text:
        used += char_columns(char)
        if used > width:
            break
        kept.append(char)
    return "".join(kept) + "…"


def line_count(text: str) -> int:
    """A newline ends a line; it does not begin one."""
    return len(text.removesuffix("\n").split("\n"))
