"""As much Handlebars as it takes to find unbalanced braces and the variables a text uses."""

import re
from collections.abc import Iterator
from typing import Final

_BRACES: Final = re.compile(r"\\?\{\{\{?|\}\}\}?")
_TAG: Final = re.compile(r"\\?\{\{([^{}]*)\}\}")
_PAIR: Final = re.compile(r"\{\{[^{}]*\}\}")
_NAME: Final = re.compile(r"[A-Za-z_]\w*")
_WORD: Final = re.compile(r"[^\s()=|\"']+")
_QUOTED: Final = re.compile(r"([\"']).*?\1")
_WORDS: Final = frozenset({"this", "else", "true", "false", "null", "undefined", "as"})


def unbalanced(text: str) -> Iterator[tuple[int, str]]:
    """The offsets of braces without their partner, and what they are."""
    rest = _PAIR.sub(" ", text) if "{{" in text else text
    return _unpaired(text) if "{{" in rest or "}}" in rest else iter(())


def _unpaired(text: str) -> Iterator[tuple[int, str]]:
    opened: int | None = None
    literal = False  # `\\{{` is literal, and so is the `}}` that follows it
    for found in _BRACES.finditer(text):
        braces = found.group()
        if braces[0] == "\\":
            literal = True
        elif braces[0] == "{":
            if opened is not None:
                yield opened, "{{"
            opened = found.start()
        elif opened is None and not literal:
            yield found.start(), "}}"
        else:
            opened, literal = None, False
    if opened is not None:
        yield opened, "{{"


def used_names(text: str) -> Iterator[tuple[int, str]]:
    """The variables that a text uses, with their offsets; helpers and vault names are none."""
    if "{{" not in text:
        return
    for tag in _TAG.finditer(text):
        written = tag.group(1)
        inner = written.strip(" \t\r\n~")
        if tag.group().startswith("\\") or not inner or inner[0] in "!/>$@&^":
            continue
        at = tag.start(1) + written.index(inner)
        if _NAME.fullmatch(inner):
            if inner not in _WORDS:
                yield at, inner
        else:
            yield from ((at + offset, name) for offset, name in _names_in(inner))


def _names_in(expression: str) -> Iterator[tuple[int, str]]:
    words = list(_WORD.finditer(_QUOTED.sub(_blank, expression)))
    # the first of several words is a helper: `#if paid`, `upper name`
    for word in words[1:] if expression[0] == "#" or len(words) > 1 else words:
        name = _NAME.match(word.group())
        if name and name.group() not in _WORDS:
            yield word.start(), name.group()


def _blank(quoted: re.Match[str]) -> str:
    return " " * len(quoted.group())
