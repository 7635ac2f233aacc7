"""A live value → the spec that would have asked for it (pure; no file is looked at).

What stands in a spec stays in its words: a tool's unwritten defaults stay unwritten, triggers
name their `source_tool`, secrets are references.
"""

import re
from collections.abc import Sequence
from typing import Any

from reconciler.model import fields
from reconciler.model.change import FieldChange
from reconciler.model.identity import labels, natural_key
from reconciler.model.values import ABSENT, Document, Path, SecretRef, lookup, same


class Unpullable(Exception):  # noqa: N818  # says what the value is
    """There is no way to say a live value in a spec; the message says why."""


def with_live(
    document: Document, change: FieldChange, wanted: Sequence[Document], live: Sequence[Document]
) -> Document:
    """The merged document that says what is live in one field; `change.before` is the live value.

    `wanted` are the document's own tools as planning resolved them, in their order and with their
    ids, `live` the normal live tools.
    """
    head, *rest = change.path
    if head == "tools":
        if not rest and change.before is ABSENT:
            raise Unpullable("the agent's tools are not its own any more: it is in shared mode")
        if not rest:
            raise Unpullable("what is live there is no list of tools that can be told apart")
        return {**document, "tools": _tools(document["tools"], change, wanted, live)}
    if head == "runtime_variables":
        return {**document, head: _variables(document[head], change)}
    path = change.path if head in fields.MODELLED else ("extra", *change.path)
    value = spoken(change.before)
    if path == ("idle_nudges",) and isinstance(value, dict):
        value = _without(value, fields.NUDGES_DEFAULTS, {})
    return _set(document, path, value)


