"""What changed live since the last apply: the live document against the last answer."""

from collections.abc import Iterable, Iterator
from datetime import date

from reconciler.model import fields
from reconciler.model.change import FieldChange, Origin
from reconciler.model.desired import DesiredAgent, Ignore
from reconciler.model.drift import AgentDrift, DriftReport, DriftStatus, FieldDrift
from reconciler.model.ledger import AgentRecord
from reconciler.model.live import LiveAgent
from reconciler.model.values import Document, Path, lookup, same
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
    found = tuple(_fields(record, now, target, rules, today))
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
    rules: tuple[Ignore, ...],
    today: date,
) -> Iterator[FieldDrift]:
    names = tool_names(record.answer, now)
    owned = {*record.declared, *(target.declared if target else ())}
    sides = _Sides(keyed(target.document), keyed(now), keyed(record.sent)) if target else None
    for d in differences(keyed(record.answer), keyed(now), names):
        parts = _owned_parts(d.path, owned)
        conflict = sides is not None and any(sides.both_changed(part) for part in parts)
        yield FieldDrift(
            FieldChange(
                d.shown,
                shown_value(d.path, d.before),
                shown_value(d.path, d.after),
                Origin.CONFLICT if conflict else Origin.DRIFT,
            ),
            declared=bool(parts),
            ignored=reason(rules, d.shown, today),
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


def _owned_parts(path: Path, owned: Iterable[Path]) -> list[Path]:
    """The path, if it lies in an owned part; else the owned parts that lie in it."""
    unit = fields.unit_of(path)
    if unit in owned:
        return [path]
    return sorted(part for part in owned if part[: len(path)] == path)


def _pending(record: AgentRecord, now: Document, target: Target) -> bool:
    """Whether a plan would change anything but drift."""
    hidden = write_only(target, record)
    return bool(field_changes(target, now, record, on_drift="leave", hidden=hidden).changes)
