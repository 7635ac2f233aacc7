"""One agent at a time: what must change, and what to remember of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from reconciler.model import fields
from reconciler.model.change import Action, Change, FieldChange, Origin, Write
from reconciler.model.desired import DesiredAgent
from reconciler.model.ledger import AgentRecord
from reconciler.model.live import LiveAgent
from reconciler.model.values import ABSENT, Document, Path, digest, lookup, rests_on, same
from reconciler.planning import body
from reconciler.planning.diff import set_path, tool_names
from reconciler.planning.fieldwise import Fieldwise, field_changes
from reconciler.planning.inputs import PlanInputs
from reconciler.planning.match import Pair
from reconciler.planning.normal import keyed, normalise, unkeyed, without_secret, without_secrets
from reconciler.planning.secrets import SecretKnowledge, secret_knowledge, secret_places, slashed
from reconciler.planning.target import Target, target_of


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one pair: a change, or the record of an agent in sync, and warnings."""

    change: Change | None = None
    record: AgentRecord | None = None
    warnings: tuple[str, ...] = ()


def change_of_pair(pair: Pair, inputs: PlanInputs) -> Verdict:
    """Create, adopt, update, rekey, or nothing."""
    return _create(pair, inputs) if pair.live is None else _existing(pair, pair.live, inputs)


def _create(pair: Pair, inputs: PlanInputs) -> Verdict:
    desired = pair.desired
    target = target_of(desired, None, None)
    known = secret_knowledge(target.document, {}, None, {}, inputs.hashes.secret)
    after = _record(desired, target, "", _hashes_of(target, known, None))
    blocked = [*target.blocks, *target.unmet, *_twins(pair)]
    change = Change(
        key=desired.key,
        action=Action.CREATE,
        name=desired.name,
        digest=_digest(Action.CREATE, pair, target, None),
        vanished=pair.vanished,
        blocked="; ".join(blocked) or None,
        desired=desired,
        record=pair.record,
        after=after,
        fields=_declared_fields(desired),
        write=body.post(target, desired.declared),
    )
    return Verdict(change, warnings=_named(desired, target.warnings))


def _twins(pair: Pair) -> list[str]:
    if not pair.twins:
        return []
    ids = ", ".join(agent.id for agent in pair.twins)
    return [f"{len(pair.twins)} live agents have this name ({ids}): say which one with `id`"]


def _declared_fields(desired: DesiredAgent) -> tuple[FieldChange, ...]:
    """What a create sets, by owned part; secrets as references."""
    changes = []
    for unit in fields.units(desired.declared):
        value = lookup(desired.declared, unit)
        secret = unit == (fields.RUNTIME_KEY,)
        if unit == ("tools",) and isinstance(value, list):
            value = [without_secret(tool) for tool in value]
        changes.append(FieldChange(unit, ABSENT, value, Origin.GIT, secret=secret))
    return tuple(changes)


def _existing(pair: Pair, agent: LiveAgent, inputs: PlanInputs) -> Verdict:
    desired, record = pair.desired, pair.record
    live = normalise(agent.document)
    target = target_of(desired, live, record)
    found = field_changes(
        target, live, record, on_drift=inputs.project.on_drift, hidden=_write_only(target, record)
    )
    names = tool_names(live, target.document)
    known = secret_knowledge(target.document, keyed(live), record, names, inputs.hashes.secret)
    changes = (*found.changes, *_write_only_changes(target, record, inputs), *known.changes)
    notes = [*target.warnings, *_left(found), *(() if changes else known.notes)]
    after = replace(
        _record(desired, target, agent.id, _hashes_of(target, known, None if changes else record)),
        answer=_answer_to_keep(live, record, found),
        computed=_computed(live, record),
        read_only=record.read_only if record else (),
    )
    change = Change(
        key=desired.key,
        action=Action.UPDATE if record is not None else Action.ADOPT,
        name=desired.name,
        digest="",
        key_from=_key_from(pair),
        name_from=agent.name if agent.name != found.document.get("name") else None,
        desired=desired,
        live=agent,
        record=record,
        after=after,
        fields=tuple(sorted(changes, key=lambda change: change.path)),
        left=found.left_paths,
    )
    warnings = _named(desired, notes)
    if changes or target.blocks:
        signed = replace(change, digest=_digest(Action.UPDATE, pair, target, live))
        return Verdict(_with_write(signed, target, found.document, inputs), warnings=warnings)
    if record is None or change.key_from:
        action = Action.ADOPT if record is None else Action.REKEY
        signed = replace(change, action=action, digest=_digest(action, pair, target, live))
        return Verdict(signed, warnings=warnings)
    worth_remembering = not found.left and after != record
    return Verdict(record=after if worth_remembering else None, warnings=warnings)


def _computed(live: Document, record: AgentRecord | None) -> tuple[Path, ...]:
    """The mark on values that the API made up ends when the live value is another."""
    if record is None or not record.computed:
        return ()
    still = same(live.get("idle_nudges"), record.answer.get("idle_nudges"))
    return record.computed if still else ()


