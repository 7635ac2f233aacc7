"""A saved plan as a plan that can be shown again."""

from typing import Any, Final

from reconciler.model.change import Approval, Change, FieldChange, Guard, Plan
from reconciler.model.ledger import AgentRecord
from reconciler.model.live import LiveAgent
from reconciler.model.plan_document import ChangeDocument, FieldChangeDocument, PlanDocument
from reconciler.model.values import ABSENT, SecretRef, moved_sides, rests_on

# A change that rests on no live agent has this in its digest: a forgotten agent that is gone.
_NOTHING: Final = rests_on(spec=None, live=None, ledger=None, settings=None)


def plan_of(document: PlanDocument) -> Plan:
    """What `plan --out` saved, for showing only: it rests on nothing and can not be applied."""
    summary = document.summary
    return Plan(
        environment=document.environment,
        organisation_id=document.organisation_id,
        ledger_id=document.ledger_id,
        make_digest=lambda: document.digest,
        changes=tuple(_change(change) for change in document.changes),
        unchanged=("",) * summary.unchanged,  # counted, not listed
        unmanaged=tuple(LiveAgent(a.agent_id, a.name, {}) for a in document.unmanaged),
        guards=tuple(Guard(g.code, g.message, g.way_out) for g in document.guards),
        warnings=document.warnings,
        approval=Approval(**document.allow.model_dump()),
    )


def _change(saved: ChangeDocument) -> Change:
    live = record = None
    if saved.agent_id is not None:
        if "live" not in moved_sides(saved.digest, _NOTHING):
            record = AgentRecord(saved.key, saved.agent_id, saved.name)
        else:
            live = LiveAgent(saved.agent_id, saved.name_from or saved.name, {})
    return Change(
        key=saved.key,
        action=saved.action,
        name=saved.name,
        make_digest=lambda: saved.digest,
        key_from=saved.key_from,
        name_from=saved.name_from,
        vanished=saved.vanished,
        blocked=saved.blocked,
        live=live,
        record=record,
        fields=tuple(_field(field) for field in saved.fields),
    )


def _field(saved: FieldChangeDocument) -> FieldChange:
    # Null also stands for "not there" in the document; before a change that is the usual meaning.
    before, after = ABSENT if saved.before is None else saved.before, saved.after
    if saved.secret:
        before, after = _reference(before), _reference(after)
    return FieldChange(saved.path, before, after, saved.origin, saved.reset, saved.secret)


def _reference(value: Any) -> Any:
    """`{env: NAME}` as the reference that it is."""
    match value:
        case {"env": str(name)}:
            return SecretRef("env", name)
        case {"file": str(name)}:
            return SecretRef("file", name)
        case _:
            return value
