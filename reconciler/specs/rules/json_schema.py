"""Whether a webhook's `parameters` are a valid JSON Schema.

The jsonschema library decides, but it takes milliseconds a schema. What is plainly valid is
recognised first; only the rest goes to the library.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from reconciler.specs.yaml_nodes import Steps

_TYPES: Final = frozenset({"object", "array", "string", "number", "integer", "boolean", "null"})
_DEEPEST: Final = 40


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


def schema_fault(schema: dict[str, Any]) -> tuple[Steps, str] | None:
    """Where and why a schema is invalid, or None."""
    if _plainly_valid(schema):
        return None
    import jsonschema  # noqa: PLC0415  100 ms that few projects need

    validator = jsonschema.Draft202012Validator
    try:
        faults = validator(validator.META_SCHEMA).iter_errors(schema)
        best = jsonschema.exceptions.best_match(faults)
    except RecursionError:
        return (), "it is nested too deep"
    if best is None:
        return None
    return tuple(best.absolute_path), _words(best)


def _words(fault: Any) -> str:
    where = ".".join(map(str, fault.absolute_path)) or "it"
    value = repr(fault.instance)[:60]
    if fault.validator == "type":
        return f"`{where}` must be {fault.validator_value}, not {value}"
    if fault.validator == "enum":
        return f"`{where}` can not be {value}"
    return f"`{where}`: {str(fault.message)[:120]}"
