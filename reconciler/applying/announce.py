"""What an apply is about to do, as the ledger is to hear of it (DESIGN.md 8)."""

from dataclasses import replace
from datetime import datetime

from reconciler.model.change import Action, Change
from reconciler.model.ledger import AgentRecord, Intent
from reconciler.model.values import Document


def intent_of(change: Change, at: datetime) -> Intent | None:
    """What must be known of a change if we die in the middle of it; None for a plain update."""
    if change.action is Action.CREATE:
        return Intent(change.key, "create", at, change.name, record=change.after)
    if change.live is None or change.record is None:
        return None
    agent_id = change.live.id
    if change.action is Action.DELETE:
        return Intent(change.record.key, "delete", at, change.name, agent_id)
    if not change.parking:
        return None
    parked = as_parked(change.record, change.parking)
    return Intent(change.record.key, "parking", at, change.live.name, agent_id, parked)


def as_parked(record: AgentRecord, taken: Document) -> AgentRecord:
    """What to remember of an agent that gave up names or trunks and has `taken` what is there now.

    If we die before it has what it is to have, the next plan must finish the job: so what was
    sent of these fields is forgotten (then git wants them), and their live value is ours.
    """
    sent = {name: value for name, value in record.sent.items() if name not in taken}
    return replace(record, sent=sent, answer={**record.answer, **taken})


def replaced_by(change: Change) -> Document | None:
    """The full live document that a change will replace or delete."""
    if change.live is None or not (change.write or change.action is Action.DELETE):
        return None
    return change.live.raw
