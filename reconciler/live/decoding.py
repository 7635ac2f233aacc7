"""The wire shape of agents, read leniently: what we do not know is kept (API.md 4.3 to 4.6)."""

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from reconciler.errors import LiveError
from reconciler.model.fields import RUNTIME_KEY, SECRET_KEYS, SERVER_OWNED, TOOL_MODE
from reconciler.model.live import LiveAgent
from reconciler.model.values import Document

GARBLED: Final = "GARBLED_ANSWER"
_OPTIONS: Final = "template_variable_options"


def json_value(content: bytes) -> Any:
    """Any JSON value of an answer. Raises `LiveError` when it is none.

    pydantic_core's parser rather than json's: 0.10 s against 0.17 s for 10,000 agents (32 MB),
    short texts that repeat are kept once, and it answers deep nesting with an error, not with a
    full stack. pydantic is loaded anyway.
    """
    from reconciler.lean_core import from_json  # noqa: PLC0415  # a list of what is known is not read

    try:
        return from_json(content, allow_inf_nan=False, cache_strings="all")
    except ValueError as error:
        problem = "is empty" if not content.strip() else f"is not JSON ({error})"
    raise LiveError(f"the answer {problem}", code=GARBLED)


def decode_list(content: bytes) -> list[LiveAgent]:
    """All agents of a list that are not deleted, in its order; anything odd is a `LiveError`."""
    items = json_value(content)
    if not isinstance(items, list):
        raise _garbled("a list of agents", items)
    # All are looked at before the deleted ones go: a list with one bad entry is not to be trusted.
    agents = [decode_agent(item) for item in items]
    if len({agent.id for agent in agents}) != len(agents):
        raise LiveError("the answer lists one agent id twice", code=GARBLED)
    return [agent for agent in agents if not agent.is_deleted]


def decode_agent(raw: Document) -> LiveAgent:
    """One agent of an answer, in the shape of a spec (see `LiveAgent`).

    `raw` is kept as it is but for secrets, and its parts are shared, not copied: treat both as
    frozen. Raises `LiveError` for what is no JSON object with an id and a name.
    """
    if not isinstance(raw, dict):
        raise _garbled("an agent", raw)
    agent_id, name = raw.get("id"), raw.get("name")
    if not isinstance(agent_id, str) or not agent_id:
        raise LiveError("the answer holds an agent without an id", code=GARBLED)
    if not isinstance(name, str):
        raise LiveError(f"the answer holds an agent without a name ({agent_id})", code=GARBLED)
    for field, value in raw.items():
        if type(value) is str:  # a prompt is as the ledger holds it: kept once
            raw[field] = sys.intern(value)
    _silence(raw)
    organisation = raw.get("organisation_id")
    return LiveAgent(
        id=agent_id,
        name=name,
        document=_document(raw),
        organisation_id=organisation if isinstance(organisation, str) else None,
        created_at=timestamp(raw.get("created_at")),
        raw=raw,
    )


def _silence(raw: Document) -> None:
    """Drop secrets: an API keeps them to itself.

    Were one echoed, it would get into the ledger; were it masked, the mask would be sent back.
    """
    raw.pop(RUNTIME_KEY, None)
    tools = raw.get("tools")
    for tool in tools if isinstance(tools, list) else ():
        auth = tool.get("auth") if isinstance(tool, dict) else None
        if isinstance(auth, dict):
            for secret in SECRET_KEYS.values():
                auth.pop(secret, None)


def timestamp(value: object) -> datetime | None:
    """A moment with its time zone, UTC where none is written; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _document(raw: Document) -> Document:
    document = {key: value for key, value in raw.items() if key not in SERVER_OWNED}
    variables = raw.get("template_variables")
    if isinstance(variables, dict):
        # Where an API writes the writable fields too, its word stands.
        for key, value in _template_fields(variables).items():
            document.setdefault(key, value)
    if document.get(TOOL_MODE) == "shared":
        document.pop("tools", None)  # response-only there (API.md 4.6)
    elif isinstance(document.get("tools"), list):
        document["tools"] = [_tool(tool) for tool in document["tools"]]
    return document


def _template_fields(variables: Mapping[str, Any]) -> Document:
    defaults = {
        name: meta["default"]
        for name, meta in variables.items()
        if isinstance(meta, dict) and meta.get("default") is not None
    }
    fields: Document = {"template_defaults": defaults}
    required = {name: _required(meta, name in defaults) for name, meta in variables.items()}
    # The era of closed schemas refuses the options, so they stand only where they say something:
    # where "required" is not simply "has no default". Then they must name every variable.
    if any(required[name] is (name in defaults) for name in variables):
        fields[_OPTIONS] = {name: {"required": value} for name, value in required.items()}
    return fields


def _required(meta: object, has_default: bool) -> bool:  # noqa: FBT001  # read as a word
    required = meta.get("required") if isinstance(meta, dict) else None
    return required if isinstance(required, bool) else not has_default


def _tool(tool: Any) -> Any:
    if not isinstance(tool, dict) or tool.get("type") != "webhook" or "auth_type" not in tool:
        return tool
    decoded = {key: value for key, value in tool.items() if key != "auth_type"}
    if tool["auth_type"] is not None:
        decoded.setdefault("auth", {"type": tool["auth_type"]})
    return decoded


def _garbled(expected: str, found: object) -> LiveError:
    kinds = {dict: "an object", list: "a list", str: "a text", type(None): "null"}
    kind = kinds.get(type(found), "a number or a boolean")
    return LiveError(f"the answer should hold {expected}, but holds {kind}", code=GARBLED)
