"""What changed live since the last apply: the live document against the last answer."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from reconciler.model import fields
from reconciler.model.carried import unknown_part
from reconciler.model.change import FieldChange, Origin
from reconciler.model.desired import DesiredAgent, Ignore
from reconciler.model.drift import AgentDrift, DriftReport, DriftStatus, FieldDrift
from reconciler.model.identity import tools_in
from reconciler.model.ledger import AgentRecord
from reconciler.model.live import LiveAgent
from reconciler.model.values import ABSENT, Document, Path, lookup, same
from reconciler.nouns import noun
from reconciler.planning.diff import differences, shown_value, tool_names
from reconciler.planning.fieldwise import differs, field_changes
from reconciler.planning.ignored import project_rules, reason
from reconciler.planning.inputs import PlanInputs
from reconciler.planning.match import Pair, match
from reconciler.planning.normal import keyed, normalise
from reconciler.planning.plan import records_of
from reconciler.planning.records import write_only
from reconciler.planning.remade import as_live
from reconciler.planning.target import Target, target_of


def drift_of(inputs: PlanInputs, *, strict: bool = False) -> DriftReport:
    """The drift of one environment; with `strict`, undeclared fields count.

    Without a ledger there is no memory: desired is compared with live instead.

    Raises:
        SpecsInvalid: a spec is pinned to an agent that does not exist.
    """
    records = records_of(inputs)
    matching = match(inputs.specs.agents, inputs.live, records)
    rules = project_rules(inputs)
    found = [_pair_drift(pair, inputs, rules, strict=strict) for pair in matching.pairs]
    found += [
        _record_drift(record, live, None, rules, inputs.now.date(), strict=strict)
        for record, live in matching.gone
    ]
    unmanaged = [
        AgentDrift(None, agent.id, agent.name, DriftStatus.UNMANAGED)
        for agent in matching.unmanaged
    ]
    return DriftReport(
        environment=inputs.environment,
        memory=inputs.state.has_memory,
        agents=(*sorted(found, key=lambda agent: agent.key or ""), *unmanaged),
    )


def _pair_drift(
    pair: Pair, inputs: PlanInputs, rules: tuple[Ignore, ...], *, strict: bool
) -> AgentDrift:
    desired, record, live = pair.desired, pair.record, pair.live
    today = inputs.now.date()
    if live is None:
        status = DriftStatus.VANISHED if pair.vanished else DriftStatus.NEVER_APPLIED
        agent_id = record.agent_id if record else None
        return AgentDrift(desired.key, agent_id, desired.name, status)
    if record is None:
        own = inputs.state.records.get(desired.key)
        fields_found = _without_memory(desired, live, (*desired.ignore, *rules), today)
        status = DriftStatus.RECREATED if own else DriftStatus.NEVER_APPLIED
        if own is None and not inputs.state.has_memory and any(not f.ignored for f in fields_found):
            status = DriftStatus.DRIFTED
        return AgentDrift(desired.key, live.id, live.name, status, fields_found)
    return _record_drift(record, live, desired, (*desired.ignore, *rules), today, strict=strict)


def _without_memory(
    desired: DesiredAgent, live: LiveAgent, rules: tuple[Ignore, ...], today: date
) -> tuple[FieldDrift, ...]:
    now = normalise(live.document)
    wanted = target_of(desired, now, None).document
    names = tool_names(wanted, now)
    return tuple(
        FieldDrift(
            FieldChange(
                d.shown,
                shown_value(d.path, d.before),
                shown_value(d.path, d.after),
                Origin.UNKNOWN,
            ),
            declared=True,
            ignored=reason(rules, d.shown, today),
        )
        for d in differences(keyed(wanted), keyed(now), names)
    )


def _record_drift(
    record: AgentRecord,
    live: LiveAgent | None,
    desired: DesiredAgent | None,
    rules: tuple[Ignore, ...],
    today: date,
    *,
    strict: bool,
) -> AgentDrift:
    """`desired` is None when the spec is gone: then a delete (or forget) is pending."""
    key = desired.key if desired else record.key
    if live is None:
        return AgentDrift(key, record.agent_id, record.name, DriftStatus.VANISHED)
    now = normalise(live.document)
    record = as_live(record, now, desired)
    target = target_of(desired, now, record) if desired else None
    own_tools = _own_tools(desired, target) if desired and target else {}
    differing = _fields(record, now, target, own_tools)
    found = tuple(replace(f, ignored=reason(rules, f.change.path, today)) for f in differing)
    counted = [f for f in found if f.ignored is None and (f.declared or strict)]
    if any(f.change.origin is Origin.CONFLICT for f in counted):
        status = DriftStatus.CONFLICT
    elif counted:
        status = DriftStatus.DRIFTED
    elif target is None or _pending(record, now, target):
        status = DriftStatus.PENDING
    else:
        status = DriftStatus.CLEAN
    return AgentDrift(key, live.id, live.name, status, found)


def _fields(
    record: AgentRecord,
    now: Document,
    target: Target | None,
    own_tools: Mapping[str, Document],
) -> Iterator[FieldDrift]:
    names = tool_names(record.answer, now)
    live = keyed(now)
    units = frozenset({*record.declared, *(target.declared if target else ())})
    owned = _Owned(units, own_tools, live)
    sides = _Sides(keyed(target.document), live, keyed(record.sent)) if target else None
    for d in differences(keyed(record.answer), live, names):
        parts = owned.parts(d.path)
        conflict = sides is not None and any(sides.both_changed(part) for part in parts)
        yield FieldDrift(
            FieldChange(
                d.shown,
                shown_value(d.path, d.before),
                shown_value(d.path, d.after),
                Origin.CONFLICT if conflict else Origin.DRIFT,
            ),
            declared=bool(parts),
        )


@noun
class _Sides:
    wanted: Document
    now: Document
    sent: Document

    def both_changed(self, part: Path) -> bool:
        """Whether git, too, wants another value than it sent, and not the live one."""
        mine = lookup(self.wanted, part)
        return differs(mine, self.sent, part) and not same(mine, lookup(self.now, part))


@noun
class _Owned:
    """What the repo owns of an agent: `units`, of which `tools` are those of the spec, by id."""

    units: frozenset[Path]
    tools: Mapping[str, Document]
    live: Document

    def parts(self, path: Path) -> list[Path]:
        """The path, if it lies in an owned part; else the owned parts that lie in it."""
        if fields.unit_of(path) in self.units:
            return [] if self._is_carried(path) else [path]
        return sorted(part for part in self.units if part[: len(path)] == path)

    def _is_carried(self, path: Path) -> bool:
        """Whether a path lies in a key of a tool that nobody knows or declares: DESIGN.md 4."""
        tool = lookup(self.live, path[:2])
        if path[0] != "tools" or not isinstance(tool, dict):
            return False
        unknown = unknown_part(tool, path[2:])
        if unknown is None or path[1] not in self.tools:
            return unknown is not None
        mine = self.tools[path[1]]
        return mine.get("type") == tool.get("type") and lookup(mine, unknown) is ABSENT


def _own_tools(desired: DesiredAgent, target: Target) -> dict[str, Document]:
    """The declared tools as they are written, under the ids that they resolve to."""
    resolved = tools_in(target.document)  # in the order of the spec; none of a shared agent
    pairs = zip(resolved, tools_in(desired.declared), strict=False)
    return {str(tool.get("id")): declared for tool, declared in pairs}


def _pending(record: AgentRecord, now: Document, target: Target) -> bool:
    """Whether a plan would change anything but drift."""
    hidden = write_only(target, record)
    return bool(field_changes(target, now, record, on_drift="leave", hidden=hidden).changes)
