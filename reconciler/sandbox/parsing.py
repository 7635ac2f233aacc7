"""From the bytes of a request to a validated body, or to the API's list of what is wrong."""

from __future__ import annotations

import json
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError

from reconciler.sandbox.errors import Issue, invalid
from reconciler.sandbox.options import RuntimeKey
from reconciler.sandbox.values import BAD_UUID, is_uuid

BodyT = TypeVar("BodyT", bound=BaseModel)
_KEY = "slng_api_key"


def body_of(raw: bytes, model: type[BodyT]) -> BodyT:
    """Read a body that knows no runtime key."""
    return _validated(_object(raw), model, [])


def agent_body(
    raw: bytes, model: type[BodyT], rule: RuntimeKey, *, partial: bool = False
) -> tuple[BodyT, str | None]:
    """Read an agent's body, with `slng_api_key` as the era has it; a PATCH never requires it."""
    data = _object(raw)
    key, issues = _runtime_key(data, rule, partial=partial)
    return _validated(data, model, issues), key


def agent_id_of(text: str) -> str:
    if not is_uuid(text):
        raise invalid(Issue(("path", "agent_id"), BAD_UUID, "uuid_parsing"))
    return text.lower()


def json_of(raw: bytes) -> Any:
    """Read JSON as the standard has it: no NaN, no Infinity."""
    try:
        return json.loads(raw, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise invalid(Issue(("body",), "JSON decode error", "json_invalid")) from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _object(raw: bytes) -> dict[str, Any]:
    if not raw:
        raise invalid(Issue(("body",), "Field required", "missing"))
    data = json_of(raw)
    if not isinstance(data, dict):
        message = "Input should be a valid dictionary or object to extract fields from"
        raise invalid(Issue(("body",), message, "model_attributes_type"))
    return data


def _runtime_key(
    data: dict[str, Any], rule: RuntimeKey, *, partial: bool
) -> tuple[str | None, list[Issue]]:
    loc = ("body", _KEY)
    if _KEY not in data:
        missing = rule == "required" and not partial
        return None, [Issue(loc, "Field required", "missing")] if missing else []
    key = data.pop(_KEY)
    if rule == "refused":
        return None, [Issue(loc, "Extra inputs are not permitted", "extra_forbidden")]
    if not isinstance(key, str):
        return None, [Issue(loc, "Input should be a valid string", "string_type")]
    return key, []


def _validated(data: dict[str, Any], model: type[BodyT], issues: list[Issue]) -> BodyT:
    try:
        body = model.model_validate(data)
    except ValidationError as error:
        # Inputs are left out of the answer: one of them may be a secret.
        found = [
            Issue(("body", *entry["loc"]), entry["msg"], entry["type"])
            for entry in error.errors(include_url=False, include_input=False, include_context=False)
        ]
        raise invalid(*found, *issues) from error
    if issues:
        raise invalid(*issues)
    return body
