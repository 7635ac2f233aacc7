"""Rules of tools of every type."""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

from reconciler.model.identity import derived_tool_id, labels, natural_key
from reconciler.model.values import Document
from reconciler.patterns import pattern
from reconciler.specs.findings import Finding, did_you_mean, listed
from reconciler.specs.marks import Steps
from reconciler.specs.rules.typed import mapping, mappings, text
from reconciler.specs.rules.view import View

_E164: Final = pattern(r"\+[1-9]\d{1,14}\Z")
_AFTER_TOOL: Final = frozenset({"tool_succeeded", "tool_failed"})
_MOST_SHARED: Final = 200
_LIKE_ZONE: Final = (
    "write a place such as `Europe/Berlin`, which knows its summer time, or a template"
)


def unique_tools(view: View) -> Iterator[Finding]:
    ids: dict[str, int] = {}
    keys: dict[tuple[str, str], list[int]] = {}
    by_index = dict(view.tools)
    for index, tool in view.tools:
        own_id = text(tool.get("id")).lower()
        if own_id and own_id in ids:
            message = f"tools[{index}] has the id of tools[{ids[own_id]}]"
            hint = "ids are unique in an agent; leave `id` out and one is derived"
            yield Finding("SPEC040", message, ("tools", index, "id"), hint)
        ids.setdefault(own_id, index)
        keys.setdefault((str(tool.get("type")), natural_key(tool)), []).append(index)
    for (kind, key), indices in keys.items():
        nameless = [index for index in indices if not by_index[index].get("id")]
        if len(indices) > 1 and nameless:
            named = {"template": "template", "built_in": "built_in"}.get(kind, "name")
            message = f"`{key[:80]}` is the name of tools[{indices[0]}] too"
            hint = "rename one, or give each of them an `id`"
            yield Finding("SPEC041", message, ("tools", indices[-1], named), hint)


def transfers(view: View) -> Iterator[Finding]:
    for index, tool in view.tools_of("human_transfer"):
        number = tool.get("phone_number")
        if isinstance(number, str) and "{{" not in number and not _E164.match(number):
            message = f"{number[:40]!r} is neither a phone number nor a template"
            hint = "write it in E.164: `+`, country code, number, no spaces: `+4930123456`"
            yield Finding("SPEC048", message, ("tools", index, "phone_number"), hint)
        if "sip_outbound_trunk_id" not in view.document:
            message = (
                "a transfer needs an outbound trunk, and `sip_outbound_trunk_id` is not declared"
            )
            hint = "fine if the trunk is set in the dashboard: `plan` will check"
            yield Finding("SPEC109", message, ("tools", index), hint)
        elif view.document["sip_outbound_trunk_id"] is None:
            message = "a transfer needs an outbound trunk, and `sip_outbound_trunk_id` is null"
            yield Finding("SPEC055", message, ("tools", index), "name the trunk")


@cache
def _zones() -> frozenset[str]:
    import tzdata  # type: ignore[import-untyped]  # noqa: PLC0415  # rarely needed

    # Not `importlib.resources`, which takes ten times as long to load as there is to read.
    return frozenset(Path(tzdata.__file__).with_name("zones").read_text("utf-8").split())


def time_zones(view: View) -> Iterator[Finding]:
    for index, tool in view.tools_of("built_in"):
        zone = tool.get("timezone")
        if not isinstance(zone, str) or zone == "UTC" or "{{" in zone or zone in _zones():
            continue
        places = (each for each in _zones() if "/" in each and not each.startswith("Etc/"))
        hint = did_you_mean(zone, places) or _LIKE_ZONE
        message = f"{zone[:60]!r} is no time zone"
        yield Finding("SPEC049", message, ("tools", index, "timezone"), hint)


def pre_action_text(view: View) -> Iterator[Finding]:
    for index, tool in view.tools:
        message = mapping(mapping(tool.get("execution_policy")).get("pre_action_message"))
        silent = message.get("enabled") is True and not message.get("text")
        if silent and tool.get("template") != "hangup":
            steps = ("tools", index, "execution_policy", "pre_action_message", "text")
            hint = "say what the agent says, or set `enabled: false`"
            yield Finding("SPEC047", "an enabled pre-action message needs a `text`", steps, hint)


