"""The document that an agent is to have: declared fields over live ones, resets, and what blocks.

The rule (DESIGN.md 4): a declared field is the repo's, whole; an undeclared one stays as it is
live; one that was declared at the last apply goes back to the API's default.
"""

from dataclasses import dataclass, field

from reconciler.model import fields
from reconciler.model.desired import DesiredAgent
from reconciler.model.identity import tools_in
from reconciler.model.ledger import AgentRecord
from reconciler.model.values import Document, Path, lookup, same, set_path
from reconciler.planning.alike import near
from reconciler.planning.normal import normalise
from reconciler.planning.tools import resolved_tools


@dataclass(slots=True, eq=False, repr=False)
class Target:
    """What an agent is to be.

    `document` is normal and holds secrets as references. `resets` are the parts that go back to
    the API's default or that a switch of `tool_mode` clears; `anew` those that the API is asked to
    compute again, though we may have asked before. `blocks` stand in the way of any
    write or even of forgetting; `unmet` are conditions of the API that matter once we write.
    """

    document: Document
    declared: tuple[Path, ...]
    resets: list[Path] = field(default_factory=list)
    anew: list[Path] = field(default_factory=list)
    blocks: list[str] = field(default_factory=list)
    unmet: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def target_of(desired: DesiredAgent, live: Document | None, record: AgentRecord | None) -> Target:
    """What the agent is to be, from a normal live document (None for a create)."""
    declared = dict(desired.declared)
    live = live or {}
    tools = declared.get("tools")
    # What a rollback wants was live, and may be anything.
    if isinstance(tools, list) and all(isinstance(tool, dict) for tool in tools):
        sent = tools_in(record.sent) if record is not None else ()
        declared["tools"] = resolved_tools(desired.key, tools, tools_in(live), sent)
    target = Target(overlaid(live, declared), tuple(fields.units(declared)))
    decided = _decided_by_mode(target, live)
    before = record.declared if record is not None else ()
    for unit in before if before != target.declared else ():
        if unit not in decided:
            _reset(target, unit)
    _recompute_nudges(target, live, record)
    target.document = normalise(target.document)
    _switch_tool_mode(target, declared, live, decided)
    _check(target, declared, is_new=not live)
    if same(target.document, live):
        target.document = live  # see `changes`: what is equal is compared once
    return target


def overlaid(live: Document, declared: Document) -> Document:
    """Live fields with the declared ones on top, key by key where they are owned so."""
    merged = {**live, **declared}
    for owned_by_key in ("models", "idle_nudges"):
        merged |= _overlaid_part(live, declared, owned_by_key)
    models, live_models = declared.get("models"), live.get("models")
    if isinstance(models, dict) and isinstance(live_models, dict):
        merged["models"] |= _overlaid_part(live_models, models, "fallbacks")
    return merged


def _overlaid_part(live: Document, declared: Document, name: str) -> Document:
    mine, theirs = declared.get(name), live.get(name)
    if isinstance(mine, dict) and isinstance(theirs, dict):
        return {name: {**theirs, **mine}}
    return {}


def _reset(target: Target, unit: Path) -> None:
    """A part declared at the last apply: nothing if it still is, else back to its default."""
    declared = target.declared
    if unit in declared or unit[:1] in declared or (len(unit) == 1 and _is_parent(unit, declared)):
        return
    name = unit[-1]
    if unit[0] in fields.TRUNKS:
        if lookup(target.document, unit) is not None:
            target.warnings.append(
                f"{name} is no longer declared; it stays as it is live, because a reset would cut "
                f"the line. Write `{name}: null` to clear it."
            )
    elif unit[0] == "idle_nudges":
        _reset_nudge(target, unit)
    elif (default := _default_of(unit)) is not None:
        target.document = set_path(target.document, unit, default[0])
        target.resets.append(unit)
    elif unit[0] not in fields.REQUIRED:
        target.warnings.append(
            f"{'.'.join(unit)} is no longer declared and has no documented default: "
            "it stays as it is live"
        )


def _is_parent(unit: Path, declared: tuple[Path, ...]) -> bool:
    return any(other[: len(unit)] == unit for other in declared)


def _default_of(unit: Path) -> tuple[object] | None:
    tables = {1: fields.DEFAULTS, 2: fields.MODELS_DEFAULTS, 3: fields.FALLBACKS_DEFAULTS}
    table = tables[len(unit)]
    return (table[unit[-1]],) if unit[-1] in table else None


