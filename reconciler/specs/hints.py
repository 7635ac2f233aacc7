"""What to do about a field: the words that follow what is wrong with it."""

from collections.abc import Mapping
from typing import Any, Final

from reconciler.model.project import Project
from reconciler.specs.findings import did_you_mean, listed
from reconciler.specs.known_fields import container_fields, home_of
from reconciler.specs.marks import Steps

_BOOLEAN_WORDS: Final = frozenset({"yes", "no", "on", "off", "y", "n"})
_TYPE_OF: Final = {
    "hangup": "template",
    "voicemail_detection": "template",
    "current_datetime": "built_in",
}
# what other platforms, and habit, call a field of ours
_OTHER_NAMES: Final = {
    "prompt": "did you mean `system_prompt`?",
    "instructions": "did you mean `system_prompt`?",
    "first_message": "did you mean `greeting`?",
    "functions": "did you mean `tools`?",
    "model": "did you mean `models.llm`?",
    "voice": "did you mean `models.tts_voice`?",
    **dict.fromkeys(
        ("temperature", "top_p", "max_tokens"),
        "options of the language model stand in `models.llm_kwargs`",
    ),
}
_WRITTEN: Final = {
    "type": "type: webhook",
    "template": "template: hangup",
    "built_in": "built_in: current_datetime",
    "url": "url: https://crm.example.com/orders",
    "parameters": "parameters: {type: object}",
    "phone_number": 'phone_number: "+4930123456"',
    "token": "token: {env: NAME_OF_THE_VARIABLE}",
    "secret": "secret: {env: NAME_OF_THE_VARIABLE}",
    "api": "api: https://api.agents.slng.ai",
    "environments": "environments: {sandbox: {api: sandbox}}",
}
_AUTH_SECRETS: Final = frozenset({"token", "secret"})


def of_wrong_type(
    expected: str, value: Any, steps: Steps, document: Mapping[str, Any]
) -> str | None:
    if expected == "text":
        return _of_no_text(value)
    if expected == "a mapping":
        return _of_no_mapping(value, steps, document)
    if expected == "a list":
        return "start each entry with `- `"
    if isinstance(value, str) and expected == "true or false":
        return _of_no_flag(value)
    if isinstance(value, float) and expected == "a whole number":
        return f"write {value:.0f}"
    if isinstance(value, str) and expected in {"a number", "a whole number"}:
        return "write it without quotes" if _is_number(value) else "write the number alone"
    return None


def _of_no_text(value: Any) -> str | None:
    if isinstance(value, bool | int | float):
        return "quote it"
    if isinstance(value, dict):
        if len(value) == 1 and did_you_mean(str(next(iter(value))), ("file",)):
            return "a text from a file is written `{file: prompts/desk.md}`"
        return "quote a text that starts with `{`; `{file: path}` takes it from a file"
    return "write one text; a long one after `|`" if isinstance(value, list) else None


def _of_no_flag(value: str) -> str:
    if value.lower() in _BOOLEAN_WORDS:
        return f"in YAML 1.2 `{value}` is text: write true or false"
    return "write it without quotes" if value.lower() in {"true", "false"} else "write one of them"


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _of_no_mapping(value: Any, steps: Steps, document: Mapping[str, Any]) -> str | None:
    if steps == ("environments",):
        return "write `sandbox: {api: sandbox}` below it, without `- `"
    if isinstance(value, list):
        return "write `key: value` lines, without `- `"
    if len(steps) > 1 and steps[-2] == "tools":
        kind = _TYPE_OF.get(str(value))
        return f"write `{{type: {kind}, {kind}: {value}}}`" if kind else "start with `type: …`"
    if steps[-1] == "auth":
        return "write `{type: bearer, token: {env: NAME_OF_THE_VARIABLE}}`"
    if steps[-1] == "source":
        return "write `{type: constant, value: …}`"
    fields = container_fields(steps, document)
    return f"its fields are {listed(sorted(fields))}" if fields else "write `{name: value}`"


def of_unknown(name: str, around: Steps, document: Mapping[str, Any]) -> str:
    known = container_fields(around, document)
    near = did_you_mean(name, known) or home_of(name, around)
    if near:
        return near
    if not around:
        return _of_unknown_at_the_top(name)
    if around[-1] == "auth" and name in _AUTH_SECRETS:
        return f"did you mean `{next(iter(_AUTH_SECRETS - {name}))}`?"
    return f"known are {listed(sorted(known))}"


def _of_unknown_at_the_top(name: str) -> str:
    if name in Project.model_fields:
        return "it belongs in reconciler.yaml"
    return _OTHER_NAMES.get(name, "put it under `extra` if the API has it")


def of_missing(steps: Steps, document: Mapping[str, Any]) -> str:
    name = str(steps[-1])
    written = f"add `{_WRITTEN.get(name, name + ': …')}`"
    if len(steps) > 2 or "version" in document or name == "name":  # noqa: PLR2004
        return written
    return "add it here, or in `defaults` of reconciler.yaml"


def of_choice(value: Any, allowed: list[str], steps: Steps) -> str:
    if isinstance(value, str):
        if steps[-1] == "type" and (kind := _TYPE_OF.get(value)) in allowed:
            return f"write `type: {kind}` and `{kind}: {value}`"
        if near := did_you_mean(value, allowed):
            return near
    return f"allowed are {listed(allowed)}"
