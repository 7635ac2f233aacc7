"""A tool that was deleted and made again live has another id and is still that tool.

What the ledger remembers stands under the old id, so that each field of the tool would look as if
it had changed on both sides.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from reconciler.model.desired import DesiredAgent
from reconciler.model.identity import tools_in
from reconciler.model.ledger import AgentRecord
from reconciler.model.values import Document, lookup
from reconciler.planning.tools import by_kind, with_ids


def as_live(record: AgentRecord, live: Document, desired: DesiredAgent | None) -> AgentRecord:
    """A record with such tools under the ids that they have now.

    `live` is normal. A tool is made again if one of its type and natural key is gone and one is
    new; one that the spec names by its id is gone for good.
    """
    before, now = _tools(record.answer), _tools(live)
    declared = tools_in(desired.declared) if desired is not None else ()
    kept = now.keys() | {tool_id for tool_id, _ in with_ids(declared)}
    gone, new = _only(before, but=kept), _only(now, but=before.keys())
    ids = {gone[kind]: new[kind] for kind in gone.keys() & new.keys()}
    if not ids:
        return record
    return replace(
        record, sent=_renumbered(record.sent, ids), answer=_renumbered(record.answer, ids)
    )


def _tools(document: Document) -> dict[str, Document]:
    return dict(with_ids(tools_in(document)))


def _only(tools: Mapping[str, Document], *, but: Collection[str]) -> dict[object, str]:
    """The ids of tools that are alone of their kind."""
    rest = [(tool_id, tool) for tool_id, tool in tools.items() if tool_id not in but]
    return {kind: ids[0] for kind, ids in by_kind(rest).items() if len(ids) == 1}


def _renumbered(document: Document, ids: Mapping[str, str]) -> Document:
    if not isinstance(document.get("tools"), list):
        return document
    return {**document, "tools": [_renumbered_tool(tool, ids) for tool in document["tools"]]}


def _renumbered_tool(tool: Any, ids: Mapping[str, str]) -> Any:
    renumbered = _renumbered_at("id", tool, ids)
    triggers = lookup(tool, ("system", "triggers"))
    if not isinstance(triggers, list):
        return renumbered
    renamed = [_renumbered_at("source_tool_id", each, ids) for each in triggers]
    return {**renumbered, "system": {**tool["system"], "triggers": renamed}}


def _renumbered_at(name: str, document: Any, ids: Mapping[str, str]) -> Any:
    old = lookup(document, (name,))
    return {**document, name: ids[old]} if isinstance(old, str) and old in ids else document