def system_and_source(view: View) -> Iterator[Finding]:
    for index, tool in view.tools:
        if text(tool.get("type")) not in {"built_in", "webhook"}:
            continue
        is_system = tool.get("source") == "system"
        if is_system and tool.get("system") is None:
            message = "`source: system` needs `system`: the triggers that run the tool"
            hint = "add `system: {triggers: [{event: call_end}]}`"
            yield Finding("SPEC044", message, ("tools", index, "source"), hint)
        elif not is_system and tool.get("system") is not None:
            message = "`system` stands only with `source: system`"
            hint = "add `source: system`, or remove `system`"
            yield Finding("SPEC044", message, ("tools", index, "system"), hint, at_key=True)


def triggers(view: View) -> Iterator[Finding]:
    for index, tool in view.tools:
        for row, trigger in mappings(mapping(tool.get("system")).get("triggers")):
            yield from _trigger(view, ("tools", index, "system", "triggers", row), trigger)


def _trigger(view: View, steps: Steps, trigger: Document) -> Iterator[Finding]:
    event = text(trigger.get("event"))
    named = [name for name in ("source_tool", "source_tool_id") if trigger.get(name) is not None]
    if event in _AFTER_TOOL and not named:
        message = f"`{event}` needs a `source_tool`: the tool that it waits for"
        others = [natural_key(tool) for index, tool in view.tools[:10] if index != steps[1]]
        hint = f"add `source_tool: …`, one of {listed(others)}" if others else "add such a tool"
        yield Finding("SPEC045", message, (*steps, "event"), hint[:300])
    elif named and event and event not in _AFTER_TOOL:
        message = f"`{named[0]}` stands only with `tool_succeeded` and `tool_failed`"
        yield Finding("SPEC045", message, (*steps, named[0]), "remove it", at_key=True)
    elif len(named) > 1:
        message = "`source_tool` and `source_tool_id` say the same"
        yield Finding("SPEC045", message, (*steps, "source_tool_id"), "keep one", at_key=True)


def source_tool_names(tools: list[Document]) -> set[str]:
    """What `source_tool` may say: natural keys that only one tool has, and labels."""
    times = Counter(map(natural_key, tools))
    alone = {key for key, count in times.items() if count == 1}
    shared = [tool for tool in tools if natural_key(tool) not in alone]
    return alone | set(labels(shared[:_MOST_SHARED]))


def has_lost_tools(view: View) -> bool:
    """Whether a trigger names a tool that is none of the agent's."""
    return next(unknown_source_tools(view, lambda _name: None), None) is not None


def unknown_source_tools(view: View, elsewhere: Callable[[str], str | None]) -> Iterator[Finding]:
    """Triggers that name no tool of the agent; `elsewhere` knows who else has such a tool."""
    rows = [
        (("tools", index, "system", "triggers", row), trigger)
        for index, tool in view.tools
        if "system" in tool
        for row, trigger in mappings(mapping(tool.get("system")).get("triggers"))
        if "source_tool" in trigger or "source_tool_id" in trigger
    ]
    if not rows:
        return
    tools = [tool for _, tool in view.tools]
    names, ids = source_tool_names(tools), _ids(view.key, tools)
    for steps, trigger in rows:
        name, own_id = trigger.get("source_tool"), trigger.get("source_tool_id")
        if isinstance(name, str) and name not in names:
            message = f"`{name[:80]}` is no tool of this agent"
            hint = _who_has(name, names, elsewhere(name))
            yield Finding("SPEC046", message, (*steps, "source_tool"), hint)
        if isinstance(own_id, str) and own_id.lower() not in ids:
            message = f"no tool of this agent has the id `{own_id[:40]}`"
            hint = "write `source_tool` and the tool's name"
            yield Finding("SPEC046", message, (*steps, "source_tool_id"), hint)


def _who_has(name: str, names: set[str], other: str | None) -> str:
    if other is not None:
        return f"{other} has one, but a trigger sees its own agent only"
    return did_you_mean(name, names) or f"the agent has {listed(sorted(names))}"[:300]


def _ids(key: str, tools: list[Document]) -> set[str]:
    return {(text(tool.get("id")) or derived_tool_id(key, tool)).lower() for tool in tools}


RULES: Final[tuple[Callable[[View], Iterator[Finding]], ...]] = (
    unique_tools,
    transfers,
    time_zones,
    pre_action_text,
    system_and_source,
    triggers,
)
