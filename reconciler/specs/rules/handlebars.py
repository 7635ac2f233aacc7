"""As much Handlebars as it takes to find unbalanced braces and the variables a text uses."""

import re
from collections.abc import Iterator
from typing import Final

_BRACES: Final = re.compile(r"\\?\{\{\{?|\}\}\}?")
_TAG: Final = re.compile(r"(\\?)\{\{\{?~?\s*(!?[^{}]*?)\s*~?\}\}")
_NAME: Final = re.compile(r"[A-Za-z_]\w*")
_WORDS: Final = frozenset({"this", "else", "true", "false", "null", "undefined", "as"})


def unbalanced(text: str) -> Iterator[tuple[int, str]]:
    """The offsets of braces without their partner, and what they are."""
    if "{{" not in text and "}}" not in text:
        return
    opened: int | None = None
    for found in _BRACES.finditer(text):
        braces = found.group()
        if braces.startswith("\\"):
            continue  # `\{{` is literal, and so is the `}}` that follows it
        if braces.startswith("{"):
            if opened is not None:
                yield opened, "{{"
            opened = found.start()
        elif opened is None:
            if "\\{{" not in text[: found.start()].rpartition("}}")[2]:
                yield found.start(), "}}"
        else:
            opened = None
    if opened is not None:
        yield opened, "{{"


def used_names(text: str) -> Iterator[tuple[int, str]]:
    """The variables that a text uses, with their offsets; helpers and vault names are none."""
    if "{{" not in text:
        return
    for tag in _TAG.finditer(text):
        inner = tag.group(2)
        if tag.group(1) or not inner or inner[0] in "!/>$@&^":
            continue
        at = tag.start(2)
        is_block = inner[0] == "#"
        words = list(re.finditer(r"[^\s()=|\"']+", re.sub(r"([\"']).*?\1", _blank, inner)))
        # the first of several words is a helper: `#if paid`, `upper name`
        for word in words[1:] if is_block or len(words) > 1 else words:
            name = _NAME.match(word.group())
            if name and name.group() not in _WORDS:
                yield at + word.start(), name.group()


def _blank(quoted: re.Match[str]) -> str:
    return " " * len(quoted.group())
