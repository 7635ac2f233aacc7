"""What the ledger is to remember of an agent: S, A, lifecycle, hashes (DESIGN.md 6)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from reconciler.model import fields
from reconciler.model.change import FieldChange, Origin
from reconciler.model.desired import DesiredAgent
from reconciler.model.ledger import AgentRecord
from reconciler.model.live import LiveAgent
from reconciler.model.values import ABSENT, Document, Path, digest, lookup, same, set_path
from reconciler.planning.fieldwise import Fieldwise
from reconciler.planning.inputs import PlanInputs
from reconciler.planning.normal import keyed, unkeyed, without_secrets
from reconciler.planning.secrets import SecretKnowledge, secret_places, slashed
from reconciler.planning.target import Target

NUDGE_MARKS: Final[tuple[Path, ...]] = tuple(("idle_nudges", text) for text in fields.NUDGE_TEXTS)
"""Nudges that were not sent, or as null, are the API's own."""


def new_record(
    desired: DesiredAgent,
    target: Target,
    agent_id: str,
    hashes: Mapping[str, str],
    *,
    computed: tuple[Path, ...] = (),
) -> AgentRecord:
    """What to remember when the change has been made as planned; the answer is filled in then."""
    sent: Document = {}
    safe = without_secrets(target.document)
    for unit in target.declared:  # parts never lie in one another
        value = lookup(safe, unit)
        if value is not ABSENT and not (hashes and slashed(unit) in hashes):
            inner = sent
            for step in unit[:-1]:
                inner = inner.setdefault(step, {})
            inner[unit[-1]] = value
    return AgentRecord(
        key=desired.key,
        agent_id=agent_id,
        name=desired.name,
        declared=target.declared,
        sent=sent,
        lifecycle=desired.lifecycle,
        secrets=hashes,
        computed=computed,
    )


def in_sync_record(
    desired: DesiredAgent,
    target: Target,
    agent_and_normal: tuple[LiveAgent, Document],
    record: AgentRecord | None,
    found: Fieldwise,
) -> AgentRecord:
    """What to remember of an agent that needs no write, or before the answer to one is there."""
    agent, live = agent_and_normal
    return replace(
        new_record(desired, target, agent.id, old_hashes(target, record)),
        answer=_answer_to_keep(live, record, found),
        computed=_computed(live, record),
        read_only=record.read_only if record else (),
    )


def alters(after: AgentRecord, before: AgentRecord | None) -> bool:
    """Whether there is anything new to remember; Python's own `==` takes True for 1."""
    if before is None or _heading(after) != _heading(before):
        return True
    return not (same(after.sent, before.sent) and same(after.answer, before.answer))


def _heading(record: AgentRecord) -> tuple[object, ...]:
    """All of a record but its two documents."""
    return (
        *(record.key, record.agent_id, record.name, record.declared, record.lifecycle),
        *(record.secrets, record.computed, record.read_only),
    )


def _computed(live: Document, record: AgentRecord | None) -> tuple[Path, ...]:
    """The mark on a value that the API made up ends when the live value is another."""
    if record is None or not record.computed:
        return ()
    return tuple(p for p in record.computed if same(lookup(live, p), lookup(record.answer, p)))


def old_hashes(target: Target, record: AgentRecord | None) -> dict[str, str]:
    """The remembered hashes that are still of use."""
    if record is None or not record.secrets:
        return {}
    places = {slashed(path) for path, _ in secret_places(target.document)}
    places |= {slashed(unit) for unit in target.declared if _is_extra(unit)}
    places |= {slashed(unit) for unit in left_write_only(target, record)}
    return {place: value for place, value in record.secrets.items() if place in places}


def hashes_after(
    target: Target, record: AgentRecord | None, known: SecretKnowledge, body: Document
) -> dict[str, str]:
    """The hashes to remember after a write: new ones of what it sends, else the old ones."""
    kept = {k: v for k, v in old_hashes(target, record).items() if k.split("/")[0] not in body}
    sent = {k: v for k, v in known.hashes.items() if k.split("/")[0] in body}
    return kept | sent


def _answer_to_keep(live: Document, record: AgentRecord | None, found: Fieldwise) -> Document:
    """The live document as the new answer, but for drift that is left alone: that stays drift."""
    if record is None or not found.left_paths:
        return live
    return kept_answer(live, record.answer, found.left_paths)


def kept_answer(answer: Document, old: Document, paths: Sequence[Path]) -> Document:
    """A normal answer in which some parts (tools by id) stay as they were remembered before."""
    kept, remembered = keyed(answer), keyed(old)
    for path in paths:
        kept = set_path(kept, path, lookup(remembered, path))
    return unkeyed(kept)


def _is_extra(unit: Path) -> bool:
    return unit[0] not in fields.MODELLED


def write_only(target: Target, record: AgentRecord | None) -> list[Path]:
    """Declared extra fields that the API never answers (known by their hash)."""
    if record is None or not record.secrets:
        return []
    return [u for u in target.declared if _is_extra(u) and slashed(u) in record.secrets]


def left_write_only(target: Target, record: AgentRecord | None) -> list[Path]:
    """Those that were declared once and are no more; what they hold live, nobody can tell."""
    if record is None or not record.secrets:
        return []
    units = [tuple(place.split("/")) for place in record.secrets]
    return [
        unit
        for unit in units
        if _is_extra(unit)
        and unit not in target.declared
        and lookup(target.document, unit) in (None, ABSENT)
    ]


def write_only_changes(
    target: Target, record: AgentRecord | None, inputs: PlanInputs
) -> list[FieldChange]:
    """Those whose value is another than the one sent last."""
    changes = []
    for unit in write_only(target, record):
        current = inputs.hashes.text(digest(lookup(target.document, unit)))
        if record is not None and current is not None and record.secrets[slashed(unit)] != current:
            changes.append(FieldChange(unit, None, None, Origin.GIT, secret=True))
    return changes