def _with_write(change: Change, target: Target, document: Document, inputs: PlanInputs) -> Change:
    assert change.desired is not None
    method = change.desired.lifecycle.update or inputs.project.update
    if method == "patch":
        write = body.patch(document, (f.path for f in change.fields))
    else:
        learned = change.record.read_only if change.record else ()
        write = body.put(target, document, [*inputs.project.unknown_fields, *learned])
    unmet = target.unmet if change.fields else []
    blocks = [*target.blocks, *unmet, *_unsendable(write)]
    return replace(change, write=write, blocked="; ".join(blocks) or None)


def _unsendable(write: Write) -> list[str]:
    tools = body.unsendable_secrets(write.document) if "tools" in write.body else []
    if not tools:
        return []
    reason = (
        f"the secret of the live webhook {', '.join(tools)} can not be read back from the API, so "
        "a PUT would lose it: declare `tools` with the secret, or set "
        "`lifecycle: {update: patch}`"
    )
    return [reason]


def _key_from(pair: Pair) -> str | None:
    moved = pair.record is not None and pair.record.key != pair.desired.key
    return pair.record.key if moved and pair.record else None


def _left(found: Fieldwise) -> list[str]:
    return [
        f"{'.'.join(change.path)} was changed live and is left as it is (on_drift: leave)"
        for change in found.left
    ]


def _named(desired: DesiredAgent, warnings: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"{desired.key}: {warning}" for warning in warnings)


def _record(
    desired: DesiredAgent,
    target: Target,
    agent_id: str,
    hashes: dict[str, str],
) -> AgentRecord:
    """What to remember when the change has been made as planned; the answer is filled in then."""
    write_only = {unit for unit in target.declared if slashed(unit) in hashes}
    sent: Document = {}
    safe = without_secrets(target.document)
    for unit in target.declared:
        value = lookup(safe, unit)
        if value is not ABSENT and unit not in write_only:
            sent = set_path(sent, unit, value)
    return AgentRecord(
        key=desired.key,
        agent_id=agent_id,
        name=desired.name,
        declared=target.declared,
        sent=sent,
        lifecycle=desired.lifecycle,
        secrets=hashes,
    )


def _hashes_of(
    target: Target, known: SecretKnowledge, record: AgentRecord | None
) -> dict[str, str]:
    """The hashes to remember: those of a write, or (with `record`) the old ones still in use."""
    places = {slashed(path) for path, _ in secret_places(target.document)}
    places |= {slashed(unit) for unit in target.declared if _is_extra(unit)}
    if record is None:
        return dict(known.hashes)
    return {place: value for place, value in record.secrets.items() if place in places}


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


def _write_only(target: Target, record: AgentRecord | None) -> list[Path]:
    """Declared extra fields that the API never answers (known by their hash)."""
    secrets = record.secrets if record else {}
    return [u for u in target.declared if _is_extra(u) and slashed(u) in secrets]


def _write_only_changes(
    target: Target, record: AgentRecord | None, inputs: PlanInputs
) -> list[FieldChange]:
    changes = []
    for unit in _write_only(target, record):
        current = inputs.hashes.text(digest(lookup(target.document, unit)))
        if record is not None and current is not None and record.secrets[slashed(unit)] != current:
            changes.append(FieldChange(unit, None, None, Origin.GIT, secret=True))
    return changes


def _digest(action: Action, pair: Pair, target: Target, live: Document | None) -> str:
    """Of all that the change rests on; what is known of secrets is no part of it."""
    desired, record = pair.desired, pair.record
    lifecycle = desired.lifecycle
    spec = {
        "key": desired.key,
        "declared": desired.declared,
        "lifecycle": [lifecycle.prevent_destroy, lifecycle.on_remove, lifecycle.update],
    }
    found = {"agent_id": pair.live.id if pair.live else None, "document": live}
    return rests_on(
        spec=spec,
        live=found,
        ledger=_remembered(record),
        settings={"action": action, "target": target.document},
    )


def _remembered(record: AgentRecord | None) -> Document | None:
    if record is None:
        return None
    return {
        "key": record.key,
        "agent_id": record.agent_id,
        "declared": record.declared,
        "sent": record.sent,
        "answer": record.answer,
        "lifecycle": [record.lifecycle.prevent_destroy, record.lifecycle.on_remove],
        "read_only": record.read_only,
        "computed": record.computed,
    }


def change_of_gone(record: AgentRecord, live: LiveAgent | None) -> Change:
    """A ledger key without a spec: delete, or forget when it is gone live or to be kept."""
    action = Action.DELETE
    if live is None or record.lifecycle.on_remove == "keep":
        action = Action.FORGET
    return Change(
        key=record.key,
        action=action,
        name=live.name if live else record.name,
        digest=rests_on(
            spec=None,
            live=normalise(live.document) if live else None,
            ledger=_remembered(record),
            settings={"action": action},
        ),
        live=live,
        record=record,
    )
