"""What a plain YAML scalar means: the core schema of YAML 1.2, section 10.3.2, and no more.

So `no`, `on`, `2026-01-01`, `1_000` and `12:30:45` are text, `010` is 10 and `0o10` is 8.
"""

import math
from typing import Final

from reconciler.patterns import pattern

Scalar = str | int | float | bool | None

_WORDS: Final[dict[str, Scalar]] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_MAY_BE_NUMBER: Final = frozenset("+-.0123456789")
_INT: Final = pattern(r"[-+]?[0-9]+\Z")
_OCTAL: Final = pattern(r"0o[0-7]+\Z")
_HEX: Final = pattern(r"0x[0-9a-fA-F]+\Z")
_FLOAT: Final = pattern(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_NOT_FINITE: Final = pattern(r"[-+]?\.(inf|Inf|INF)\Z|\.(nan|NaN|NAN)\Z")
_LARGEST: Final = 2**63
_MOST_DIGITS: Final = 100


class NotJson(ValueError):  # noqa: N818  # what the value is
    """A number that JSON has no way to write."""


def plain(text: str) -> Scalar:
    """The value of an unquoted scalar; `NotJson` for numbers that an API can not be sent."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _MAY_BE_NUMBER:
        return text
    return _number(text)


def _number(text: str) -> Scalar:
    if _INT.match(text):
        # Python refuses to read integers of more than 4300 digits
        return _bounded(int(text, 10) if len(text) < _MOST_DIGITS else _LARGEST)
    if _OCTAL.match(text):
        return _bounded(int(text, 8))
    if _HEX.match(text):
        return _bounded(int(text, 16))
    if _FLOAT.match(text):
        value = float(text)
        if math.isinf(value):
            raise NotJson
        return value
    if _NOT_FINITE.match(text):
        raise NotJson
    return text


def _bounded(value: int) -> int:
    if not -_LARGEST <= value < _LARGEST:
        raise NotJson
    return value
