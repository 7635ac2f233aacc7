"""What changed live since the last apply: the live document against the last answer."""

from collections.abc import Iterator, Sequence
from datetime import date

from reconciler.model import fields
from reconciler.model.change import FieldChange, Origin
from reconciler.model.desired import DesiredAgent, Ignore
from reconciler.model.drift import AgentDrift, DriftReport, DriftStatus, FieldDrift
from reconciler.model.ledger import AgentRecord
from reconciler.model.live import LiveAgent
from reconciler.model.values import ABSENT, Document, Path, lookup, same
from reconciler.planning.diff import differences, tool_names
from reconciler.planning.inputs import PlanInputs
from reconciler.planning.match import Pair, match
from reconciler.planning.normal import keyed, normalise
from reconciler.planning.recover import recovered_records
from reconciler.planning.target import target_of


def drift_of(inputs: PlanInputs, *, strict: bool = False) -> DriftReport:
    """The drift of one environment; with `strict`, undeclared fields count.

    Without a ledger there is no memory: desired is compared with live instead.

    Raises:
        SpecsInvalid: a spec is pinned to an agent that does not exist.
    """
    records = recovered_records(inputs.state, inputs.live)
    matching = match(inputs.specs.agents, inputs.live, records)
    rules = _rules(inputs)
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


def _rules(inputs: PlanInputs) -> tuple[Ignore, ...]:
    return tuple(
        Ignore(tuple(rule.path.split(".")), rule.reason, rule.until)
        for rule in inputs.project.ignore
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
            FieldChange(d.shown, d.before, d.after, Origin.UNKNOWN),
            declared=True,
            ignored=_reason(d.shown, rules, today),
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
    wanted = keyed(target_of(desired, now, record).document) if desired else None
    found = tuple(_fields(record, now, wanted, rules, today))
    counted = [f for f in found if f.ignored is None and (f.declared or strict)]
    if any(f.change.origin is Origin.CONFLICT for f in counted):
        status = DriftStatus.CONFLICT
    elif counted:
        status = DriftStatus.DRIFTED
    elif wanted is None or _pending(record, now, wanted):
        status = DriftStatus.PENDING
    else:
        status = DriftStatus.CLEAN
    return AgentDrift(key, live.id, live.name, status, found)


def _fields(
    record: AgentRecord,
    now: Document,
    wanted: Document | None,
    rules: tuple[Ignore, ...],
    today: date,
) -> Iterator[FieldDrift]:
    names = tool_names(record.answer, now)
    sent = keyed(record.sent)
    for d in differences(keyed(record.answer), keyed(now), names):
        declared = _is_declared(d.path, record)
        changed_in_git = (
            wanted is not None and declared and _both_changed(d.path, wanted, now, sent)
        )
        origin = Origin.CONFLICT if changed_in_git else Origin.DRIFT
        yield FieldDrift(
            FieldChange(d.shown, d.before, d.after, origin),
            declared=declared,
            ignored=_reason(d.shown, rules, today),
        )


def _both_changed(path: Path, wanted: Document, now: Document, sent: Document) -> bool:
    mine = lookup(wanted, path)
    return not same(mine, lookup(sent, path)) and not same(mine, lookup(keyed(now), path))


def _is_declared(path: Path, record: AgentRecord) -> bool:
    """A change of an owned part, or of a whole object that holds owned parts."""
    unit = fields.unit_of(path)
    return any(unit == mine[: len(unit)] for mine in record.declared)


def _pending(record: AgentRecord, now: Document, wanted: Document) -> bool:
    live, sent, answer = keyed(now), keyed(record.sent), keyed(record.answer)
    for name in {*wanted, *live}:
        mine, theirs = wanted.get(name, ABSENT), live.get(name, ABSENT)
        if same(mine, theirs):
            continue
        for d in differences({name: theirs}, {name: mine}, {}):
            as_sent = same(d.after, lookup(sent, d.path))
            if not (as_sent and same(d.before, lookup(answer, d.path))):
                return True
    return False


def _reason(shown: Path, rules: Sequence[Ignore], today: date) -> str | None:
    for rule in rules:
        in_force = rule.until is None or today <= rule.until
        if in_force and shown[: len(rule.path)] == rule.path:
            return rule.reason
    return None
