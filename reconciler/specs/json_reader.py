"""JSON text → plain values, as strict as `yaml_reader`."""

import json
import math
from typing import Any

from reconciler.errors import Problem
from reconciler.specs.marks import START, Span, Text
from reconciler.specs.yaml_reader import MAX_DEPTH


class _Bad(ValueError):  # noqa: N818  the reason travels in it
    """A value that a strict reader refuses; holds the code, the message and the hint."""


def read_json(text: Text) -> tuple[Any, list[Problem]]:
    """The value of a JSON text, and what is wrong with it."""
    try:
        value = json.loads(
            text.content,
            object_pairs_hook=_object,
            parse_constant=_not_json,
            parse_float=_float,
            parse_int=_int,
        )
    except json.JSONDecodeError as error:
        line, column = error.lineno - 1, error.colno - 1
        return None, [
            text.problem(
                "SPEC005", f"this is not JSON: {error.msg}", Span(line, column, line, column + 1)
            )
        ]
    except _Bad as error:
        code, message, hint = error.args
        return None, [text.problem(code, message, START, hint=hint)]
    except RecursionError:
        return None, [_too_deep(text)]
    return (None, [_too_deep(text)]) if _depth(value) > MAX_DEPTH else (value, [])


def _too_deep(text: Text) -> Problem:
    return text.problem("SPEC012", f"nested deeper than {MAX_DEPTH} levels", START)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise _Bad("SPEC007", f"`{twice[:80]}` stands twice in one object", "keep one of them")
    return found


def _not_json(word: str) -> Any:
    raise _Bad("SPEC016", f"`{word}` is a number that JSON can not hold", None)


def _float(digits: str) -> float:
    value = float(digits)
    return value if math.isfinite(value) else _not_json(digits[:40])


def _int(digits: str) -> int:
    value = int(digits) if len(digits) < 100 else None  # noqa: PLR2004  far beyond 64 bits
    return value if value is not None and -(2**63) <= value < 2**63 else _not_json(digits[:40])


def _depth(value: Any) -> int:
    level, deepest = [value], 0
    while level:
        deepest += 1
        level = [
            child
            for item in level
            if isinstance(item, dict | list)
            for child in (item.values() if isinstance(item, dict) else item)
        ]
    return deepest
