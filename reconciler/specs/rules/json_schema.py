"""Whether a webhook's `parameters` are a valid JSON Schema.

The jsonschema library decides, but it takes milliseconds a schema. What is plainly valid is
recognised first; only the rest goes to the library.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from reconciler.specs.findings import did_you_mean, dotted, listed
from reconciler.specs.marks import Steps

_TYPES: Final = frozenset({"object", "array", "string", "number", "integer", "boolean", "null"})
_DEEPEST: Final = 40
TAKES_A_SCHEMA: Final = frozenset(
    {
        *("$defs", "definitions", "properties", "patternProperties", "dependentSchemas"),
        *("items", "additionalItems", "unevaluatedItems", "contains", "contentSchema"),
        *("additionalProperties", "unevaluatedProperties", "propertyNames"),
        *("not", "if", "then", "else", "const", "default", "example"),
    }
)
"""The keywords of JSON Schema below which a schema, or any mapping, may stand."""
_SEE: Final = "json-schema.org says what the keyword takes"
_KINDS: Final = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "null",
}


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_names(value: Any) -> bool:
    return (
        isinstance(value, list)
        and all(isinstance(name, str) for name in value)
        and len(set(value)) == len(value)
    )


def _is_anything(_value: Any) -> bool:
    return True


_PLAIN: Final[Mapping[str, Callable[[Any], bool]]] = {
    "type": lambda value: isinstance(value, str) and value in _TYPES,
    "title": _is_text,
    "description": _is_text,
    "format": _is_text,
    "enum": lambda value: isinstance(value, list),
    "const": _is_anything,
    "default": _is_anything,
    "required": _is_names,
    "minLength": _is_count,
    "maxLength": _is_count,
    "minItems": _is_count,
    "maxItems": _is_count,
    "minimum": _is_number,
    "maximum": _is_number,
    "uniqueItems": _is_flag,
    "examples": lambda value: isinstance(value, list),
}


def _plainly_valid(schema: Any, depth: int = 0) -> bool:
    if isinstance(schema, bool):
        return True
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return False
    return all(_plain_keyword(keyword, value, depth + 1) for keyword, value in schema.items())


def _plain_keyword(keyword: str, value: Any, depth: int) -> bool:
    if keyword == "properties":
        return isinstance(value, dict) and all(_plainly_valid(v, depth) for v in value.values())
    if keyword in {"items", "additionalProperties"}:
        return _plainly_valid(value, depth)
    return keyword in _PLAIN and _PLAIN[keyword](value)


def schema_fault(schema: dict[str, Any]) -> tuple[Steps, str, str] | None:
    """Where and why a schema is invalid, and what to do; or None."""
    if _plainly_valid(schema):
        return None
    import jsonschema  # noqa: PLC0415  # 100 ms that few projects need

    validator = jsonschema.Draft202012Validator
    try:
        faults = validator(validator.META_SCHEMA).iter_errors(schema)
        best = jsonschema.exceptions.best_match(faults)
    except RecursionError:
        return (), "it is nested too deep", _SEE
    if best is None:
        return None
    steps = tuple(best.absolute_path)
    return steps, *_words(steps, best.instance, best.validator, best.validator_value)


def _words(steps: Steps, value: Any, keyword: str, wanted: Any) -> tuple[str, str]:
    """What is wrong at a place, in our words, and what to do."""
    where = f"`{dotted(steps)}`" if steps else "it"
    name = steps[-1] if steps else None
    if keyword == "type":
        kinds = " or ".join(_KINDS[each] for each in ([wanted] if _is_text(wanted) else wanted))
        return f"{where} must be {kinds}, not {_kind(value)}", _way_out(name, value, wanted)
    if name == "type":
        near = did_you_mean(value, _TYPES) if _is_text(value) else None
        return (
            f"{where} can not be {_shown(value)}",
            near or f"allowed are {listed(sorted(_TYPES))}",
        )
    if keyword == "uniqueItems":
        return f"{where} names something twice", "keep one of them"
    return f"{where} can not be {_shown(value)}", _SEE


def _way_out(name: Any, value: Any, wanted: Any) -> str:
    if name == "required":
        return "write `required: [name]` next to `properties`, with all names that are required"
    if wanted == ["object", "boolean"]:
        known = isinstance(value, str) and value in _TYPES
        return f"write `{{type: {value}}}`" if known else "write `{type: string}`"
    return "quote it" if wanted == "string" and not isinstance(value, dict | list) else _SEE


def _kind(value: Any) -> str:
    words = {str: "text", bool: "true or false", list: "a list", dict: "a mapping"}
    return words.get(type(value), "nothing" if value is None else "a number")


def _shown(value: Any) -> str:
    return repr(value)[:60] if isinstance(value, str | int | float) else _kind(value)
