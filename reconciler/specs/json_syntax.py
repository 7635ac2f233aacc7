"""Broken JSON → what a newcomer can act on.

Python's words for it change from version to version, so most is told from what stands there.
"""

import json
from typing import Final

from reconciler.errors import Problem
from reconciler.patterns import pattern
from reconciler.specs.marks import Text

_BARE: Final = pattern(r"[A-Za-z_$][\w$.-]*")

# the first text found in what the parser says decides
_SAYINGS: Final[tuple[tuple[str, str, str], ...]] = (
    ("Unterminated string", "this quote is not closed", "add the closing quote"),
    (
        "control character",
        "a line break or tab stands in a text",
        "write `\\n` or `\\t`, or close the quote",
    ),
    ("\\u", "this is no escape that JSON knows", "write four hexadecimal digits after `\\u`"),
    ("\\escape", "this `\\` starts no escape that JSON knows", "write `\\\\`"),
    ("Extra data", "something stands after the end", "remove it, or close what came before later"),
    ("',' delimiter", "a `,` is missing before this", "separate the entries with `,`"),
    ("':' delimiter", "a `:` is missing before this", 'write `"key": value`'),
    ("property name", "a key is missing here", 'write `"key": value`'),
)


def syntax_problem(text: Text, error: json.JSONDecodeError) -> Problem:
    """The problem for an error of Python's reader."""
    content = text.content
    rest = content[error.pos :]
    if not content.strip():
        return _problem(text, "the file is empty", "say something or delete it", 0, code="SPEC014")
    if not rest.strip():
        hint = "close what is open: `}`, `]` or a quote"
        return _problem(text, "the file ends too early", hint, len(content.rstrip()))
    before = content[: error.pos].rstrip()
    trailing = before.endswith(",") and rest[0] in "]}"
    if trailing or error.msg.startswith("Illegal trailing comma"):
        at = len(before) - 1 if trailing else error.pos
        return _problem(text, "nothing follows this `,`", "remove it", at)
    return _told_by_what_is_there(text, error) or _told_by_the_parser(text, error)


def _told_by_what_is_there(text: Text, error: json.JSONDecodeError) -> Problem | None:
    rest = text.content[error.pos : error.pos + 40]
    if rest.startswith(("//", "/*", "#")):
        return _problem(text, "JSON has no comments", "remove it", error.pos)
    if rest[0] in "'\u2018\u2019\u201c\u201d":
        hint = f'write `"` in place of `{rest[0]}`'
        return _problem(text, 'JSON knows no other quotes than `"`', hint, error.pos)
    is_value = error.msg.startswith("Expecting value")
    if is_value and rest[0] in "+.":
        return _problem(text, "this is no number in JSON", "write `0.5`, without `+`", error.pos)
    bare = _BARE.match(rest) if is_value or "property name" in error.msg else None
    if bare is None:
        return None
    word, lower = bare.group(), bare.group().lower()
    if is_value and lower in {"true", "false", "null"}:
        hint = f"write `{lower}`"
    elif is_value and lower == "none":
        hint = "write `null`"
    else:
        hint = f'quote it: `"{word}"`'
    what = "value" if is_value else "key"
    return _problem(text, f"`{word}` is no {what} in JSON", hint, error.pos, len(word))


def _told_by_the_parser(text: Text, error: json.JSONDecodeError) -> Problem:
    for part, message, hint in _SAYINGS:
        if part in error.msg:
            return _problem(text, message, hint, error.pos)
    return _problem(text, "a value is missing here", "write one, or remove the key", error.pos)


def _problem(
    text: Text, message: str, hint: str, at: int, length: int = 1, *, code: str = "SPEC005"
) -> Problem:
    return text.problem(code, message, text.span_at(at, length), hint=hint)
