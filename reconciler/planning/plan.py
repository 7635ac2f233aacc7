"""The plan: every change of one environment, in order, with its guards. Pure."""

from collections.abc import Collection, Sequence
from functools import cache as once
from functools import partial
from typing import Final

from reconciler.errors import UsageError
from reconciler.model.change import Action, Change, Plan, Write
from reconciler.model.ledger import AgentRecord, LedgerState
from reconciler.model.live import LiveAgent
from reconciler.model.values import Document, digest, same
from reconciler.planning.guards import GuardedView, guards_of
from reconciler.planning.inputs import PlanInputs
from reconciler.planning.match import How, Matching, Pair, match
from reconciler.planning.settled import Proofs
from reconciler.planning.verdict import Verdict


def make_plan(inputs: PlanInputs) -> Plan:
    """What an apply would do, from the world as told: the same for the same inputs.

    Raises:
        SpecsInvalid: a spec is pinned to an agent that does not exist.
        UsageError: a target is neither the key of a spec nor one in the ledger.
    """
    records = records_of(inputs)
    _require_known(inputs.targets, {*inputs.specs.by_key, *inputs.specs.skipped, *records})
    matching = match(inputs.specs.agents, inputs.live, records)
    proofs = Proofs(inputs)
    verdicts = [
        (p, _SETTLED if proofs.is_settled(p) else _verdict(p, inputs))
        for p in matching.pairs
        if _asked(p.desired.key, inputs)
    ]
    gone = [_gone(*each) for each in matching.gone if _asked(each[0].key, inputs)]
    changes = _ordered([*(v.change for _, v in verdicts if v.change), *gone], inputs)
    vanished = _vanished(records, inputs)
    view = GuardedView(inputs, changes, len(records), vanished, matching.unmanaged)
    return Plan(
        environment=inputs.environment,
        organisation_id=_organisation(inputs),
        ledger_id=inputs.state.ledger_id,
        make_digest=once(partial(_digest, changes, inputs.environment, inputs.state.ledger_id)),
        changes=changes,
        in_sync=tuple(_in_sync(verdicts, records, inputs.state)),
        stale=tuple(_stale(changes, records, inputs)),
        unchanged=tuple(p.desired.key for p, v in verdicts if v.change is None),
        unmanaged=matching.unmanaged,
        guards=guards_of(view),
        warnings=(
            *inputs.notes,
            *_warnings(verdicts, matching),
            *_applied_moves(matching, records),
            *_parked(changes),
            *_look_alikes(changes),
        ),
        approval=inputs.approval,
        settled=_settled(verdicts, proofs, inputs),
    )


def records_of(inputs: PlanInputs) -> dict[str, AgentRecord]:
    """What the ledger remembers, and what a killed apply left behind."""
    if not inputs.state.intents:
        return dict(inputs.state.records)
    from reconciler.planning.recover import recovered_records  # noqa: PLC0415  # few are killed

    return recovered_records(inputs.state, inputs.live, inputs.hashes.text)


def _verdict(pair: Pair, inputs: PlanInputs) -> Verdict:
    from reconciler.planning.changes import change_of_pair  # noqa: PLC0415  # not for the settled

    return change_of_pair(pair, inputs)


def _gone(record: AgentRecord, live: LiveAgent | None) -> Change:
    from reconciler.planning.changes import change_of_gone  # noqa: PLC0415  # as above

    return change_of_gone(record, live)


def _ordered(changes: Sequence[Change], inputs: PlanInputs) -> tuple[Change, ...]:
    if not changes:
        return ()
    from reconciler.planning.order import ordered  # noqa: PLC0415  # as above

    return ordered(changes, inputs.live)


_SETTLED: Final = Verdict()


def _settled(
    verdicts: Sequence[tuple[Pair, Verdict]], proofs: Proofs, inputs: PlanInputs
) -> dict[str, str]:
    """Those of before that nobody asked about, and those that are plainly in sync now."""
    before, keys = inputs.settled, inputs.specs.by_key.keys()
    found = {key: before[key] for key in before if key in keys}
    for pair, verdict in verdicts:
        if verdict.is_plain and verdict is not _SETTLED:
            now = proofs.of(pair)
            found |= {pair.desired.key: now} if now is not None else {}
    return found


def _require_known(targets: Collection[str], keys: Collection[str]) -> None:
    """A target that is misspelt must not pass for one that needs no change."""
    unknown = sorted(set(targets) - set(keys))
    if not unknown:
        return
    import difflib  # noqa: PLC0415  # only to say what was meant

    near = difflib.get_close_matches(unknown[0], keys, n=1)
    raise UsageError(
        f"no spec and no applied agent has the key {', '.join(map(repr, unknown))}",
        code="NO_TARGET",
        hint=f"did you mean {near[0]!r}?"
        if near
        else "a key is a spec's path below the specs folder without its ending: `support/router`",
    )


def _asked(key: str, inputs: PlanInputs) -> bool:
    return not inputs.targets or key in inputs.targets


