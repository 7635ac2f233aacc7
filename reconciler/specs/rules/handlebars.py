"""As much Handlebars as it takes to find unbalanced braces and the variables a text uses."""

import re
from collections.abc import Iterator
from typing import Final

from reconciler.patterns import pattern

_BRACES: Final = pattern(r"\\?\{\{\{?|\}\}\}?")
_TAG: Final = pattern(r"\\?\{\{([^{}]*)\}\}")
_SIMPLE: Final = pattern(r"\{\{ *([A-Za-z_]\w*) *\}\}")
_PAIR: Final = pattern(r"\{\{[^{}]*\}\}")
_NAME: Final = pattern(r"[A-Za-z_][\w-]*")
_WORD: Final = pattern(r"[^\s()=|\"']+")
_QUOTED: Final = pattern(r"([\"']).*?\1")
_PLAIN_WORDS: Final = pattern(r"[A-Za-z_]\w*(?: +[A-Za-z_]\w*)+")
_HELPERS: Final = frozenset({"if", "unless", "each", "with", "lookup", "log", "else"})
_WORDS: Final = frozenset({"this", "else", "true", "false", "null", "undefined", "as"})


def only_names(text: str) -> list[tuple[int, str]] | None:
    """The variables of a text whose braces are all those of `{{name}}`, as nearly all are.

    With their offsets; None for a text that needs a closer look.
    """
    if "{" not in text and "}" not in text:
        return []
    found = [(each.start(1), each.group(1)) for each in _SIMPLE.finditer(text)]
    braces = 2 * len(found)
    is_simple = text.count("{") == braces == text.count("}") and "\\{" not in text
    return found if is_simple and _WORDS.isdisjoint(name for _, name in found) else None


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


def doubtful(text: str) -> Iterator[tuple[int, int, str, str]]:
    """Placeholders that Handlebars takes otherwise than meant, or not at all.

    Offset and length of each, what is wrong, and what to do.
    """
    open_blocks: list[tuple[re.Match[str], str]] = []
    for tag in _TAG.finditer(text) if "{{" in text else ():
        inner = tag.group(1).strip(" \t\r\n~")
        if tag.group().startswith("\\"):
            continue
        name = inner[1:].split(" ", 1)[0]
        if inner.startswith("#"):
            open_blocks.append((tag, name))
        elif inner.startswith("/") and open_blocks and open_blocks[-1][1] == name:
            open_blocks.pop()
        elif said := _doubt(tag, inner):
            yield tag.start(), len(tag.group()), *said
        elif _is_half_raw(tag, text):
            message = f"`{{{_shown(tag)}` opens with three braces and closes with two"
            yield tag.start() - 1, len(tag.group()) + 1, message, f"write `{_shown(tag)}`"
    for tag, name in open_blocks:
        message = f"`{_shown(tag)}` has no end"
        yield tag.start(), len(tag.group()), message, f"add `{{{{/{name[:40]}}}}}` after its text"


def _is_half_raw(tag: re.Match[str], text: str) -> bool:
    opened = tag.start() > 0 and text[tag.start() - 1] == "{"
    return opened and not text.startswith("}", tag.end())


def _doubt(tag: re.Match[str], inner: str) -> tuple[str, str] | None:
    if inner.startswith("/"):
        return f"`{_shown(tag)}` ends no block that is open", "add its `{{#…}}`, or remove it"
    if not inner:
        return f"`{_shown(tag)}` names no variable", "write `{{name}}`, or remove it"
    if _PLAIN_WORDS.fullmatch(inner) and inner.split(" ", 1)[0] not in _HELPERS:
        joined = "_".join(inner.split())[:60]
        message = f"`{_shown(tag)}` holds a space: that calls a helper, and names no variable"
        return message, f"write `{{{{{joined}}}}}`"
    return None


def _shown(tag: re.Match[str]) -> str:
    return tag.group() if len(tag.group()) <= 60 else f"{tag.group()[:60]}…"  # noqa: PLR2004  # a line


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
