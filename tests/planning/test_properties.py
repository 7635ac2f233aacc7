"""For any desired, live and ledger."""

import copy
import json
import os
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from reconciler.model import fields
from reconciler.model.change import Change, FieldChange, Plan
from reconciler.model.desired import DesiredAgent
from reconciler.model.outcome import Outcome, Result
from reconciler.model.values import ABSENT, Document, SecretRef, lookup, same
from reconciler.planning import PlanningReferee, normalise
from reconciler.planning.normal import keyed
from tests.planning.worlds import live_agents, specs
from tests.world import Fleet

MANY = settings(
    max_examples=int(os.environ.get("EXAMPLES", "20")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def fleet_of(live: dict[str, Document]) -> Fleet:
    fleet = Fleet()
    fleet.store.agents = copy.deepcopy(live)
    return fleet


def drifted(fleet: Fleet, live: dict[str, Document]) -> None:
    """Someone edits the agents that are there: each takes over fields of some other document."""
    for agent_id, document in zip(sorted(fleet.store.agents), live.values(), strict=False):
        taken = {k: v for k, v in copy.deepcopy(document).items() if k != "name"}
        fleet.store.agents[agent_id] |= taken


def done(outcome: Outcome) -> None:
    assert {o.error for o in outcome.changes if o.result is not Result.DONE} == set()


def unblocked(plan: Plan) -> bool:
    return not any(change.blocked for change in plan.changes)


@MANY
@given(specs(), specs(), live_agents(), live_agents())
def test_a_plan_applied_leaves_nothing_to_do(
    before: tuple[DesiredAgent, ...],
    after: tuple[DesiredAgent, ...],
    live: dict[str, Document],
    edits: dict[str, Document],
) -> None:
    fleet = fleet_of(live)
    first = fleet.plan(*before)
    fleet.carry_out(first)
    drifted(fleet, edits)
    plan = fleet.plan(*after)
    assume(unblocked(plan))
    done(fleet.carry_out(plan))
    again = fleet.plan(*after)
    assert [(c.key, c.action, c.fields) for c in again.changes] == []
    assert again.in_sync == ()
    assert all(a.status in {"clean", "unmanaged"} for a in fleet.drift(*after, strict=True).agents)


def undeclared(document: Document, desired: DesiredAgent, reset: set[tuple[str, ...]]) -> Document:
    """A normal live document without what a spec owns."""
    owned = {*fields.units(desired.declared), *reset}
    flat: Document = {}
    for path in fields.units(keyed(normalise(document))):
        if not any(path[: len(unit)] == unit or unit[: len(path)] == path for unit in owned):
            flat["/".join(path)] = lookup(keyed(normalise(document)), path)
    return flat


@MANY
@given(specs(), specs(), live_agents(), live_agents())
def test_an_undeclared_field_is_never_changed(
    before: tuple[DesiredAgent, ...],
    after: tuple[DesiredAgent, ...],
    live: dict[str, Document],
    edits: dict[str, Document],
) -> None:
    fleet = fleet_of(live)
    fleet.carry_out(fleet.plan(*before))
    drifted(fleet, edits)
    was = copy.deepcopy(fleet.store.agents)
    plan = fleet.plan(*after)
    fleet.carry_out(plan)
    for change in plan.changes:
        if change.desired is None or change.live is None:
            continue
        reset = {fields.unit_of(f.path) for f in change.fields if f.reset}
        now = fleet.store.agents[change.live.id]
        kept = undeclared(was[change.live.id], change.desired, reset)
        assert same(kept, undeclared(now, change.desired, reset))
    managed = {c.live.id for c in plan.changes if c.live}
    for agent_id in was.keys() - managed:
        assert fleet.store.agents[agent_id] == was[agent_id]


def shown(plan: Plan) -> str:
    def value(each: Any) -> Any:
        return str(each) if isinstance(each, SecretRef) or each is ABSENT else each.__dict__

    changes = [
        (c.key, c.action, c.name, c.digest, c.blocked, [_shown_field(f) for f in c.fields])
        for c in plan.changes
    ]
    unmanaged = [(a.id, a.name) for a in plan.unmanaged]
    return json.dumps(
        [plan.digest, changes, unmanaged, plan.warnings], default=value, sort_keys=True
    )


def _shown_field(change: FieldChange) -> list[object]:
    return [change.path, change.before, change.after, change.origin, change.reset, change.secret]


@MANY
@given(specs(), specs(), live_agents(), live_agents(), st.randoms(use_true_random=False))
def test_the_plan_is_the_same_whatever_the_order_of_specs_agents_and_tools(
    before: tuple[DesiredAgent, ...],
    after: tuple[DesiredAgent, ...],
    live: dict[str, Document],
    edits: dict[str, Document],
    random: Any,
) -> None:
    fleet = fleet_of(live)
    fleet.carry_out(fleet.plan(*before))
    drifted(fleet, edits)
    plan = fleet.plan(*after)
    shuffled = []
    for spec in random.sample(after, len(after)):
        declared = _shuffled(spec.declared, random)
        shuffled.append(DesiredAgent(spec.key, declared, spec.lifecycle))
    agents = list(fleet.store.agents.items())
    random.shuffle(agents)
    fleet.store.agents = {k: _shuffled(v, random) for k, v in agents}
    assert shown(plan) == shown(fleet.plan(*shuffled))


def _shuffled(document: Document, random: Any) -> Document:
    names = list(document)
    random.shuffle(names)
    mixed = {name: document[name] for name in names}
    for name in ("tools", "runtime_variables"):
        if isinstance(mixed.get(name), list):
            mixed[name] = random.sample(mixed[name], len(mixed[name]))
    return mixed


@MANY
@given(specs(), live_agents(), live_agents())
def test_knowledge_of_secrets_is_no_part_of_a_digest(
    desired: tuple[DesiredAgent, ...], live: dict[str, Document], edits: dict[str, Document]
) -> None:
    fleet = fleet_of(live)
    fleet.carry_out(fleet.plan(*desired))
    drifted(fleet, edits)
    known = fleet.plan(*desired).digest
    fleet.hashes = type(fleet.hashes)(lambda _: None, fleet.hashes.text)
    assert fleet.plan(*desired).digest == known
    fleet.hashes = type(fleet.hashes)(lambda ref: f"rotated {ref.name}", fleet.hashes.text)
    assert fleet.plan(*desired).digest == known


@MANY
@given(specs(), specs(), live_agents())
def test_an_answer_that_is_what_was_sent_is_always_taken(
    before: tuple[DesiredAgent, ...], after: tuple[DesiredAgent, ...], live: dict[str, Document]
) -> None:
    fleet = fleet_of(live)
    fleet.carry_out(fleet.plan(*before))
    for change in fleet.plan(*after).changes:
        if change.write is None or change.blocked:
            continue
        echo = fleet.store.echo(change.live.id if change.live else "new", change.write.document)
        assert PlanningReferee(fleet.hashes.text).judge(change, echo).not_taken == ()


def _top_level(change: Change) -> set[str]:
    return {f.path[0] for f in change.fields if not f.secret}


@MANY
@given(specs(), specs(), live_agents(), st.data())
def test_an_api_that_ignores_a_field_is_found_out(
    before: tuple[DesiredAgent, ...],
    after: tuple[DesiredAgent, ...],
    live: dict[str, Document],
    data: st.DataObject,
) -> None:
    fleet = fleet_of(live)
    fleet.carry_out(fleet.plan(*before))
    plan = fleet.plan(*after)
    assume(unblocked(plan))
    changed = [c for c in plan.changes if c.live and c.write and _top_level(c)]
    assume(changed)
    ignored = data.draw(
        st.sampled_from(sorted({n for c in changed for n in _top_level(c)} - {"name"}) or [""])
    )
    fleet.store.ignore = frozenset({ignored})
    outcome = fleet.carry_out(plan)
    fleet.store.ignore = frozenset()
    left = {c.key: c for c in fleet.plan(*after).changes}
    for each in outcome.changes:
        change = each.change
        if change not in changed or ignored not in _top_level(change):
            continue
        if each.result is Result.NOT_STARTED or _normalised_away(change, ignored):
            continue  # it waited for one that failed
        assert each.result is Result.FAILED
        assert f"not taken: {ignored}" in str(each.error)
        assert ignored in _top_level(left[change.key])
    fleet.carry_out(fleet.plan(*after))
    assert fleet.plan(*after).changes == ()


def _normalised_away(change: Change, name: str) -> bool:
    """What was not taken differs from what was sent only as APIs do, so it may be taken."""
    assert change.live is not None
    assert change.write is not None
    old, new = keyed(normalise(change.live.document)), keyed(change.write.document)
    if name not in fields.MODELLED and old.get(name) is None:
        return True  # an extra field that is never answered is write-only
    if name == "idle_nudges" and new.get(name) is None:
        record = change.record  # values that the API made up may be made up alike again
        return not record or bool(record.computed) or not same(old[name], record.answer.get(name))
    return _forgiven(new.get(name, ABSENT), old.get(name, ABSENT))


def _forgiven(new: Any, old: Any) -> bool:
    if isinstance(new, dict) and isinstance(old, dict):
        return all(_forgiven(value, old.get(key, ABSENT)) for key, value in new.items())
    if isinstance(new, list) and isinstance(old, list):
        return len(new) == len(old) and all(map(_forgiven, new, old))
    if new is None and old is ABSENT:
        return True
    if isinstance(new, str) and isinstance(old, str):
        return new.strip().casefold() == old.strip().casefold()
    return same(new, old) or (new in ([], {}) and old in (None, ABSENT))


def stripped(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip().lower()
    if isinstance(value, dict):
        return {k: stripped(v) for k, v in value.items()}
    return [stripped(v) for v in value] if isinstance(value, list) else value


def floats(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, dict):
        return {k: floats(v) for k, v in value.items()}
    return [floats(v) for v in value] if isinstance(value, list) else value


def enriched(document: Document) -> Document:
    for name in ("stt_kwargs", "llm_kwargs"):
        kwargs = document["models"].setdefault(name, {})
        kwargs.setdefault("punctuate", True)
    return document


def lenient_texts(document: Document) -> Document:
    return {
        **document,
        **{n: stripped(document[n]) for n in ("greeting", "models", "system_prompt")},
    }


@MANY
@given(specs(), live_agents(), st.sampled_from([lenient_texts, floats, enriched]))
def test_an_api_that_normalises_causes_no_second_change(
    desired: tuple[DesiredAgent, ...],
    live: dict[str, Document],
    distort: Callable[[Document], Document],
) -> None:
    fleet = fleet_of(live)
    fleet.store.distort = distort
    plan = fleet.plan(*desired)
    assume(unblocked(plan))
    done(fleet.carry_out(plan))
    assert fleet.plan(*desired).changes == ()


@MANY
@given(specs(), specs(), live_agents(), live_agents(), st.integers(0, 12), st.integers(1, 16))
def test_killed_anywhere_the_next_run_converges(  # noqa: PLR0917  # hypothesis passes them
    before: tuple[DesiredAgent, ...],
    after: tuple[DesiredAgent, ...],
    live: dict[str, Document],
    edits: dict[str, Document],
    requests: int,
    workers: int,
) -> None:
    fleet = fleet_of(live)
    fleet.carry_out(fleet.plan(*before))
    drifted(fleet, edits)
    plan = fleet.plan(*after)
    assume(unblocked(plan))
    fleet.carry_out_until_killed(plan, requests, workers=workers)
    rest = fleet.plan(*after)
    done(fleet.carry_out(rest, workers=workers))
    assert fleet.plan(*after).changes == ()
    assert len({d["name"] for d in fleet.store.agents.values()}) == len(fleet.store.agents)
    assert {r.key for r in fleet.ledger.read().records.values()} == {s.key for s in after}
