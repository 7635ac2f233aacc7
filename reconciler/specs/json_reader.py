"""JSON text → plain values, as strict as `yaml_reader`."""

import json
import math
from typing import Any, Final

from reconciler.errors import Problem
from reconciler.patterns import pattern
from reconciler.specs.json_syntax import syntax_problem
from reconciler.specs.marks import START, Text
from reconciler.specs.yaml_reader import MAX_DEPTH, read_strictly

_WORD: Final = pattern(r"[:\[,]\s*(-?(?:NaN|Infinity))\b")


class _Bad(ValueError):  # noqa: N818  # the reason travels in it
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
        return None, [syntax_problem(text, error)]
    except _Bad as error:
        return None, _placed(text, *error.args)
    except RecursionError:
        return None, [_too_deep(text)]
    return (None, [_too_deep(text)]) if _depth(value) > MAX_DEPTH else (value, [])


def _placed(text: Text, code: str, message: str, hint: str) -> list[Problem]:
    """The problem with its place, which Python's reader does not know; nearly all JSON is YAML."""
    found = [problem for problem in read_strictly(text)[1] if problem.code == code]
    word = _WORD.search(text.content) if not found else None
    where = text.span_at(word.start(1), len(word.group(1))) if word else START
    return found or [text.problem(code, message, where, hint=hint)]


def _too_deep(text: Text) -> Problem:
    hint = "no schema needs that; is the file what it should be?"
    return text.problem("SPEC012", f"nested deeper than {MAX_DEPTH} levels", START, hint=hint)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise _Bad("SPEC007", f"`{twice[:80]}` stands twice in one object", "keep one of them")
    return found


def _not_json(word: str) -> Any:
    hint = "write a number that it can hold, or quote it if it is meant as text"
    raise _Bad("SPEC016", f"`{word}` is a number that JSON can not hold", hint)


def _float(digits: str) -> float:
    value = float(digits)
    return value if math.isfinite(value) else _not_json(digits[:40])


def _int(digits: str) -> int:
    value = int(digits) if len(digits) < 100 else None  # noqa: PLR2004  # far beyond 64 bits
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
