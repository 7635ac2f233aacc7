"""Secrets at rest: a digest is kept to see a change, the value is not."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from reconciler.sandbox.errors import Issue, invalid

Tool = dict[str, Any]


def digest(owner: str, secret: str) -> str:
    return hashlib.sha256(f"{owner}:{secret}".encode("utf-8", "surrogatepass")).hexdigest()


def stored_tools(sent: Sequence[Tool], before: Sequence[Tool]) -> list[Tool]:
    """Return the tools as they are stored; a webhook may keep the secret of its id in `before`."""
    kept = {tool["id"]: tool.get("auth") for tool in before if tool.get("type") == "webhook"}
    return [
        _stored(tool, kept.get(tool["id"]), position=position) for position, tool in enumerate(sent)
    ]


def _stored(tool: Tool, kept: Mapping[str, Any] | None, *, position: int) -> Tool:
    # None stands for absent in these three: the API takes no null there and gives none back.
    stored = {
        name: value
        for name, value in tool.items()
        if name not in {"system", "execution_policy", "auth", "auth_type"} or value is not None
    }
    policy = stored.get("execution_policy")
    if policy is not None and policy.get("pre_action_message") is None:
        stored["execution_policy"] = {k: v for k, v in policy.items() if k != "pre_action_message"}
    if tool["type"] != "webhook":
        return stored
    # Webhooks are open objects, so an echoed `auth_type` is taken, but it says nothing.
    stored.pop("auth_type", None)
    stored["auth"] = _sealed(tool["id"], tool.get("auth"), kept, position=position)
    if stored["show_results_to_llm"] is None:
        stored["show_results_to_llm"] = stored["source"] == "contextual"
    return stored


def _sealed(
    tool_id: str, auth: Mapping[str, Any] | None, kept: Mapping[str, Any] | None, *, position: int
) -> dict[str, Any] | None:
    if auth is None:
        return dict(kept) if kept else None
    field = "token" if auth["type"] == "bearer" else "secret"
    secret = auth[field]
    if secret is not None:
        return {"type": auth["type"], "digest": digest(tool_id, secret)}
    if kept and kept["type"] == auth["type"]:
        return dict(kept)
    loc = ("body", "tools", position, "webhook", "auth", auth["type"], field)
    raise invalid(Issue(loc, "Field required: there is no stored secret to keep", "missing"))


def dashboard_tools(tools: Sequence[Tool], before: Sequence[Tool]) -> list[Tool]:
    """Take tools as the dashboard shows them, `auth_type` in place of a secret."""
    kept = {tool["id"]: tool.get("auth") for tool in before if tool.get("type") == "webhook"}
    return [_from_dashboard(tool, kept.get(tool.get("id"))) for tool in tools]


def _from_dashboard(tool: Tool, kept: Mapping[str, Any] | None) -> Tool:
    if tool.get("type") != "webhook":
        return tool
    bare = {name: value for name, value in tool.items() if name not in {"auth", "auth_type"}}
    auth = tool.get("auth")
    if auth is not None:
        secret = str(auth.get("token") or auth.get("secret"))
        return {**bare, "auth": {"type": auth.get("type"), "digest": digest(tool["id"], secret)}}
    shown = tool.get("auth_type", kept and kept["type"])
    if kept and kept["type"] == shown:
        return {**bare, "auth": dict(kept)}
    return {**bare, "auth": {"type": shown, "digest": None} if shown else None}