def _reset_nudge(target: Target, unit: Path) -> None:
    still_declared = any(u[0] == "idle_nudges" for u in target.declared)
    if not still_declared:
        if len(unit) == 2 and ("idle_nudges",) not in target.resets:  # noqa: PLR2004  # a key of it
            target.document = set_path(target.document, ("idle_nudges",), None)
            target.resets.append(("idle_nudges",))
    elif unit[-1] in fields.NUDGES_DEFAULTS:
        default = fields.NUDGES_DEFAULTS[unit[-1]]
        target.document = set_path(target.document, unit, default)
        target.resets.append(unit)
    elif len(unit) == 2:  # noqa: PLR2004  # a text: a key of idle_nudges
        target.blocks.append(
            f"{'.'.join(unit)} is no longer declared, and a nudge text has no default of its own: "
            "declare it again, or take all of idle_nudges out"
        )


def _recompute_nudges(target: Target, live: Document, record: AgentRecord | None) -> None:
    """Nudges that the API wrote in the agent's language are asked for again in its new one."""
    if record is None or not record.computed:
        return
    language = target.document.get("language")
    if near(language, record.answer.get("language")) or near(language, live.get("language")):
        return  # they are in this language: what differs is letter case, or drift
    owned = [u for u in target.declared if u[0] == "idle_nudges"]
    by_key = [u for u in owned if u != ("idle_nudges",)]
    if not by_key and same(live.get("idle_nudges"), record.answer.get("idle_nudges")):
        target.document = set_path(target.document, ("idle_nudges",), None)
        target.resets += [] if owned or ("idle_nudges",) in target.resets else [("idle_nudges",)]
        target.anew.append(("idle_nudges",))
    elif any(mark not in owned for mark in record.computed) and len(by_key) == len(owned):
        target.warnings.append(
            "the language changes, but the texts of idle_nudges stay as they are live: declare "
            "them in the new language"
        )


def _decided_by_mode(target: Target, live: Document) -> list[Path]:
    """The parts that the tool mode decides on, and no reset: a shared agent's tools are its own.

    The switch to legacy clears references; by what is live, so that it can be finished.
    """
    mode = target.document.get(fields.TOOL_MODE)
    if mode == "shared":
        return [("tools",)]
    if mode != "legacy" or (fields.TOOL_MODE,) not in target.declared:
        return []
    references = [name for name in fields.REFERENCES if (name,) not in target.declared]
    switches = live.get(fields.TOOL_MODE) == "shared"
    return [(name,) for name in references if switches or live.get(name)]


def _switch_tool_mode(
    target: Target, declared: Document, live: Document, decided: list[Path]
) -> None:
    """A switch clears what the other mode has."""
    if target.document.get(fields.TOOL_MODE) != "shared":
        target.document |= {name: [] for (name,) in decided}
        target.resets += decided
        return
    if declared.get("tools"):
        target.blocks.append(_shared_tools(is_declared=fields.TOOL_MODE in declared))
    if live and live.get(fields.TOOL_MODE) != "shared":
        target.document["tools"] = []


def _shared_tools(*, is_declared: bool) -> str:
    if is_declared:
        return "an agent with `tool_mode: shared` can not declare `tools`"
    return (
        "the agent is in shared mode and owns its tools itself: declare `tool_mode: legacy` "
        "to replace its shared tools by the declared ones, or take `tools` out"
    )


_TRUNK_OF = {
    "inbound_greeting": "sip_inbound_trunk_id",
    "outbound_greeting": "sip_outbound_trunk_id",
}


def _check(target: Target, declared: Document, *, is_new: bool) -> None:
    """What only the whole document can tell, live values included.

    Only of what is declared: what the API has taken before, it may well take again.
    """
    document = target.document
    transfers = any(tool.get("type") == "human_transfer" for tool in tools_in(declared))
    if transfers and document.get("sip_outbound_trunk_id") is None:
        target.unmet.append(
            "a human_transfer tool needs an outbound trunk and the agent has none: declare "
            "sip_outbound_trunk_id or attach a trunk in the dashboard first"
        )
    for greeting, trunk in _TRUNK_OF.items():
        if declared.get(greeting) is not None and document.get(trunk) is None:
            target.unmet.append(
                f"{greeting} needs a trunk and the agent has none: declare {trunk} or attach a "
                "trunk in the dashboard first"
            )
    nudges = document.get("idle_nudges") if declared.get("idle_nudges") else None
    if isinstance(nudges, dict):
        missing = [text for text in fields.NUDGE_TEXTS if nudges.get(text) is None]
        if missing:
            where = "a new agent" if is_new else "the agent"
            target.unmet.append(
                f"idle_nudges of {where} lacks {', '.join(missing)}: the API takes all three "
                "texts or no idle_nudges at all"
            )
