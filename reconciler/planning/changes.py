"""One agent at a time: what must change, and what to remember of it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache as once
from functools import partial
from typing import Any

from reconciler.model import fields
from reconciler.model.change import Action, Change, FieldChange, Origin, Write
from reconciler.model.desired import DesiredAgent
from reconciler.model.identity import natural_key
from reconciler.model.ledger import AgentRecord
from reconciler.model.live import LiveAgent
from reconciler.model.values import ABSENT, Document, Path, lookup, same
from reconciler.planning import body
from reconciler.planning.diff import tool_names
from reconciler.planning.digests import digest_of, digest_of_gone
from reconciler.planning.fieldwise import Fieldwise, field_changes
from reconciler.planning.ignored import accepted_for
from reconciler.planning.inputs import PlanInputs
from reconciler.planning.match import Pair
from reconciler.planning.normal import keyed, normalise, without_secret
from reconciler.planning.records import (
    NUDGE_MARKS,
    alters,
    hashes_after,
    in_sync_record,
    left_write_only,
    new_record,
    write_only,
    write_only_changes,
)
from reconciler.planning.remade import as_live
from reconciler.planning.secrets import SecretKnowledge, secret_knowledge, secret_places
from reconciler.planning.target import Target, overlaid, target_of
from reconciler.planning.verdict import Verdict


def change_of_pair(pair: Pair, inputs: PlanInputs) -> Verdict:
    """Create, adopt, update, rekey, or nothing."""
    return _create(pair, inputs) if pair.live is None else _existing(pair, pair.live, inputs)


def _create(pair: Pair, inputs: PlanInputs) -> Verdict:
    desired = pair.desired
    carried = desired.carried
    sent = overlaid(carried, desired.declared) if carried else desired.declared
    target = target_of(desired, carried or None, None)
    known = _known_secrets(target, {}, None, inputs)
    write = body.post(target, sent)
    made_up = NUDGE_MARKS if sent.get("idle_nudges") is None else desired.computed
    # A spec always names its secrets; an agent of the history (rollback) may not.
    blocked = [*target.blocks, *_pinned(pair), *_undecided(pair), *target.unmet]
    blocked += [*_twins(pair), *_unsendable(write)]
    change = Change(
        key=desired.key,
        action=Action.CREATE,
        name=desired.name,
        make_digest=once(
            partial(digest_of, Action.CREATE, desired, target, pair.record, live=None, settings={})
        ),
        vanished=pair.vanished,
        blocked="; ".join(blocked) or None,
        desired=desired,
        record=pair.record,
        after=new_record(desired, target, "", known.hashes, computed=made_up),
        fields=_declared_fields(sent),
        write=write,
    )
    return Verdict(change, warnings=_named(desired, [*target.warnings, *known.unset]))


def _pinned(pair: Pair) -> list[str]:
    if pair.desired.agent_id is None:
        return []
    reason = (
        f"it is pinned to agent {pair.desired.agent_id}, which has vanished live: take `id` out to "
        "have it made again, or correct it"
    )
    return [reason]


def _undecided(pair: Pair) -> list[str]:
    if not pair.undecided:
        return []
    reason = (
        f"`moved_from: {pair.desired.moved_from}` names the file of an agent with another name, "
        "and where files take each other's places nobody can tell which agent is meant: rename it "
        "in a second apply, or take `moved_from` out if that move was applied before"
    )
    return [reason]


def _twins(pair: Pair) -> list[str]:
    if not pair.twins:
        return []
    ids = ", ".join(agent.id for agent in pair.twins)
    return [f"{len(pair.twins)} live agents have this name ({ids}): say which one with `id`"]


def _declared_fields(sent: Document) -> tuple[FieldChange, ...]:
    """What a create sets, by owned part; secrets as references."""
    changes = []
    for unit in fields.units(sent):
        value = lookup(sent, unit)
        secret = unit == (fields.RUNTIME_KEY,)
        if unit == ("tools",) and isinstance(value, list):
            value = _in_order([without_secret(tool) for tool in value], natural_key)
        elif unit == ("runtime_variables",) and isinstance(value, list):
            value = _in_order(value, lambda variable: str(variable.get("name")))
        changes.append(FieldChange(unit, ABSENT, value, Origin.GIT, secret=secret))
    return tuple(changes)


def _in_order(items: list[Any], name_of: Callable[[Document], str]) -> list[Any]:
    """By name, but for what a rollback found live and has none."""
    return sorted(items, key=lambda item: name_of(item) if isinstance(item, dict) else "")


def _existing(pair: Pair, agent: LiveAgent, inputs: PlanInputs) -> Verdict:
    desired, record = pair.desired, pair.record
    live = normalise(agent.document)
    if record is not None and same(live, record.answer):
        live = record.answer  # equal documents become one: what follows compares by identity
    elif record is not None:
        record = as_live(record, live, desired)
    target = target_of(desired, live, record)
    target.blocks += _undecided(pair)
    found = field_changes(
        target,
        live,
        record,
        on_drift=inputs.project.on_drift,
        hidden=write_only(target, record),
        accepted=accepted_for(desired, inputs),
    )
    known = _known_secrets(target, live, record, inputs)
    visible = (*found.changes, *write_only_changes(target, record, inputs))
    changes = (*visible, *known.changes)
    after = in_sync_record(desired, target, (agent, live), record, found)
    unverified = () if changes else known.unverified
    notes = [*target.warnings, *_left(found), *known.unset, *unverified]
    warnings = _named(desired, notes)
    # An action known without the secrets: what is known of them is no part of a digest.
    quiet = _without_write(pair)
    action = Action.UPDATE if visible or target.blocks else quiet or Action.UPDATE
    if not changes and not target.blocks and quiet is None:
        worth_remembering = not found.left and alters(after, pair.record)
        return Verdict(record=after if worth_remembering else None, warnings=warnings)
    change = Change(
        key=desired.key,
        action=Action.ADOPT if record is None else Action.UPDATE,
        name=desired.name,
        make_digest=once(
            partial(
                digest_of,
                action,
                desired,
                target,
                pair.record,
                live=(agent, live),
                settings=_settings(desired, inputs),
                document=found.document,
            )
        ),
        key_from=_key_from(pair),
        name_from=agent.name if agent.name != found.document.get("name") else None,
        desired=desired,
        live=agent,
        record=record,
        after=after,
        fields=tuple(sorted(changes, key=lambda change: change.path)),
        left=found.left_paths,
    )
    if changes or target.blocks:
        return Verdict(_with_write(change, target, found, known, inputs), warnings=warnings)
    return Verdict(replace(change, action=quiet or change.action), warnings=warnings)


def _known_secrets(
    target: Target, live: Document, record: AgentRecord | None, inputs: PlanInputs
) -> SecretKnowledge:
    if next(secret_places(target.document), None) is None:
        return SecretKnowledge()  # most agents have none, and the rest costs more than this
    names = tool_names(live, target.document)
    return secret_knowledge(target.document, keyed(live), record, names, inputs.hashes.secret)


def _without_write(pair: Pair) -> Action | None:
    """What is to be done for a pair that is equal: adopt it, rekey it, or nothing."""
    if pair.record is None:
        return Action.ADOPT
    return Action.REKEY if _key_from(pair) else None


def _method(desired: DesiredAgent, inputs: PlanInputs) -> str:
    return desired.lifecycle.update or inputs.project.update


def _settings(desired: DesiredAgent, inputs: PlanInputs) -> Document:
    return {
        "method": _method(desired, inputs),
        "unknown_fields": inputs.project.unknown_fields,
    }


def _with_write(
    change: Change, target: Target, found: Fieldwise, known: SecretKnowledge, inputs: PlanInputs
) -> Change:
    assert change.desired is not None
    assert change.after is not None
    if _method(change.desired, inputs) == "patch":
        write = body.patch(found.document, (f.path for f in change.fields))
    else:
        learned = change.record.read_only if change.record else ()
        write = body.put(target, found.document, [*inputs.project.unknown_fields, *learned])
    unmet = target.unmet if change.fields else []
    unknown = left_write_only(target, change.record) if write.method == "PUT" else []
    blocks = [*target.blocks, *unmet, *_unsendable(write), *map(_erased, unknown)]
    after = change.after
    hashes = hashes_after(target, change.record, known, write.body)
    if hashes != after.secrets:
        after = replace(
            new_record(change.desired, target, after.agent_id, hashes),
            answer=after.answer,
            computed=after.computed,
            read_only=after.read_only,
        )
    return replace(change, write=write, after=after, blocked="; ".join(blocks) or None)


def _erased(unit: Path) -> str:
    name = ".".join(unit)
    return (
        f"{name} was sent once and is no longer declared, and the API does not say what it holds, "
        f"so a PUT would erase it: declare it (`null` to clear it), or set "
        "`lifecycle: {update: patch}`"
    )


def _unsendable(write: Write) -> list[str]:
    tools = body.unsendable_secrets(write.document) if "tools" in write.body else []
    if not tools:
        return []
    lost = (
        f"the secret of the live webhook {', '.join(tools)} can not be read back from the API, so "
        f"a {write.method} would lose it"
    )
    if write.method == "POST":
        return [f"{lost}: in place of the rollback, put the spec back with `git revert` and apply"]
    return [f"{lost}: declare `tools` with the secret, or set `lifecycle: {{update: patch}}`"]


def _key_from(pair: Pair) -> str | None:
    moved = pair.record is not None and pair.record.key != pair.desired.key
    return pair.record.key if moved and pair.record else None


def _left(found: Fieldwise) -> list[str]:
    return [
        f"{'.'.join(change.path)} was changed live and is left as it is ({why})"
        for change, why in found.left
    ]


def _named(desired: DesiredAgent, warnings: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"{desired.key}: {warning}" for warning in warnings)


def change_of_gone(record: AgentRecord, live: LiveAgent | None) -> Change:
    """A ledger key without a spec: delete, or forget when it is gone live or to be kept."""
    action = Action.DELETE
    if live is None or record.lifecycle.on_remove == "keep":
        action = Action.FORGET
    return Change(
        key=record.key,
        action=action,
        name=live.name if live else record.name,
        make_digest=once(partial(digest_of_gone, action, record, live)),
        live=live,
        record=record,
    )
