"""The rules that look at an agent as a whole, after a write was merged into it (API.md 3 to 6)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Mapping
from typing import Any

from reconciler.sandbox.eras import Era
from reconciler.sandbox.errors import ApiError, Issue, invalid
from reconciler.sandbox.templates import TEXTS, is_balanced, placeholders, usages

Document = Mapping[str, Any]

_REGION = re.compile(r"[a-z]+(-[a-z]+)*")
_DIRECTIONS = (
    ("inbound_greeting", "sip_inbound_trunk_id"),
    ("outbound_greeting", "sip_outbound_trunk_id"),
)


def check(document: Document, era: Era, *, sent: Container[str], before: Document | None) -> None:
    """Refuse an agent that the API would refuse.

    sent: the fields that the request named; before: the stored document, None on create.
    """
    _tool_ids(document)
    _templates(document)
    _runtime_variables(document)
    _transfers(document, era)
    _trigger_sources(document)
    if "region" in sent or "orchestrator" in sent:
        _region(document, era)
    if era.deployed:
        _tool_mode(document, sent=sent, before=before)
        _direction_greetings(document)
        _variable_options(document, sent=sent)
        _attachments(document)


def _tool_ids(document: Document) -> None:
    ids = Counter(tool.get("id") for tool in document["tools"])
    if any(count > 1 for count in ids.values()):
        raise ApiError(400, "Duplicate tool id detected", code="AGENT_VALIDATION_FAILED")


def _templates(document: Document) -> None:
    if not all(is_balanced(document.get(name) or "") for name in TEXTS):
        message = "Invalid template: Unmatched handlebars braces in template"
        raise ApiError(400, message, code="AGENT_VALIDATION_FAILED")


def _runtime_variables(document: Document) -> None:
    runtime = {variable["name"] for variable in document["runtime_variables"]}
    for name in sorted(runtime & set(document["template_defaults"])):
        raise ApiError(422, f"Variable '{name}' is both a runtime variable and a template variable")
    for field in TEXTS:
        for name in placeholders(document.get(field) or ""):
            if name in runtime:
                raise ApiError(422, f"{field} must not use the runtime variable '{name}'")


def _transfers(document: Document, era: Era) -> None:
    transfers = any(tool.get("type") == "human_transfer" for tool in document["tools"])
    if transfers and document["sip_outbound_trunk_id"] is None:
        message = "sip_outbound_trunk_id is required when human transfer tools are configured"
        if era.deployed:
            message = "Select an outbound SIP trunk for this agent"
        raise ApiError(422, message, code="AGENT_OUTBOUND_TRUNK_REQUIRED")


def _trigger_sources(document: Document) -> None:
    ids = {tool.get("id") for tool in document["tools"]}
    for tool in document["tools"]:
        for trigger in (tool.get("system") or {}).get("triggers", ()):
            source = trigger.get("source_tool_id")
            if source is not None and source not in ids:
                raise ApiError(422, f"source_tool_id '{source}' does not name a tool of this agent")


def _region(document: Document, era: Era) -> None:
    """Tell a region without a runtime (404) from a text that is no region at all (422).

    The description has an enum, which would answer 422 for both, and documents the 404 as well. Any
    text that looks like a region gets the 404: it is the answer a client may mistake for a missing
    agent, so it is the one worth playing.
    """
    region, orchestrator = document["region"], document.get("orchestrator", "livekit")
    if not _REGION.fullmatch(region):
        known = ", ".join(f"'{name}'" for name in sorted(era.regions))
        raise invalid(Issue(("body", "region"), f"Input should be one of {known}", "enum"))
    # The one pair that a source saw refused.
    without_runtime = era.deployed and (region, orchestrator) == ("eu-central", "pipecat")
    if region in era.regions and not without_runtime:
        return
    message = f"No runtime is configured for region '{region}'"
    if era.deployed:
        message = (
            f"No default LiveKit deployment configured for region '{region}' "
            f"and orchestrator '{orchestrator}'"
        )
    raise ApiError(404, message, code="AGENT_NOT_FOUND")


def _tool_mode(document: Document, *, sent: Container[str], before: Document | None) -> None:
    switched = before is None or before.get("tool_mode") != document["tool_mode"]
    if document["tool_mode"] == "shared":
        # The tools of a shared agent are its own affair: they count when sent or taken over.
        if document["tools"] and ("tools" in sent or switched):
            message = "shared agents cannot contain legacy tools"
            raise invalid(Issue(("body", "tools"), message, "value_error"))
        return
    for name in ("tool_refs", "mcp_refs"):
        if document.get(name):
            message = f"legacy agents cannot contain {name}"
            raise invalid(Issue(("body", name), message, "value_error"))


def _direction_greetings(document: Document) -> None:
    """Hold a greeting to its connection: observed on the live service, in no written era."""
    for greeting, trunk in _DIRECTIONS:
        if document.get(greeting) is not None and document.get(trunk) is None:
            message = f"{greeting} requires {trunk}"
            raise invalid(Issue(("body", greeting), message, "value_error"))


def _variable_options(document: Document, *, sent: Container[str]) -> None:
    options = document.get("template_variable_options") or {}
    if "template_variable_options" not in sent or not options:
        return
    runtime = {variable["name"] for variable in document["runtime_variables"]}
    asked = (set(usages(document)) - runtime) | set(document["template_defaults"])
    for name in sorted(asked - set(options)):
        message = f"template_variable_options must declare every variable: '{name}' is missing"
        raise invalid(Issue(("body", "template_variable_options"), message, "value_error"))


def _attachments(document: Document) -> None:
    for name in ("tool_refs", "mcp_refs"):
        ids = [reference["attachment_id"] for reference in document.get(name) or ()]
        if len(ids) != len(set(ids)):
            message = "Duplicate attachment id detected"
            raise invalid(Issue(("body", name), message, "value_error"))
