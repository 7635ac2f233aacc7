"""What to do about a field: the words that follow what is wrong with it."""

from collections.abc import Mapping
from typing import Any, Final, get_args

from reconciler.model.project_file import Environment, Project
from reconciler.model.tools import SimpleSource, Trigger
from reconciler.specs.findings import did_you_mean, listed
from reconciler.specs.known_fields import container_fields, home_of
from reconciler.specs.marks import Steps

_ENTRIES: Final = {
    "tools": "{type: template, template: hangup}",
    "runtime_variables": "{name: wish, description: What the caller wants.}",
    "triggers": "{event: call_end}",
    "arguments": "{name: call, type: string, source: {type: call_id}}",
    "ignore": "{path: models.llm, reason: A trial.}",
    "notify": "{env: NOTIFY_URL}",
}
_SOURCES: Final = frozenset(get_args(SimpleSource.model_fields["type"].annotation))
_EVENTS: Final = frozenset(get_args(Trigger.model_fields["event"].annotation))
_QUOTES: Final = "\"'\u2018\u2019\u201c\u201d"
_BOOLEAN_WORDS: Final = frozenset({"yes", "no", "on", "off", "y", "n"})
_TYPE_OF: Final = {
    "hangup": "template",
    "voicemail_detection": "template",
    "current_datetime": "built_in",
}
_WITHOUT_OWN_FIELDS: Final = frozenset(
    {"variables", "overrides", "defaults", "tools", "auth", "source"}
)
_LIKE_WEBHOOK: Final = frozenset({"http", "https", "api", "api_request", "rest", "function"})
_TYPE_BY_FIELD: Final = {
    "template": "template",
    "built_in": "built_in",
    "url": "webhook",
    "phone_number": "human_transfer",
}
# what other platforms, and habit, call a field of ours
_OTHER_NAMES: Final = {
    **dict.fromkeys(("agent", "agents"), "one file describes one agent: its fields stand here"),
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
        return _of_no_text(value, steps)
    if expected == "a mapping":
        return _of_no_mapping(value, steps, document)
    if expected == "a list":
        example = _ENTRIES.get(str(steps[-1]))
        return f"start each entry with `- `{f': `- {example}`' if example else ''}"
    if expected == "true or false":
        return _of_no_flag(value)
    if isinstance(value, float) and expected == "a whole number":
        return f"write {value:.0f}"
    if isinstance(value, str) and expected in {"a number", "a whole number"}:
        return _of_no_number(value)
    return None


def _of_no_text(value: Any, steps: Steps) -> str | None:
    if isinstance(value, bool | int | float):
        return "quote it"
    if isinstance(value, dict):
        key, inner = next(iter(value.items()), ("", None))
        if len(value) == 1 and did_you_mean(str(key), ("file",)):
            return "a text from a file is written `{file: prompts/desk.md}`"
        if len(value) == 1 and isinstance(inner, str):
            return f"write the text alone, without `{key[:40]}:`"
        if steps[0] == "models":
            return "write the name alone; options of the language model stand in `llm_kwargs`"
        return "write one text, quoted if it starts with `{`; one from a file is `{file: path}`"
    return "write one text; a long one after `|`" if isinstance(value, list) else None


def _of_no_flag(value: Any) -> str:
    word = value.lower().strip(_QUOTES) if isinstance(value, str) else ""
    if word in _BOOLEAN_WORDS:
        return f"in YAML 1.2 `{word}` is text: write true or false"
    return f"write {word}, without quotes" if word in {"true", "false"} else "write true or false"


def _of_no_number(value: str) -> str:
    if _is_number(value):
        return "write it without quotes"
    with_point = value.replace(",", ".", 1)
    return f"write {with_point}" if _is_number(with_point) else "write the number alone"


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _of_no_mapping(value: Any, steps: Steps, document: Mapping[str, Any]) -> str | None:
    if steps == ("environments",):
        return "write `sandbox: {api: sandbox}` below it, without `- `"
    if steps[-1] == "parameters":
        return _of_no_schema(value)
    if isinstance(value, list):
        fields = _fields(steps, document)
        told = f": {listed(sorted(fields))}" if fields else ""
        return f"write `key: value` lines, without `- `{told}"
    if len(steps) > 1 and steps[-2] == "triggers":
        return f"write `{{event: {value if value in _EVENTS else 'call_end'}}}`"
    if len(steps) > 1 and steps[-2] == "tools":
        kind = _TYPE_OF.get(str(value))
        return f"write `{{type: {kind}, {kind}: {value}}}`" if kind else "start with `type: …`"
    if steps[-1] == "auth":
        return "write `{type: bearer, token: {env: NAME_OF_THE_VARIABLE}}`"
    if steps[-1] == "source":
        known = isinstance(value, str) and value in _SOURCES
        return f"write `{{type: {value}}}`" if known else "write `{type: constant, value: …}`"
    fields = _fields(steps, document)
    return f"its fields are {listed(sorted(fields))}" if fields else "write `{name: value}`"


def _fields(steps: Steps, document: Mapping[str, Any]) -> frozenset[str]:
    name = next(step for step in reversed(steps) if isinstance(step, str))
    return frozenset() if name in _WITHOUT_OWN_FIELDS else container_fields(steps, document)


def _of_no_schema(value: Any) -> str:
    if isinstance(value, str) and value.lstrip().startswith("{"):
        return "write it without the quotes around it: JSON is YAML too"
    return "write a JSON Schema: `{type: object, properties: {order: {type: string}}}`"


def of_no_type(value: Any, steps: Steps) -> str:
    """What to do about a mapping whose `type` is missing, by what else is in it."""
    if steps[-1] == "auth":
        return "write `{type: bearer, token: {env: NAME_OF_THE_VARIABLE}}`"
    names = list(value)[:20] if isinstance(value, dict) else []
    for name in names:
        if kind := _TYPE_OF.get(str(name)):
            return f"write `{{type: {kind}, {kind}: {name}}}`"
    if named := next((kind for kind in ("webhook", "human_transfer") if kind in names), None):
        return f"write `type: {named}`, and its fields beside it"
    meant = next((kind for field, kind in _TYPE_BY_FIELD.items() if field in names), None)
    return f"add `type: {meant}`" if meant else "add it first: the rest depends on it"


def of_unknown(name: str, around: Steps, document: Mapping[str, Any]) -> str:
    known = container_fields(around, document)
    home = home_of(name, around, document) or _elsewhere(name, around, document)
    near = home or did_you_mean(name, known)
    if near:
        return near
    if around in {(), ("models",)} and name in _OTHER_NAMES:
        return _OTHER_NAMES[name]
    if not around:
        return "put it under `extra` if the API has it"
    if around[-1] == "auth" and name in _AUTH_SECRETS:
        return f"did you mean `{next(iter(_AUTH_SECRETS - {name}))}`?"
    return f"known are {listed(sorted(known))}"


def _elsewhere(name: str, around: Steps, document: Mapping[str, Any]) -> str | None:
    """Where a field of the project file belongs that stands at the top of a file."""
    if around or name not in {*Project.model_fields, *Environment.model_fields}:
        return None
    if "version" in document:
        return "it belongs under the name of an environment, in `environments`"
    if name == "defaults":
        return "it belongs in reconciler.yaml; in a `_defaults.yaml` its fields stand alone"
    where = "" if name in Project.model_fields else ", under the name of an environment"
    return f"it belongs in reconciler.yaml{where}"


def of_missing(steps: Steps, document: Mapping[str, Any]) -> str:
    name = str(steps[-1])
    written = f"add `{_WRITTEN.get(name, name + ': …')}`"
    if len(steps) > 2 or "version" in document or name == "name":  # noqa: PLR2004  # below a part
        return written
    return "add it here, or in `defaults` of reconciler.yaml"


def of_choice(value: Any, allowed: list[str], steps: Steps) -> str:
    if isinstance(value, str):
        if steps[-1] == "type" and (kind := _TYPE_OF.get(value)) in allowed:
            return f"write `type: {kind}` and `{kind}: {value}`"
        if "webhook" in allowed and value.lower() in _LIKE_WEBHOOK:
            return "did you mean `webhook`?"
        if near := did_you_mean(value, allowed):
            return near
    return f"allowed are {listed(allowed)}"
