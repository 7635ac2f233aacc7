"""The one typed shape in which desired, live, sent and answered documents are compared.

Documented defaults are filled in, null stands for its default where the API has no null, ids are
lower case. Secrets stay where they are; `keyed` drops them, and turns the lists whose order
means nothing into objects by identity.

An API may answer any JSON anywhere. What is of another type than the documentation has there
stays as it is, and so differs from all that a spec can say.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from reconciler.model import fields
from reconciler.model.values import Document


class _Defaults(NamedTuple):
    """What stands for keys that are not written; `for_null` for those that are null as well."""

    values: Document
    for_null: tuple[tuple[str, Any], ...]

    @classmethod
    def of(cls, values: Document) -> "_Defaults":
        return cls(values, tuple((k, v) for k, v in values.items() if v is not None))


_AGENT: Final = _Defaults.of(fields.DEFAULTS)
_MODELS: Final = _Defaults.of({**fields.MODELS_DEFAULTS, "fallbacks": {}})
_FALLBACKS: Final = _Defaults.of(fields.FALLBACKS_DEFAULTS)
_NUDGES: Final = _Defaults.of(fields.NUDGES_DEFAULTS)
_TOOLS: Final = {kind: _Defaults.of(values) for kind, values in fields.TOOL_DEFAULTS.items()}
_POLICY: Final = _Defaults.of(fields.POLICY_DEFAULT)
_MESSAGE: Final = _Defaults.of(fields.POLICY_DEFAULT["pre_action_message"])
_SYSTEM: Final = _Defaults.of({"triggers": [], "arguments": []})
_ARGUMENT: Final = _Defaults.of({"required": False, "description": None})
_TRANSCRIPT: Final = _Defaults.of({"max_messages": 200})


def normalise(document: Document) -> Document:
    """The whole writable document in its normal shape; a new one, sharing what is unchanged."""
    shared_mode = document.get(fields.TOOL_MODE) == "shared" and "tools" not in document
    normal = _filled(document, _AGENT)
    normal.setdefault("idle_nudges", None)
    if isinstance(document.get("models"), dict):
        normal["models"] = _models(document["models"])
    if isinstance(normal["idle_nudges"], dict):
        normal["idle_nudges"] = _filled(normal["idle_nudges"], _NUDGES)
    for trunk in fields.TRUNKS:
        if isinstance(normal[trunk], str):
            normal[trunk] = normal[trunk].lower()
    if shared_mode:
        del normal["tools"]
    else:
        normal["tools"] = _each(normal["tools"], _tool)
    return normal


def _filled(document: Document, defaults: _Defaults) -> Document:
    filled = {**defaults.values, **document}
    for name, default in defaults.for_null:
        if filled[name] is None:
            filled[name] = default
    return filled


def _each(value: Any, normal_of: Callable[[Document], Document]) -> Any:
    if not isinstance(value, list):
        return value
    return [normal_of(item) if isinstance(item, dict) else item for item in value]


def _models(models: Document) -> Document:
    normal = _filled(models, _MODELS)
    if isinstance(normal["fallbacks"], dict):
        normal["fallbacks"] = _filled(normal["fallbacks"], _FALLBACKS)
    return normal


def _tool(tool: Document) -> Document:
    kind = tool.get("type")
    defaults = _TOOLS.get(str(kind))
    if defaults is None:
        return tool
    normal = _filled(tool, defaults)
    if isinstance(normal.get("id"), str):
        normal["id"] = normal["id"].lower()
    policy = normal.get("execution_policy", fields.POLICY_DEFAULT)
    is_default = policy is fields.POLICY_DEFAULT or "execution_policy" not in defaults.values
    if not is_default and isinstance(policy, dict):
        normal["execution_policy"] = _policy(policy)
    if isinstance(normal.get("system"), dict):
        normal["system"] = _system(normal["system"])
    if kind == "webhook" and normal["show_results_to_llm"] is None:
        normal["show_results_to_llm"] = normal["source"] == "contextual"
    return normal


def _policy(policy: Document) -> Document:
    normal = _filled(policy, _POLICY)
    if isinstance(normal["pre_action_message"], dict):
        normal["pre_action_message"] = _filled(normal["pre_action_message"], _MESSAGE)
    return normal


def _system(system: Document) -> Document:
    normal = _filled(system, _SYSTEM)
    normal["triggers"] = _each(normal["triggers"], _trigger)
    normal["arguments"] = _each(normal["arguments"], _argument)
    return normal


def _trigger(trigger: Document) -> Document:
    normal = {k: v for k, v in trigger.items() if k != "source_tool_id" or v is not None}
    if isinstance(normal.get("source_tool_id"), str):
        normal["source_tool_id"] = normal["source_tool_id"].lower()
    return normal


def _argument(argument: Document) -> Document:
    normal = _filled(argument, _ARGUMENT)
    source = normal.get("source")
    if isinstance(source, dict) and source.get("type") == "transcript_messages":
        normal["source"] = _filled(source, _TRANSCRIPT)
    return normal


def keyed(normal: Document) -> Document:
    """A normal document with tools by id and runtime variables by name, and without secrets.

    A list whose items can not be told apart stays one. An object in a list's place becomes a
    tuple of one, which JSON has not: it is no list by identity.
    """
    by_identity = dict(normal)
    by_identity.pop(fields.RUNTIME_KEY, None)
    for name, by in _BY_IDENTITY:
        value = normal.get(name)
        if isinstance(value, list):
            by_identity[name] = by(value)
        elif isinstance(value, dict):
            by_identity[name] = (value,)
    return by_identity


def _by_id(tools: list[Any]) -> Any:
    items = [without_secret(tool) for tool in tools]
    if not all(isinstance(tool, dict) for tool in items):
        return items
    by_id = {str(tool.get("id", index)): tool for index, tool in enumerate(items)}
    return by_id if len(by_id) == len(items) else items


def _by_name(variables: list[Any]) -> Any:
    names = [v.get("name") if isinstance(v, dict) else None for v in variables]
    if not all(isinstance(name, str) for name in names) or len(set(names)) != len(names):
        return variables
    return dict(zip(names, variables, strict=True))


_BY_IDENTITY: Final = (("tools", _by_id), ("runtime_variables", _by_name))


def unkeyed(by_identity: Document) -> Document:
    """The reverse of `keyed`, but for secrets."""
    normal = dict(by_identity)
    for name, _ in _BY_IDENTITY:
        if name in normal:
            normal[name] = as_list(normal[name])
    return normal


def as_list(value: Any) -> Any:
    """A keyed list as the list that it was, or as what stood in its place."""
    if isinstance(value, tuple):
        return value[0]
    return list(value.values()) if isinstance(value, dict) else value


def without_secret(tool: Any) -> Any:
    """A tool whose `auth` says its type alone, as the API answers it."""
    auth = tool.get("auth") if isinstance(tool, dict) else None
    if not isinstance(auth, dict):
        return tool
    secrets = fields.SECRET_KEYS.values()
    return {**tool, "auth": {k: v for k, v in auth.items() if k not in secrets}}


def without_secrets(normal: Document) -> Document:
    """A normal document free of secrets, fit for the ledger."""
    safe = dict(normal)
    safe.pop(fields.RUNTIME_KEY, None)
    if isinstance(normal.get("tools"), list):
        safe["tools"] = [without_secret(tool) for tool in normal["tools"]]
    return safe
