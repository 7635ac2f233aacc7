"""Desired tools meet live ones: identity, ids, triggers by name, unknown keys carried over."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeAlias

from reconciler.model import fields
from reconciler.model.identity import derived_tool_id, labels, natural_key
from reconciler.model.values import Document, lookup

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
    free = dict(sorted(with_ids(live), key=lambda each: each[0]))
    candidates_of = by_kind(free.items())
    ours: dict[Kind, list[str]] | None = None
    found: list[Document | None] = [
        free.pop(str(tool["id"]).lower(), None) if "id" in tool else None for tool in desired
    ]
    for index, tool in enumerate(desired):
        if found[index] is None and "id" not in tool:
            kind = _kind(tool)
            candidates = candidates_of.get(kind, [])
            if len(candidates) > 1:
                ours = by_kind(with_ids(sent)) if ours is None else ours
                sent_first = [i for i in ours.get(kind, ()) if i in candidates]
                candidates = [*sent_first, *candidates]
            twin = next((i for i in candidates if i in free), None)
            found[index] = free.pop(twin) if twin is not None else None
    return found


Kind: TypeAlias = tuple[str, str]
"""What two tools agree in that could be one: type and natural key."""


def _kind(tool: Document) -> Kind:
    return str(tool.get("type")), natural_key(tool)


def with_ids(tools: Sequence[Document]) -> list[tuple[str, Document]]:
    """The tools that have an id, each with it in lower case."""
    return [(str(tool["id"]).lower(), tool) for tool in tools if "id" in tool]


def by_kind(tools: Iterable[tuple[str, Document]]) -> dict[Kind, list[str]]:
    """The ids of such tools, by type and natural key."""
    found: dict[Kind, list[str]] = {}
    for tool_id, tool in tools:
        found.setdefault(_kind(tool), []).append(tool_id)
    return found


def _free_id(agent_key: str, tool: Document, taken: set[str]) -> str:
    tool_id, turn = derived_tool_id(agent_key, tool), 0
    while tool_id in taken:
        turn += 1
        tool_id = derived_tool_id(f"{agent_key}\n{turn}", tool)
    return tool_id


def _with_sources(tools: list[Document]) -> list[Document]:
    if not any("source_tool" in trigger for tool in tools for trigger in _triggers(tool)):
        return tools
    ids = {natural_key(tool): tool["id"] for tool in tools}
    ids |= {label: tool["id"] for label, tool in zip(labels(tools), tools, strict=True)}
    return [_with_source(tool, ids) if _triggers(tool) else tool for tool in tools]


def _triggers(tool: Document) -> list[Document]:
    triggers = lookup(tool, ("system", "triggers"))
    listed = isinstance(triggers, list) and all(isinstance(each, dict) for each in triggers)
    return triggers if listed else []


def _with_source(tool: Document, ids: dict[str, str]) -> Document:
    triggers = []
    for trigger in _triggers(tool):
        named = {k: v for k, v in trigger.items() if k != "source_tool"}
        if "source_tool" in trigger:
            named["source_tool_id"] = ids.get(str(trigger["source_tool"]), trigger["source_tool"])
        triggers.append(named)
    return {**tool, "system": {**tool["system"], "triggers": triggers}}


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


def _carried_policy(policy: Any, live: Any) -> Any:
    if not isinstance(live, dict) or not isinstance(policy or {}, dict):
        return policy
    mine: Document = policy or {}
    carried = _with_unknown(mine, live, {"pre_action_message"})
    live_message, my_message = live.get("pre_action_message"), mine.get("pre_action_message") or {}
    if isinstance(live_message, dict) and isinstance(my_message, dict):
        message = _with_unknown(my_message, live_message, {"enabled", "text"})
        carried = _with_part(carried, "pre_action_message", message or None)
    return carried or policy


def _with_part(document: Document, name: str, part: Document | None) -> Document:
    return document if part is None else {**document, name: part}


def _with_unknown(mine: Document, live: Document, known: frozenset[str] | set[str]) -> Document:
    if live.keys() <= known:
        return mine
    unknown = live.keys() - known - mine.keys()
    return {**mine, **{k: v for k, v in live.items() if k in unknown}} if unknown else mine
