"""Text from the API or a spec is data: nothing in it may act on a terminal or in a CI log."""

import re
from collections.abc import Iterable
from json.encoder import encode_basestring
from typing import Final

from reconciler.patterns import pattern

# C0 but the newline, DEL, C1, soft hyphen, zero widths, direction marks and overrides, line and
# paragraph separators, interlinear marks, lone surrogates (no encoding takes them), invisible tags
# and the variation selectors that can carry hidden text.
UNSAFE: Final = pattern(
    "[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f\\xad\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180e\\u200b-\\u200f"
    "\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufff9-\\ufffb\\ud800-\\udfff"
    "\\U0001d173-\\U0001d17a\\U000e0000-\\U000e0fff]"
)
_SHORT: Final = {"\t": "\\t", "\r": "\\r"}

# `##[command]` and `##vso[command]` act anywhere in a line of a GitHub or Azure log.
LOG_COMMAND: Final = pattern(r"##(?=\[|vso\[)")


def escape(text: str) -> str:
    """The text with every invisible or acting character spelt out, newlines kept."""
    if text.isascii() and text.isprintable():  # most are: a search takes ten times as long
        return text
    return UNSAFE.sub(_spelt, text)


def inline(text: str) -> str:
    """The same on one line."""
    return escape(text).replace("\n", "\\n")


def quoted(text: str) -> str:
    """The text as a JSON string, so that white space at its ends and quotes in it show."""
    return escape(encode_basestring(text))


def page(lines: Iterable[str]) -> str:
    """Lines as one text that no CI system takes for commands.

    GitHub's runner trims white space before it looks for `::`, so indentation is no protection.
    """
    text = "\n".join(lines)
    if "##" not in text and "::" not in text:  # most have none, and then no line is looked at
        return text
    return "\n".join(map(inert, text.split("\n")))


def inert(line: str) -> str:
    """One line that is no command of a CI log."""
    if "##" not in line and "::" not in line:
        return line
    line = LOG_COMMAND.sub("#\\\\#", line)
    rest = line.lstrip()
    if rest.startswith("::"):
        return f"{line[: len(line) - len(rest)]}\\{rest}"
    return line


def _spelt(match: re.Match[str]) -> str:
    char = match.group()
    code = ord(char)
    if code > 0xFFFF:  # noqa: PLR2004  # the end of the basic plane
        return f"\\U{code:08x}"
    return _SHORT.get(char) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")  # noqa: PLR2004  # one byte