def _in_sync(
    verdicts: Sequence[tuple[Pair, Verdict]],
    records: dict[str, AgentRecord],
    state: LedgerState,
) -> list[AgentRecord]:
    """Records to remember without a write; those recovered from a killed apply among them."""
    found = [v.record for _, v in verdicts if v.record is not None]
    named = {record.key for record in found} | {v.change.key for _, v in verdicts if v.change}
    kept = {pair.desired.key for pair, v in verdicts if v.change is None}
    # An intent to delete that was not carried out ends, too, with the record that drops it.
    before = state.records
    regained = [
        r for k, r in sorted(records.items()) if before.get(k) is not r and before.get(k) != r
    ]
    pending = [records[k] for k in sorted(state.intents) if k in records and k in kept]
    rest = {r.key: r for r in (*pending, *regained) if r.key not in named}
    return [*found, *rest.values()]


def _stale(
    changes: Sequence[Change], records: dict[str, AgentRecord], inputs: PlanInputs
) -> list[str]:
    """Intents of an apply that was killed, whose spec has gone since and that made no agent.

    An agent that a person makes later, of that name, must not be taken for ours.
    """
    wanted = {change.key for change in changes} | records.keys() | inputs.specs.by_key.keys()
    return [
        key
        for key, intent in sorted(inputs.state.intents.items())
        if intent.kind == "create" and key not in wanted and _asked(key, inputs)
    ]


def _vanished(records: dict[str, AgentRecord], inputs: PlanInputs) -> list[str]:
    live = {agent.id for agent in inputs.live}
    intents = inputs.state.intents
    return [
        key
        for key, record in sorted(records.items())
        if record.agent_id not in live and not (key in intents and intents[key].kind == "delete")
    ]


def _organisation(inputs: PlanInputs) -> str | None:
    found = sorted({a.organisation_id for a in inputs.live if a.organisation_id})
    return found[0] if found else inputs.organisation_id or inputs.state.organisation_id


def _digest(changes: Sequence[Change], environment: str, ledger_id: str | None) -> str:
    return digest(
        {
            "environment": environment,
            "ledger_id": ledger_id,
            "changes": sorted(c.digest for c in changes if not c.only_secrets),
        }
    )


def _warnings(verdicts: Sequence[tuple[object, Verdict]], matching: Matching) -> tuple[str, ...]:
    moved = {pair.desired.key for pair in matching.pairs if pair.how is How.MOVED}
    abandoned = (
        f"{record.key}: agent {record.agent_id} was applied from this spec before, and the spec "
        f"now stands for another one; {_then(record.key, replaced=record.key in moved)}"
        for record in matching.abandoned
    )
    return (*(w for _, verdict in verdicts for w in verdict.warnings), *abandoned)


def _applied_moves(matching: Matching, records: Collection[str]) -> list[str]:
    """Left in the files, these would speak again the day that two agents exchange their names."""
    known = (p for p in matching.pairs if p.how is How.LEDGER and not p.undecided)
    return [
        f"{key}: `moved_from: {old}` was applied, and another file has that key now: take it out"
        for key, old in ((pair.desired.key, pair.desired.moved_from) for pair in known)
        if old in records
    ]


def _then(key: str, *, replaced: bool) -> str:
    """What becomes of an agent whose spec stands for another one."""
    if not replaced:
        return "it is left alone as unmanaged"
    return (
        "it stays as it is now, and what becomes of it (delete, or forget) is for the next plan: "
        f"to keep it, give it a file of its own with `moved_from: {key}`"
    )


def _parked(changes: Sequence[Change]) -> list[str]:
    return [
        f"{change.key}: names or trunks go in a circle; the agent first gives up "
        f"{', '.join(sorted(change.parking))} for a moment"
        for change in changes
        if change.parking
    ]


def _look_alikes(changes: Sequence[Change]) -> list[str]:
    """A file moved and renamed at once looks like a delete and a create: say so."""
    deletes = [c for c in changes if c.action is Action.DELETE and c.live]
    if not deletes:
        return []
    creates = [c for c in changes if c.action is Action.CREATE and c.write]
    from reconciler.planning.normal import normalise  # noqa: PLC0415  # as above

    gone = [(c, normalise(c.live.document)) for c in deletes if c.live]
    names = {c.live.name: c.key for c in deletes if c.live}
    takers = [(c.key, names[c.name]) for c in changes if c.name_from and c.name in names]
    return [
        *(
            f"{key} takes the name of the agent of {old}, which is deleted: if that file was moved "
            f"here, say `moved_from: {old}` to keep its agent and its calls"
            for key, old in takers
        ),
        *_resembling(creates, gone),
    ]


def _resembling(creates: Sequence[Change], gone: Sequence[tuple[Change, Document]]) -> list[str]:
    return [
        f"{made.key} is new and {old.key} goes, and the two resemble each other: if the file was "
        f"moved, say `moved_from: {old.key}` to keep the agent and its calls"
        for made in creates
        for old, document in gone
        if made.write and (_had_name(old, made.name) or _resemble(made.write, document))
    ]


def _had_name(old: Change, name: str) -> bool:
    """At the last apply, whatever it was called live since."""
    return old.record is not None and old.record.name == name


def _resemble(made: Write, old: Document) -> bool:
    if same(made.document.get("system_prompt"), old.get("system_prompt")):
        return True
    names = [n for n in made.body if n not in {"name", "tools", "language", "region"}]
    equal = [n for n in names if same(made.document.get(n), old.get(n))]
    return len(equal) * 3 >= len(names) * 2
