"""A live document → what its spec is to say: all that is not the API's own default.

Fields that we do not model stay undeclared and so stay as they are live, and so do nudges that
look like the API's own (see `nudges`).
"""

from collections.abc import Callable, Mapping
from typing import Any

from reconciler.model import fields
from reconciler.model.identity import natural_key
from reconciler.model.values import ABSENT, Document, lookup, same


def wanted_of(normal: Document, live: Document, *, with_nudges: bool) -> Document:
    """What a spec declares of an agent.

    `normal` is the live document in normal form, `live` as it was decoded: ids are written as
    the API writes them.
    """
    wanted: Document = {name: normal[name] for name in fields.REQUIRED if name in normal}
    wanted |= _beyond(normal, fields.DEFAULTS)
    for trunk in fields.TRUNKS:
        if trunk in wanted:
            wanted[trunk] = live.get(trunk)
    if isinstance(wanted.get("models"), dict):
        wanted["models"] = _models(wanted["models"])
    nudges = normal.get("idle_nudges")
    if with_nudges and isinstance(nudges, dict):
        texts = {name: nudges[name] for name in fields.NUDGE_TEXTS if name in nudges}
        wanted["idle_nudges"] = {**_beyond(nudges, fields.NUDGES_DEFAULTS), **texts}
    if isinstance(normal.get(fields.TOOL_MODE), str):
        wanted[fields.TOOL_MODE] = normal[fields.TOOL_MODE]
    if isinstance(wanted.get("tools"), list):
        wanted["tools"] = _tools(wanted["tools"], live.get("tools"))
    return wanted


def _beyond(document: Mapping[str, Any], defaults: Document) -> Document:
    """The fields of a table that do not have their default."""
    return {
        name: document[name]
        for name, default in defaults.items()
        if name in document and not same(document[name], default)
    }


def _models(models: Document) -> Document:
    wanted: Document = {name: models[name] for name in fields.REQUIRED_MODELS if name in models}
    wanted |= _beyond(models, fields.MODELS_DEFAULTS)
    fallbacks = models.get("fallbacks")
    if isinstance(fallbacks, dict) and (beyond := _beyond(fallbacks, fields.FALLBACKS_DEFAULTS)):
        wanted["fallbacks"] = beyond
    return wanted


def _tools(tools: list[Any], live: Any) -> list[Any]:
    """What is no object, or of no type that we know, is left for the checks to refuse."""
    ids = [tool.get("id") if isinstance(tool, dict) else None for tool in live or []]
    known = [tool for tool in tools if isinstance(tool, dict)]
    if len(known) != len(tools) or len(ids) != len(tools):
        return tools
    names = _names(known)
    # Without an id a spec would mean a new tool: the checks refuse the empty one.
    given = ["" if each is None else each for each in ids]
    return [_tool({**tool, "id": i}, names) for tool, i in zip(known, given, strict=True)]


def _names(tools: list[Document]) -> dict[str, str]:
    """The natural key of each tool that alone has it, by id."""
    keys = [natural_key(tool) for tool in tools]
    return {
        str(tool.get("id")).lower(): key
        for tool, key in zip(tools, keys, strict=True)
        if keys.count(key) == 1
    }


def _tool(tool: Document, names: dict[str, str]) -> Document:
    kind = str(tool.get("type"))
    defaults = fields.TOOL_DEFAULTS.get(kind)
    if defaults is None:
        return tool
    required = [name for name in fields.TOOL_REQUIRED[kind] if name != "id"]
    # the id last: it says least to a reader
    wanted = {name: tool[name] for name in required if name in tool}
    wanted |= _beyond(tool, {k: v for k, v in defaults.items() if k != "show_results_to_llm"})
    shows = tool.get("show_results_to_llm")
    if kind == "webhook" and shows is not (tool.get("source") == "contextual"):
        wanted["show_results_to_llm"] = shows
    if isinstance(wanted.get("system"), dict):
        wanted["system"] = _system(wanted["system"], names)
    if (kept := _policy(wanted.pop("execution_policy", {}))) != {}:
        wanted["execution_policy"] = kept
    return {**wanted, "id": tool["id"]}


def _policy(policy: Any) -> Any:
    """What is beyond the default; what has no such shape is left for the checks to refuse."""
    message = lookup(policy, ("pre_action_message",))
    if message is ABSENT or not isinstance(message, dict):
        return policy
    said = _beyond(message, fields.POLICY_DEFAULT["pre_action_message"])
    return {"pre_action_message": said} if said else {}


def _system(system: Document, names: dict[str, str]) -> Document:
    said = {
        "triggers": _rows(system.get("triggers"), lambda row: _trigger(row, names)),
        "arguments": _rows(system.get("arguments"), _argument),
    }
    return {name: rows for name, rows in said.items() if rows not in (None, [])}


def _rows(rows: Any, said: Callable[[Document], Document]) -> Any:
    if not isinstance(rows, list):
        return rows
    return [said(row) if isinstance(row, dict) else row for row in rows]


def _trigger(trigger: Document, names: dict[str, str]) -> Document:
    name = names.get(str(trigger.get("source_tool_id")).lower())
    if name is None:
        return trigger
    rest = {key: value for key, value in trigger.items() if key != "source_tool_id"}
    return {**rest, "source_tool": name}


def _argument(argument: Document) -> Document:
    said = {"required": False, "description": None}
    wanted = {k: v for k, v in argument.items() if k not in said or not same(v, said[k])}
    source = wanted.get("source")
    if isinstance(source, dict) and source.get("type") == "transcript_messages":
        source = {k: v for k, v in source.items() if (k, v) != ("max_messages", 200)}
    if isinstance(source, dict):
        wanted["source"] = dict(sorted(source.items(), key=lambda item: _rank(item[0], ("type",))))
    ordered = ("name", "type", "required", "description", "source")
    return dict(sorted(wanted.items(), key=lambda item: _rank(item[0], ordered)))


def _rank(name: str, order: tuple[str, ...]) -> int:
    return order.index(name) if name in order else len(order)
