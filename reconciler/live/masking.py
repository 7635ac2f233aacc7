"""Secret values in text that comes from outside: found in every spelling, shown as "(secret)"."""

import html
import json
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote, quote_plus

MASKED: Final = "(secret)"
SHORTEST: Final = 8
"""Shorter values stand in ordinary text by chance (DESIGN.md 11)."""


class Mask:
    """The values that must not be shown. Its repr shows none, so tracebacks with locals may."""

    def __init__(self) -> None:
        self._spellings: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def add(self, value: str) -> None:
        """Remember a value; every later `text` hides it."""
        new = {s for s in _spellings(value) if len(s) >= SHORTEST} - self._spellings
        if new:
            self._spellings |= new
            # Longest first: a value that contains another one is hidden whole.
            longest_first = sorted(self._spellings, key=lambda s: (-len(s), s))
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def text(self, text: str) -> str:
        """The same text with "(secret)" where a value stood."""
        return text if self._pattern is None else self._pattern.sub(MASKED, text)


def _spellings(value: str) -> Iterator[str]:
    for part in {value, value.strip(), *map(str.strip, value.splitlines())}:
        yield part
        yield repr(part)[1:-1]
        yield html.escape(part)
        for ascii_only in (True, False):
            escaped = json.dumps(part, ensure_ascii=ascii_only)[1:-1]
            yield escaped
            yield escaped.replace("/", "\\/")
            yield re.sub(r"\\u[0-9a-f]{4}", lambda m: "\\u" + m[0][2:].upper(), escaped)
        for quoted in (quote(part), quote(part, safe=""), quote_plus(part)):
            yield quoted
            yield re.sub(r"%[0-9A-F]{2}", lambda m: m[0].lower(), quoted)
