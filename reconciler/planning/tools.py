"""Desired tools meet live ones: identity, ids, triggers by name, unknown keys carried over."""

from collections.abc import Sequence
from typing import Final

from reconciler.model import fields
from reconciler.model.identity import derived_tool_id, labels, natural_key, same_kind
from reconciler.model.values import Document

_KNOWN: Final = {
    kind: frozenset({*fields.TOOL_REQUIRED[kind], *defaults})
    for kind, defaults in fields.TOOL_DEFAULTS.items()
}


def resolved_tools(
    agent_key: str,
    desired: Sequence[Document],
    live: Sequence[Document],
    sent: Sequence[Document] = (),
) -> list[Document]:
    """The desired tools, each with an id, triggers by id, and unknown keys carried over.

    A tool is, first that fits: the live tool of its `id`, of its natural key, or of the id that
    a new tool of its name would get; else it is new. Of live tools with one natural key, the one
    that was `sent` under it comes first: a namesake made in the dashboard does not take its place.
    """
    matches = _matches(desired, live, sent)
    taken = {str(t["id"]).lower() for t in desired if "id" in t}
    taken |= {str(tool["id"]).lower() for tool in matches if tool is not None}
    by_id = {str(tool["id"]).lower(): tool for tool in live if "id" in tool}
    resolved = []
    for tool, match in zip(desired, matches, strict=True):
        if "id" in tool:
            tool_id = str(tool["id"])
        elif match is not None:
            tool_id = str(match["id"])
        else:
            tool_id = _free_id(agent_key, tool, taken)
            taken.add(tool_id)
        twin = match or by_id.get(tool_id.lower())
        with_id = {**tool, "id": tool_id}
        resolved.append(_carried(with_id, twin) if twin else with_id)
    return _with_sources(resolved)


def _matches(
    desired: Sequence[Document], live: Sequence[Document], sent: Sequence[Document]
) -> list[Document | None]:
    # By id, so that it is no matter in which order the API lists them.
    ids = sorted(str(tool["id"]).lower() for tool in live if "id" in tool)
    by_id = {str(tool["id"]).lower(): tool for tool in live if "id" in tool}
    free = {tool_id: by_id[tool_id] for tool_id in ids}
    found: list[Document | None] = [
        free.pop(str(tool["id"]).lower(), None) if "id" in tool else None for tool in desired
    ]
    for index, tool in enumerate(desired):
        if found[index] is None and "id" not in tool:
            ours = (str(t["id"]).lower() for t in sent if "id" in t and same_kind(t, tool))
            named = (i for i in (*ours, *free) if i in free and same_kind(free[i], tool))
            twin = next(named, None)
            found[index] = free.pop(twin) if twin is not None else None
    return found


def _free_id(agent_key: str, tool: Document, taken: set[str]) -> str:
    tool_id, turn = derived_tool_id(agent_key, tool), 0
    while tool_id in taken:
        turn += 1
        tool_id = derived_tool_id(f"{agent_key}\n{turn}", tool)
    return tool_id


def _with_sources(tools: list[Document]) -> list[Document]:
    ids = {natural_key(tool): tool["id"] for tool in tools}
    ids |= {label: tool["id"] for label, tool in zip(labels(tools), tools, strict=True)}
    return [_with_source(tool, ids) for tool in tools]


def _with_source(tool: Document, ids: dict[str, str]) -> Document:
    system = tool.get("system")
    if not isinstance(system, dict):
        return tool
    triggers = []
    for trigger in system.get("triggers") or []:
        named = {k: v for k, v in trigger.items() if k != "source_tool"}
        if "source_tool" in trigger:
            named["source_tool_id"] = ids.get(trigger["source_tool"], trigger["source_tool"])
        triggers.append(named)
    return {**tool, "system": {**system, "triggers": triggers}}


def _carried(tool: Document, live: Document) -> Document:
    kind = str(tool.get("type"))
    if kind not in fields.TOOL_DEFAULTS or live.get("type") != kind:
        return tool
    known = _KNOWN[kind]
    carried = _with_unknown(tool, live, known)
    if "execution_policy" in known:
        policy, live_policy = tool.get("execution_policy"), live.get("execution_policy")
        carried = _with_part(carried, "execution_policy", _carried_policy(policy, live_policy))
    if isinstance(tool.get("system"), dict) and isinstance(live.get("system"), dict):
        system = _with_unknown(tool["system"], live["system"], {"triggers", "arguments"})
        carried = _with_part(carried, "system", system)
    return carried


def _carried_policy(policy: Document | None, live: Document | None) -> Document | None:
    if not isinstance(live, dict):
        return policy
    mine: Document = policy or {}
    carried = _with_unknown(mine, live, {"pre_action_message"})
    live_message = live.get("pre_action_message")
    if isinstance(live_message, dict):
        message = _with_unknown(
            mine.get("pre_action_message") or {}, live_message, {"enabled", "text"}
        )
        carried = _with_part(carried, "pre_action_message", message or None)
    return carried or policy


def _with_part(document: Document, name: str, part: Document | None) -> Document:
    return document if part is None else {**document, name: part}


def _with_unknown(mine: Document, live: Document, known: frozenset[str] | set[str]) -> Document:
    unknown = live.keys() - known - mine.keys()
    return {**mine, **{k: v for k, v in live.items() if k in unknown}} if unknown else mine
