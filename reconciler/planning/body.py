"""The request body of a write, from the target document."""

from collections.abc import Iterable, Mapping
from typing import Any

from reconciler.model import fields
from reconciler.model.carried import unknown_paths, without
from reconciler.model.change import Write
from reconciler.model.identity import tools_in
from reconciler.model.values import Document, Path
from reconciler.planning.target import Target


def post(target: Target, declared: Document) -> Write:
    """A create sends what is declared, and no more; the API fills in the rest."""
    body = dict(declared)
    if "tools" in declared:
        body["tools"] = _wired(target.document.get("tools") or [])
    return Write(method="POST", body=body, document=target.document)


def put(target: Target, document: Document, omit: Iterable[str]) -> Write:
    """A PUT sends the whole writable document, unknown live fields but for `omit` included.

    Nothing is left out in the hope that the API keeps it or resets it: eras differ.
    """
    mine = {*target.declared, *target.resets}
    unknown = [path for path in unknown_paths(document) if path not in mine]
    left_out = {tuple(name.split(".")) for name in omit}
    body = document
    for path in unknown:
        if path in left_out:
            body = without(body, path)
    carried = sorted(".".join(path) for path in unknown if path not in left_out)
    if "tools" in body:
        body = {**body, "tools": _wired(body["tools"])}
    return Write(method="PUT", body=body, document=document, carried=tuple(carried))


def patch(document: Document, changed: Iterable[Path]) -> Write:
    """A PATCH sends the top-level fields that differ, each whole."""
    names = sorted({path[0] for path in changed})
    body = {name: document[name] for name in names if name in document}
    if "tools" in body:
        body["tools"] = _wired(body["tools"])
    return Write(method="PATCH", body=body, document=document)


def _wired(tools: Any) -> Any:
    """What is no tool goes as it came: the API had it, and may say no."""
    if not isinstance(tools, list):
        return tools
    return [wire_tool(tool) if isinstance(tool, dict) else tool for tool in tools]


def wire_tool(tool: Document) -> Document:
    """A normal tool as the API takes it: in a tool, a key left out means its default."""
    defaults = fields.TOOL_DEFAULTS.get(str(tool.get("type")), {})
    wired = {k: v for k, v in tool.items() if v is not None or k not in defaults}
    if wired.get("execution_policy") == fields.POLICY_DEFAULT:
        del wired["execution_policy"]
    elif isinstance(wired.get("execution_policy"), dict):
        wired["execution_policy"] = _wire_policy(wired["execution_policy"])
    if isinstance(wired.get("system"), dict):
        wired["system"] = _wire_system(wired["system"])
    return wired


def _wire_policy(policy: Document) -> Document:
    message = policy.get("pre_action_message")
    if not isinstance(message, dict):
        return policy
    return {
        **policy,
        "pre_action_message": {k: v for k, v in message.items() if k != "text" or v is not None},
    }


def _wire_system(system: Document) -> Document:
    if not isinstance(system.get("arguments"), list):
        return system
    return {**system, "arguments": [_wire_row(row) for row in system["arguments"]]}


def _wire_row(row: Any) -> Any:
    if not isinstance(row, dict):
        return row
    return {k: v for k, v in row.items() if k != "description" or v is not None}


def unsendable_secrets(document: Document) -> list[str]:
    """Webhook tools of a document that the API wants a secret for and we have none."""
    authenticated = [tool for tool in tools_in(document) if isinstance(tool.get("auth"), Mapping)]
    return [str(tool.get("name")) for tool in authenticated if not _has_secret(tool["auth"])]


def _has_secret(auth: Document) -> bool:
    return any(auth.get(key) is not None for key in fields.SECRET_KEYS.values())
