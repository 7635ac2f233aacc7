"""From a stored agent to the agent that the API shows (API.md 4.3)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from reconciler.sandbox.documents import deployed_defaults
from reconciler.sandbox.eras import Era
from reconciler.sandbox.nudges import default_nudges
from reconciler.sandbox.store import Record
from reconciler.sandbox.templates import usages

# Written, but read back as `template_variables`.
_WRITE_ONLY = frozenset({"template_defaults", "template_variable_options"})
_SHOWN_WHEN_USED = ("shapes", "tasks", "task_groups")


def answer_text(record: Record, era: Era) -> str:
    return json.dumps(answer(record, era), separators=(",", ":"))


def answer(record: Record, era: Era) -> dict[str, Any]:
    document = record.document
    shown: dict[str, Any] = {"id": record.id, "organisation_id": record.organisation}
    shown |= {name: value for name, value in document.items() if name not in _WRITE_ONLY}
    shown["idle_nudges"] = document["idle_nudges"] or default_nudges(document["language"])
    shown["tools"] = [_shown_tool(tool) for tool in document["tools"]]
    shown["template_variables"] = template_variables(document, era)
    if era.deployed:
        _add_live_extras(shown)
    return shown | {
        "created_at": record.created_at,
        "updated_at": record.updated_at,
        "deleted_at": record.deleted_at,
    }


def template_variables(document: Mapping[str, Any], era: Era) -> dict[str, Any]:
    """Return the variables that texts and tools ask for, and those that have a default.

    A variable is required when it has no default, unless the deployed era was told otherwise.
    """
    defaults = document["template_defaults"]
    options = document.get("template_variable_options") or {}
    runtime = {variable["name"] for variable in document["runtime_variables"]}
    used = usages(document)
    names = [name for name in used if name not in runtime]
    variables: dict[str, Any] = {}
    for name in dict.fromkeys([*names, *defaults, *options]):
        meta: dict[str, Any] = {"required": name not in defaults}
        if name in defaults:
            meta["default"] = defaults[name]
        if era.deployed:
            meta["required"] = options.get(name, meta)["required"]
            meta["usage"] = used.get(name, [])
        variables[name] = meta
    return variables


def _shown_tool(tool: Mapping[str, Any]) -> dict[str, Any]:
    if tool.get("type") != "webhook":
        return dict(tool)
    shown = {name: value for name, value in tool.items() if name != "auth"}
    auth = tool.get("auth")
    return shown | {"auth_type": auth["type"] if auth else None}


def _add_live_extras(shown: dict[str, Any]) -> None:
    for name, value in deployed_defaults(shown).items():
        shown.setdefault(name, value)
    for name in _SHOWN_WHEN_USED:
        if not shown.get(name):
            shown.pop(name, None)
    shown["schema_version"] = None
    shown["livekit_deployment"] = f"{shown['region']}-{shown['orchestrator']}"
    shown.setdefault("models_validation_error", None)
