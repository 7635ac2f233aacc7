"""What a write makes of an agent: its stored document before, the request, the one after.

A document is a JSON object of the writable fields, secrets sealed, and of whatever else the
dashboard put there.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from reconciler.sandbox.bodies import sent_fields
from reconciler.sandbox.eras import Era
from reconciler.sandbox.nudges import default_nudges
from reconciler.sandbox.sealing import stored_tools

Document = dict[str, Any]


def created(body: BaseModel, era: Era) -> Document:
    document = body.model_dump()
    document["tools"] = stored_tools(document["tools"], before=())
    if era.deployed:
        document["orchestrator"] = "livekit"
        if "tool_mode" not in body.model_fields_set:
            # Nobody saw what a body with `tools` and no mode does; the kinder guess keeps the
            # documentation's own examples working (API.md 6, open risk).
            document["tool_mode"] = "legacy" if document["tools"] else "shared"
    return _completed(document, era)


def replaced(before: Document, body: BaseModel, era: Era) -> Document:
    """Apply a PUT: documented as a full replacement, observed to keep what was left out.

    What is no field of the body at all stays in either case: nobody can send it.
    """
    sent = sent_fields(body) if era.deployed else body.model_dump()
    if "tools" in sent:
        sent["tools"] = stored_tools(sent["tools"], before=())
    return _completed(before | sent, era)


def patched(before: Document, body: BaseModel, era: Era) -> Document:
    sent = sent_fields(body)
    if "tools" in sent:
        sent["tools"] = stored_tools(sent["tools"], before=before["tools"])
    return _completed(before | sent, era)


def duplicated(before: Document, name: str, era: Era) -> Document:
    """Copy all but the inbound connection (API.md 4.8); webhook secrets count as part of tools."""
    document = {**before, "name": name, "sip_inbound_trunk_id": None}
    if era.deployed:
        document["inbound_greeting"] = None  # it can not stand without the connection there
    return _completed(document, era)


def _completed(document: Document, era: Era) -> Document:
    if document["idle_nudges"] is None:
        document["idle_nudges"] = default_nudges(document["language"])
    document.pop("schema_version", None)  # taken, and read back as null
    if not era.deployed:
        return document
    if not document["models"].get("stt_kwargs"):
        document["models"] = {**document["models"], "stt_kwargs": {"punctuate": True}}
    for name, value in deployed_defaults(document).items():
        document.setdefault(name, value)
    return document


def deployed_defaults(document: Document) -> Document:
    """Return the newer fields for an agent that was stored by an older era."""
    return {
        "tool_mode": "legacy" if document["tools"] else "shared",
        "tool_refs": [],
        "mcp_refs": [],
        "orchestrator": "livekit",
        "llm_router_enabled": True,
        "noise_cancellation_enabled": False,
        "tts_cache_enabled": False,
    }
