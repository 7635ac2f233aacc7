"""What a killed apply left behind: agents that its intents to create made after all."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from reconciler.model.ledger import AgentRecord, Intent, LedgerState
from reconciler.model.live import LiveAgent
from reconciler.model.values import ABSENT, Document, lookup
from reconciler.planning.alike import near
from reconciler.planning.normal import keyed, normalise

_CLOCK_SKEW = timedelta(minutes=10)


def recovered_records(state: LedgerState, live: Sequence[LiveAgent]) -> dict[str, AgentRecord]:
    """The ledger's records, and those of agents that an unfinished create of ours made.

    Such an agent has the intent's name, belongs to no record, appeared after the intent, and
    holds what was sent.
    """
    records = dict(state.records)
    owned = {record.agent_id for record in records.values()}
    free = [agent for agent in live if agent.id not in owned]
    for key, intent in sorted(state.intents.items()):
        if intent.kind != "create" or intent.record is None or _is_live(records.get(key), live):
            continue
        ours = [agent for agent in free if _made_by(intent, agent)]
        if len(ours) == 1:
            answer = normalise(ours[0].document)
            records[key] = replace(intent.record, agent_id=ours[0].id, answer=answer)
    return records


def _is_live(record: AgentRecord | None, live: Sequence[LiveAgent]) -> bool:
    return record is not None and any(agent.id == record.agent_id for agent in live)


def _made_by(intent: Intent, agent: LiveAgent) -> bool:
    assert intent.record is not None
    if agent.name != intent.name:
        return False
    if agent.created_at is not None and agent.created_at < intent.at - _CLOCK_SKEW:
        return False
    return _holds(normalise(agent.document), intent.record)


def _holds(answer: Document, record: AgentRecord) -> bool:
    sent, answered = keyed(record.sent), keyed(answer)
    values = ((unit, lookup(sent, unit)) for unit in record.declared)
    return all(
        near(value, lookup(answered, unit))
        for unit, value in values
        if value is not None and value is not ABSENT
    )