def spoken(value: Any) -> Any:
    """A value as people write it: whole numbers without a fraction."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: spoken(item) for key, item in value.items()}
    return [spoken(item) for item in value] if isinstance(value, list) else value


def _set(document: Document, path: Path, value: Any) -> Document:
    head, rest = path[0], path[1:]
    if rest:
        inner = document.get(head)
        return {**document, head: _set(inner if isinstance(inner, dict) else {}, rest, value)}
    if value is ABSENT:
        return {key: item for key, item in document.items() if key != head}
    return {**document, head: value}


def _variables(written: Any, change: FieldChange) -> list[Any]:
    name, value = (change.path[1] if len(change.path) > 1 else None), change.before
    items = written if isinstance(written, list) else []
    if name is None:
        return list(value.values()) if isinstance(value, dict) else spoken(value)
    if len(change.path) > 2:  # noqa: PLR2004  # a field of one variable
        return [_set(i, change.path[2:], value) if i["name"] == name else i for i in items]
    kept = [item for item in items if item["name"] != name]
    return kept if value is ABSENT else [*kept, value]


def _tools(
    written: list[Document],
    change: FieldChange,
    wanted: Sequence[Document],
    live: Sequence[Document],
) -> list[Document]:
    label, rest = change.path[1], change.path[2:]
    named = labels(wanted)
    ids = [str(tool["id"]) for tool in wanted]
    if not rest and change.after is ABSENT:
        new = live[_index(labels(live), label)]
        tools = [*written, _from_live(new, live)]
        return _told_apart(tools, [*ids, str(new["id"])], live)
    index = _index(named, label)
    if not rest:
        return [tool for at, tool in enumerate(written) if at != index]
    tool = _tool(written[index], rest, change.before, live)
    tools = [*written[:index], tool, *written[index + 1 :]]
    old, new_name = natural_key(written[index]), natural_key(tool)
    tools = [_renamed(each, old, new_name) for each in tools] if old != new_name else tools
    return _told_apart(tools, ids, live)


def _index(names: Sequence[str], label: str) -> int:
    if label not in names:
        raise Unpullable("the tool can not be told from others of its name: give it its `id`")
    return names.index(label)


def _told_apart(
    tools: list[Document], ids: Sequence[str], live: Sequence[Document]
) -> list[Document]:
    """Two tools of one name need their ids (DESIGN.md 5), here or live."""
    names, others = [natural_key(tool) for tool in tools], [natural_key(tool) for tool in live]
    return [
        {**tool, "id": tool_id}
        if max(names.count(name), others.count(name)) > 1 and "id" not in tool
        else tool
        for tool, name, tool_id in zip(tools, names, ids, strict=True)
    ]


def _renamed(tool: Document, old: str, new: str) -> Document:
    system = tool.get("system")
    if not isinstance(system, dict):
        return tool
    triggers = [
        {**trigger, "source_tool": new} if trigger.get("source_tool") == old else trigger
        for trigger in system.get("triggers") or []
    ]
    return {**tool, "system": {**system, "triggers": triggers}}


def _tool(tool: Document, rest: Path, value: Any, live: Sequence[Document]) -> Document:
    head = rest[0]
    if head == "auth":
        if rest == ("auth",) and value is None:
            return _set(tool, rest, ABSENT)
        kind = value if rest[1:] == ("type",) else lookup(value, ("type",))
        return {**tool, "auth": _auth(tool, kind)}
    if head == "system" and value is not None and value is not ABSENT:
        old = tool.get("system") if isinstance(tool.get("system"), dict) else {}
        assert isinstance(old, dict)
        new = {**old, rest[1]: value} if len(rest) > 1 else value
        if not isinstance(new, dict):
            raise Unpullable("what is live there is no object")
        return {**tool, "system": _system(new, old, live)}
    if head == "show_results_to_llm" and head not in tool and isinstance(value, bool):
        # it follows `source`, which is a change of its own
        source = "contextual" if value else "system"
        twin = next((t for t in live if natural_key(t) == natural_key(tool)), {})
        if twin.get("source") == source:
            return tool
    cleared = value is None and len(rest) == 1
    return _set(tool, rest, ABSENT if cleared else spoken(value))


def _from_live(tool: Document, live: Sequence[Document]) -> Document:
    kind = str(tool.get("type"))
    if kind not in fields.TOOL_DEFAULTS:
        raise Unpullable(f"a tool of type {kind!r} can not stand in a spec")
    if "id" not in tool:
        raise Unpullable("a live tool without an `id` can not be told from others")
    defaults = dict(fields.TOOL_DEFAULTS[kind])
    if kind == "webhook":
        defaults["show_results_to_llm"] = tool.get("source") == "contextual"
    known = [key for key in (*fields.TOOL_REQUIRED[kind], *defaults) if key != "id"]
    kept = {key: tool[key] for key in known if key in tool}
    written = _without(spoken(kept), defaults, {})
    if isinstance(written.get("system"), dict):
        written["system"] = _system(written["system"], {}, live)
    if isinstance(written.get("auth"), dict):
        written["auth"] = _auth(tool, written["auth"].get("type"))
    return written


def _auth(tool: Document, kind: Any) -> Document:
    """A secret can not be read back: its reference gets a name that says whose it is."""
    if not isinstance(kind, str) or kind not in fields.SECRET_KEYS:
        raise Unpullable(f"an auth of type {kind!r} can not stand in a spec")
    secret = fields.SECRET_KEYS[kind]
    name = re.sub(r"[^A-Z0-9]+", "_", f"{natural_key(tool)}_{secret}".upper())
    return {"type": kind, secret: SecretRef("env", f"_{name}" if name[0].isdigit() else name)}


def _system(new: Document, old: Document, live: Sequence[Document]) -> Document:
    names = {str(t.get("id")): label for t, label in zip(live, labels(live), strict=True)}
    olds = [t for t in old.get("triggers") or [] if isinstance(t, dict)]
    by_id = {t.get("source_tool_id") for t in olds}
    triggers = []
    for trigger in _objects(new, "triggers"):
        source = trigger.get("source_tool_id")
        if isinstance(source, str) and source in names and source not in by_id:
            named = {key: item for key, item in trigger.items() if key != "source_tool_id"}
            triggers.append({**named, "source_tool": names[source]})
        else:
            triggers.append(trigger)
    before = {a.get("name"): a for a in old.get("arguments") or []}
    arguments = [
        _argument(spoken(each), before.get(str(each.get("name")), {}))
        for each in _objects(new, "arguments")
    ]
    known = {"triggers": triggers, "arguments": arguments}
    return known if arguments or "arguments" in old else {"triggers": triggers}


def _objects(system: Document, name: str) -> list[Document]:
    """The rows of a list; an API may answer anything in its place."""
    rows = system.get(name) or []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Unpullable(f"the live `{name}` are no list of objects")
    return rows


def _argument(new: Document, old: Document) -> Document:
    slim = _without(new, {"required": False, "description": None}, old)
    source, before = slim.get("source"), old.get("source")
    if isinstance(source, dict) and source.get("type") == "transcript_messages":
        written = before if isinstance(before, dict) else {}
        slim["source"] = _without(source, {"max_messages": 200}, written)
    return slim


def _without(new: Document, defaults: Document, old: Document) -> Document:
    """A document less what says no more than the default, and was not written before."""
    return {
        key: item
        for key, item in new.items()
        if key in old or key not in defaults or not same(item, defaults[key])
    }
