"""pydantic's verdict on a document in our words. None of its wording leaks."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from reconciler.lean_core import ValidationError
from reconciler.model.fields import SERVER_OWNED
from reconciler.specs import hints
from reconciler.specs.findings import MOST_FINDINGS, Finding, dotted
from reconciler.specs.marks import Steps

_NAMES: Final = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    dict: "a mapping",
    list: "a list",
    type(None): "nothing",
}
_EXPECTED: Final = {
    "string_type": "text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "list_type": "a list",
    "tuple_type": "a list",
    "dataclass_exact_type": "a secret, `{env: NAME}` or `{file: path}`",
}
_BOUNDS: Final = {
    "greater_than_equal": ("ge", "it must be at least {}"),
    "less_than_equal": ("le", "it must be at most {}"),
    "greater_than": ("gt", "it must be more than {}"),
}
_LENGTHS: Final = {
    "string_too_long": ("max_length", "{} characters long", "at most {} are allowed"),
    "string_too_short": ("min_length", "empty", "it needs at least {} character"),
    "too_short": ("min_length", "empty", "it needs at least {} entry"),
}


def findings_of(error: ValidationError, document: Mapping[str, Any]) -> list[Finding]:
    """What an error says of a document."""
    found = [_finding(each, document) for each in error.errors(include_url=False)[:MOST_FINDINGS]]
    return _less_misspelt(list(dict.fromkeys(found)))


def _less_misspelt(found: list[Finding]) -> list[Finding]:
    """A required field that is there under a wrong name is one mistake, not two."""
    meant = {
        (*each.steps[:-1], each.hint.split("`")[1])
        for each in found
        if each.code == "SPEC030" and each.hint and each.hint.startswith("did you mean")
    }
    return [each for each in found if each.code != "SPEC031" or each.steps not in meant]


def _finding(error: Any, document: Mapping[str, Any]) -> Finding:
    kind: str = error["type"]
    steps = _steps(error["loc"])
    if steps[:1] == ("notify",) and len(steps) > 1:
        return _wrong_type("a URL or a secret, `{env: NAME}`", error["input"], steps, document)
    if kind == "dataclass_exact_type" and error["input"] is not None:
        return Finding("SPEC024", "a secret must be a reference", steps, "write `{env: NAME}`")
    if error["input"] is None and kind not in {"missing", "union_tag_not_found"}:
        return _null(steps)
    special = _SPECIAL.get(kind)
    if special is not None:
        return special(error, steps, document)
    if kind in _EXPECTED:
        return _wrong_type(_EXPECTED[kind], error["input"], steps, document)
    if kind in _BOUNDS:
        key, words = _BOUNDS[kind]
        limit = error["ctx"][key]
        message = f"`{dotted(steps)}` is {error['input']}; {words.format(f'{limit:g}')}"
        return Finding("SPEC035", message, steps)
    if kind in _LENGTHS:
        key, length, words = _LENGTHS[kind]
        length, words = length.format(len(error["input"])), words.format(error["ctx"][key])
        return Finding("SPEC034", f"`{dotted(steps)}` is {length}; {words}", steps)
    return Finding("SPEC032", f"`{dotted(steps)}` can not be taken as it stands", steps)


def _null(steps: Steps) -> Finding:
    return Finding(
        "SPEC037",
        f"`{dotted(steps)}` has no value, and null is not allowed here",
        steps,
        "give it a value, or remove it to leave the field as it is live",
        at_key=True,
    )


def _wrong_type(expected: str, value: Any, steps: Steps, document: Mapping[str, Any]) -> Finding:
    found = _NAMES.get(type(value), "something else")
    message = f"`{dotted(steps)}` must be {expected}, not {found}"
    hint = hints.of_wrong_type(expected, value, steps, document)
    return Finding("SPEC032", message, steps, hint)


def _unknown(_error: Any, steps: Steps, document: Mapping[str, Any]) -> Finding:
    *around, name = steps
    where = f" in {dotted(tuple(around))}" if around else ""
    if not around and name in SERVER_OWNED:
        return _server_owned(str(name), steps)
    hint = hints.of_unknown(str(name), tuple(around), document)
    return Finding("SPEC030", f"unknown field `{name}`{where}", steps, hint, at_key=True)


def _server_owned(name: str, steps: Steps) -> Finding:
    ways_out = {
        "template_variables": "write `template_defaults`",
        "id": "pin a spec to a live agent with `environments: {<name>: {id: …}}`",
    }
    message = f"`{name}` belongs to the API and is never sent"
    return Finding("SPEC039", message, steps, ways_out.get(name, "remove it"), at_key=True)


def _missing(_error: Any, steps: Steps, document: Mapping[str, Any]) -> Finding:
    *around, name = steps
    where = f" in {dotted(tuple(around))}" if around else ""
    hint = hints.of_missing(steps, document)
    return Finding("SPEC031", f"`{name}` is missing{where}", steps, hint)


def _choice(error: Any, steps: Steps, _document: Mapping[str, Any]) -> Finding:
    allowed = [
        word.strip("' ") for word in error["ctx"]["expected"].replace(" or ", ", ").split(",")
    ]
    return _not_among(error["input"], allowed, steps)


def _not_among(value: Any, allowed: list[str], steps: Steps) -> Finding:
    shown = repr(value[:60]) if isinstance(value, str) else "this"
    hint = hints.of_choice(value, allowed, steps)
    return Finding("SPEC033", f"`{dotted(steps)}` can not be {shown}", steps, hint)


def _tag(error: Any, steps: Steps, _document: Mapping[str, Any]) -> Finding:
    allowed = [word.strip("' ") for word in error["ctx"]["expected_tags"].split(",")]
    value = error["input"].get("type") if isinstance(error["input"], dict) else None
    return _not_among(value, allowed, (*steps, "type"))


def _no_tag(error: Any, steps: Steps, _document: Mapping[str, Any]) -> Finding:
    message = f"`type` is missing in {dotted(steps)}"
    return Finding("SPEC031", message, (*steps, "type"), hints.of_no_type(error["input"], steps))


def _pattern(_error: Any, steps: Steps, _document: Mapping[str, Any]) -> Finding:
    if steps[-1] == "api":
        hint = "write `sandbox` or a base URL such as `https://api.agents.slng.ai`"
        return Finding("SPEC036", f"`{dotted(steps)}` is no API", steps, hint)
    hint = "a UUID looks like 550e8400-e29b-41d4-a716-446655440000"
    return Finding("SPEC036", f"`{dotted(steps)}` is not a UUID", steps, hint)


def _date(_error: Any, steps: Steps, _document: Mapping[str, Any]) -> Finding:
    return Finding("SPEC036", f"`{dotted(steps)}` is not a date", steps, "write 2027-06-30")


_SPECIAL: Final[dict[str, Callable[[Any, Steps, Mapping[str, Any]], Finding]]] = {
    "extra_forbidden": _unknown,
    "missing": _missing,
    "literal_error": _choice,
    "union_tag_invalid": _tag,
    "union_tag_not_found": _no_tag,
    "string_pattern_mismatch": _pattern,
    "date_from_datetime_parsing": _date,
    "date_parsing": _date,
    "date_type": _date,
    "date_from_datetime_inexact": _date,
}


def _steps(location: tuple[str | int, ...]) -> Steps:
    """Pydantic's path less the tags of unions, which stand in no document.

    A tag follows an entry of `tools`, an `auth`, the `source` of an argument, an entry of `notify`.
    """
    steps: list[str | int] = []
    tagged = False
    for step in location:
        if not tagged and isinstance(step, str) and _is_tagged(steps):
            tagged = True
            continue
        steps.append(step)
        tagged = False
    return tuple(steps)


def _is_tagged(steps: list[str | int]) -> bool:
    if not steps:
        return False
    last, before = steps[-1], steps[-2] if len(steps) > 1 else None
    if isinstance(last, int):
        return before in {"tools", "notify"}
    return last == "auth" or (last == "source" and isinstance(before, int) and len(steps) > 3)  # noqa: PLR2004  # in a tool
