"""What a killed apply left behind: agents that it made, or parked, after all."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from reconciler.model.ledger import AgentRecord, Intent, LedgerState
from reconciler.model.live import LiveAgent
from reconciler.model.values import ABSENT, Document, lookup, same
from reconciler.planning.alike import near
from reconciler.planning.answer import with_write_only, write_only_units
from reconciler.planning.normal import keyed, normalise

_CLOCK_SKEW = timedelta(minutes=10)


def recovered_records(
    state: LedgerState, live: Sequence[LiveAgent], keyed_hash: Callable[[str], str | None]
) -> dict[str, AgentRecord]:
    """The ledger's records, and those of agents that an unfinished create of ours made.

    Such an agent has the intent's name, belongs to no record, appeared after the intent, and
    holds what was sent. An agent that is parked is remembered as parked, not as changed by others.
    """
    records = dict(state.records)
    owned = {record.agent_id for record in records.values()}
    living = {agent.id: agent for agent in live} if state.intents else {}
    free = [agent for agent in live if agent.id not in owned] if state.intents else []
    for key, intent in sorted(state.intents.items()):
        record = records.get(key)
        if intent.record is None:
            continue
        if intent.kind == "parking":
            if record is not None and _is_parked(living.get(record.agent_id), intent, record):
                records[key] = intent.record
            continue
        if record is not None and record.agent_id in living:
            continue
        ours = [agent for agent in free if _made_by(intent, agent)]
        if len(ours) == 1:
            records[key] = _recovered(intent.record, ours[0], keyed_hash)
    return records


def _is_parked(agent: LiveAgent | None, intent: Intent, record: AgentRecord) -> bool:
    """Whether an agent has in fact given up what it was to give up."""
    assert intent.record is not None
    if agent is None or agent.id != intent.agent_id:
        return False
    parked, now = intent.record.answer, normalise(agent.document)
    given_up = [name for name in parked if not same(parked[name], record.answer.get(name))]
    return bool(given_up) and all(same(now.get(name), parked[name]) for name in given_up)


def _recovered(
    record: AgentRecord, agent: LiveAgent, keyed_hash: Callable[[str], str | None]
) -> AgentRecord:
    """The record that the answer to the create would have left."""
    answer = normalise(agent.document)
    sent, answered = keyed(record.sent), keyed(answer)
    unseen = write_only_units(record.declared, sent, answered)
    record = with_write_only(record, sent, unseen, keyed_hash)
    marks = record.computed if answer["idle_nudges"] is not None else ()
    return replace(record, agent_id=agent.id, answer=answer, computed=marks)


def _made_by(intent: Intent, agent: LiveAgent) -> bool:
    assert intent.record is not None
    if agent.name != intent.name:
        return False
    if agent.created_at is not None and agent.created_at < intent.at - _CLOCK_SKEW:
        return False
    return _holds(normalise(agent.document), intent.record)


def _holds(answer: Document, record: AgentRecord) -> bool:
    sent, answered = keyed(record.sent), keyed(answer)
    unseen = write_only_units(record.declared, sent, answered)
    values = ((unit, lookup(sent, unit)) for unit in record.declared if unit not in unseen)
    return all(
        near(value, lookup(answered, unit))
        for unit, value in values
        if value is not None and value is not ABSENT
    )
