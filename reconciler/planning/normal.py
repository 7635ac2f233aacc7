"""The one typed shape in which desired, live, sent and answered documents are compared.

Documented defaults are filled in, null stands for its default where the API has no null, ids are
lower case. Secrets stay where they are; `keyed` drops them, and turns the lists whose order
means nothing into objects by identity.
"""

from typing import Any, Final

from reconciler.model import fields
from reconciler.model.values import Document

_MODELS_DEFAULTS: Final = {**fields.MODELS_DEFAULTS, "fallbacks": {}}


def normalise(document: Document) -> Document:
    """The whole writable document in its normal shape; a new one, sharing what is unchanged."""
    shared_mode = document.get(fields.TOOL_MODE) == "shared" and "tools" not in document
    normal = _filled(document, fields.DEFAULTS)
    normal.setdefault("idle_nudges", None)
    if isinstance(document.get("models"), dict):
        normal["models"] = _models(document["models"])
    if isinstance(normal["idle_nudges"], dict):
        normal["idle_nudges"] = _filled(normal["idle_nudges"], fields.NUDGES_DEFAULTS)
    for trunk in fields.TRUNKS:
        if isinstance(normal[trunk], str):
            normal[trunk] = normal[trunk].lower()
    if shared_mode:
        del normal["tools"]
    else:
        normal["tools"] = [_tool(tool) for tool in normal["tools"]]
    return normal


def _filled(document: Document, defaults: Document) -> Document:
    filled = {**defaults, **document}
    for name, default in defaults.items():
        if filled[name] is None:
            filled[name] = default
    return filled


def _models(models: Document) -> Document:
    normal = _filled(models, _MODELS_DEFAULTS)
    if isinstance(normal["fallbacks"], dict):
        normal["fallbacks"] = _filled(normal["fallbacks"], fields.FALLBACKS_DEFAULTS)
    return normal


def _tool(tool: Document) -> Document:
    kind = tool.get("type")
    defaults = fields.TOOL_DEFAULTS.get(str(kind))
    if defaults is None:
        return tool
    normal = _filled(tool, defaults)
    if isinstance(normal.get("id"), str):
        normal["id"] = normal["id"].lower()
    if "execution_policy" in defaults:
        normal["execution_policy"] = _policy(normal["execution_policy"])
    if isinstance(normal.get("system"), dict):
        normal["system"] = _system(normal["system"])
    if kind == "webhook" and normal["show_results_to_llm"] is None:
        normal["show_results_to_llm"] = normal["source"] == "contextual"
    return normal


def _policy(policy: Document) -> Document:
    normal = _filled(policy, fields.POLICY_DEFAULT)
    message_default = fields.POLICY_DEFAULT["pre_action_message"]
    normal["pre_action_message"] = _filled(normal["pre_action_message"], message_default)
    return normal


def _system(system: Document) -> Document:
    normal = _filled(system, {"arguments": []})
    normal["triggers"] = [_trigger(t) for t in normal.get("triggers") or []]
    normal["arguments"] = [_argument(a) for a in normal["arguments"]]
    return normal


def _trigger(trigger: Document) -> Document:
    normal = {k: v for k, v in trigger.items() if k != "source_tool_id" or v is not None}
    if isinstance(normal.get("source_tool_id"), str):
        normal["source_tool_id"] = normal["source_tool_id"].lower()
    return normal


def _argument(argument: Document) -> Document:
    normal = _filled(argument, {"required": False, "description": None})
    source = normal.get("source")
    if isinstance(source, dict) and source.get("type") == "transcript_messages":
        normal["source"] = _filled(source, {"max_messages": 200})
    return normal


def keyed(normal: Document) -> Document:
    """A normal document with tools by id and runtime variables by name, and without secrets."""
    by_identity = {k: v for k, v in normal.items() if k != fields.RUNTIME_KEY}
    if isinstance(normal.get("tools"), list):
        by_identity["tools"] = {
            str(tool.get("id", index)): without_secret(tool)
            for index, tool in enumerate(normal["tools"])
        }
    if isinstance(normal.get("runtime_variables"), list):
        by_identity["runtime_variables"] = _by_name(normal["runtime_variables"])
    return by_identity


def _by_name(variables: list[Any]) -> Any:
    names = [v.get("name") if isinstance(v, dict) else None for v in variables]
    if None in names or len(set(names)) != len(names):
        return variables
    return dict(zip(names, variables, strict=True))


def unkeyed(by_identity: Document) -> Document:
    """The reverse of `keyed`, but for secrets."""
    normal = dict(by_identity)
    for name in ("tools", "runtime_variables"):
        if isinstance(normal.get(name), dict):
            normal[name] = list(normal[name].values())
    return normal


def without_secret(tool: Document) -> Document:
    """A tool whose `auth` says its type alone, as the API answers it."""
    auth = tool.get("auth")
    if not isinstance(auth, dict):
        return tool
    secrets = fields.SECRET_KEYS.values()
    return {**tool, "auth": {k: v for k, v in auth.items() if k not in secrets}}


def without_secrets(normal: Document) -> Document:
    """A normal document free of secrets, fit for the ledger."""
    safe = {k: v for k, v in normal.items() if k != fields.RUNTIME_KEY}
    if isinstance(normal.get("tools"), list):
        safe["tools"] = [without_secret(tool) for tool in normal["tools"]]
    return safe
