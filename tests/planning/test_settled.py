"""What was in sync and rests on the same is in sync; in all else a memo makes no difference."""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.change import Plan
from reconciler.model.desired import DesiredAgent
from reconciler.model.late import Late, late, marked
from reconciler.model.values import Document, SecretRef
from reconciler.planning import Hashes, PlanInputs, make_plan
from tests.fakes import fake_hash
from tests.planning.test_properties import MANY, drifted, fleet_of
from tests.planning.worlds import live_agents, specs
from tests.world import Fleet, spec


def known(noun: Any) -> Any:
    """The noun, marked by its content as files, answers and ledgers mark theirs."""
    values = {f.name: getattr(noun, f.name) for f in fields(noun) if f.name != "locate"}
    return marked(copy.copy(noun), repr(sorted(values.items())))


def told(inputs: PlanInputs, settled: Mapping[str, str]) -> PlanInputs:
    state = inputs.state
    return replace(
        inputs,
        specs=replace(inputs.specs, agents=tuple(map(known, inputs.specs.agents))),
        live=[known(agent) for agent in inputs.live],
        state=replace(state, records={k: known(r) for k, r in state.records.items()}),
        settled=settled,
    )


def shown(plan: Plan) -> Plan:
    return replace(plan, make_digest=lambda: "", settled={})


def digests(plan: Plan) -> list[str]:
    return [plan.digest, *(change.digest for change in plan.changes)]


@MANY
@given(
    specs(),
    specs(),
    live_agents(),
    live_agents(),
    st.sampled_from([fake_hash, lambda ref: f"new {ref}", lambda _ref: None]),
)
def test_a_plan_with_a_memo_is_the_plan_without_one(
    before: tuple[DesiredAgent, ...],
    after: tuple[DesiredAgent, ...],
    live: dict[str, Document],
    edits: dict[str, Document],
    secret: Callable[[SecretRef], str | None],
) -> None:
    fleet = fleet_of(live)
    fleet.carry_out(fleet.plan(*before))
    remembered: Mapping[str, str] = {}
    for desired, hashes, edited in (
        (before, fleet.hashes, {}),
        (before, fleet.hashes, {}),
        (before, replace(fleet.hashes, secret=secret), {}),
        (before, fleet.hashes, edits),
        (after, fleet.hashes, {}),
        (before, fleet.hashes, {}),
    ):
        fleet.hashes = hashes
        drifted(fleet, edited)
        inputs = fleet.inputs(desired)
        with_memo, without = make_plan(told(inputs, remembered)), make_plan(inputs)
        assert shown(with_memo) == shown(without)
        assert digests(with_memo) == digests(without)
        remembered = with_memo.settled


class Unread(Exception):  # noqa: N818  # what it is
    """Somebody asked for more than who it is."""


def unread(noun: Late, *names: str) -> Any:
    def rest() -> Any:
        raise Unread

    return late(type(noun), noun.mark, rest, **{name: getattr(noun, name) for name in names})


def only_heads(inputs: PlanInputs) -> PlanInputs:
    """The same inputs, of which nothing but who it is can be read."""
    desired = ("key", "agent_id", "moved_from", "secrets")
    return replace(
        inputs,
        specs=replace(inputs.specs, agents=tuple(unread(a, *desired) for a in inputs.specs.agents)),
        live=[unread(agent, "id", "name", "organisation_id") for agent in inputs.live],
        state=replace(
            inputs.state,
            records={k: unread(r, "key", "agent_id") for k, r in inputs.state.records.items()},
        ),
    )


TOOL = {
    "type": "webhook",
    "name": "check",
    "description": "Looks it up.",
    "url": "https://crm.example.com",
    "parameters": {},
    "auth": {"type": "bearer", "token": SecretRef("env", "TOKEN")},
}
PLAIN, SECRET = spec("plain"), spec("secret", tools=[TOOL])


def applied(*desired: DesiredAgent) -> tuple[Fleet, PlanInputs]:
    fleet = Fleet()
    assert fleet.apply(*desired).exit_code == 0
    inputs = told(fleet.inputs(desired), {})
    return fleet, replace(inputs, settled=make_plan(inputs).settled)


@pytest.mark.parametrize("desired", [[PLAIN], [SECRET], [PLAIN, SECRET]])
def test_no_document_of_a_settled_agent_is_read(desired: Sequence[DesiredAgent]) -> None:
    _, inputs = applied(*desired)
    plan = make_plan(only_heads(inputs))
    assert (plan.changes, len(plan.unchanged)) == ((), len(desired))
    assert plan.settled == inputs.settled


def other(part: str, inputs: PlanInputs) -> PlanInputs:
    """The same, but for the mark of one part of each agent, or the value of its secret."""
    match part:
        case "spec":
            agents = tuple(marked(copy.copy(a), "other") for a in inputs.specs.agents)
            return replace(inputs, specs=replace(inputs.specs, agents=agents))
        case "live":
            return replace(inputs, live=[marked(copy.copy(a), "other") for a in inputs.live])
        case "ledger":
            records = {k: marked(copy.copy(r), "o") for k, r in inputs.state.records.items()}
            return replace(inputs, state=replace(inputs.state, records=records))
        case "salt":
            return replace(inputs, state=replace(inputs.state, salt="other"))
        case _:
            return replace(inputs, hashes=Hashes(lambda _ref: "other", lambda text: f"#{text}"))


@pytest.mark.parametrize("part", ["spec", "live", "ledger", "salt", "secret"])
def test_where_any_part_is_another_the_agent_is_looked_at(part: str) -> None:
    _, inputs = applied(SECRET)
    with pytest.raises(Unread):
        make_plan(only_heads(other(part, inputs)))


def test_a_part_without_a_mark_settles_nothing() -> None:
    fleet, inputs = applied(PLAIN)
    unmarked = [fleet.store.live(agent.id) for agent in inputs.live]
    assert make_plan(replace(inputs, live=unmarked, settled={})).settled == {}


@pytest.mark.parametrize(
    "told_of",
    [
        lambda fleet: fleet.store.agents.update(
            {key: {**a, "greeting": "Changed."} for key, a in fleet.store.agents.items()}
        ),
        lambda fleet: setattr(fleet, "hashes", Hashes(lambda _ref: None, lambda text: text)),
    ],
    ids=["drift", "a secret that is not set"],
)
def test_an_agent_of_which_something_is_to_be_said_is_not_settled(
    told_of: Callable[[Fleet], None],
) -> None:
    fleet, _ = applied(SECRET)
    told_of(fleet)
    plan = make_plan(told(fleet.inputs([SECRET]), {}))
    assert plan.changes or plan.warnings
    assert plan.settled == {}


def test_what_nobody_asked_about_stays_settled_and_what_is_gone_does_not() -> None:
    fleet, inputs = applied(PLAIN, SECRET)
    narrow = replace(inputs, targets=frozenset({"plain"}))
    assert make_plan(narrow).settled == inputs.settled
    rest = told(fleet.inputs([PLAIN]), inputs.settled)
    assert make_plan(rest).settled == {"plain": inputs.settled["plain"]}


def test_of_secrets_that_a_spec_names_no_more_nobody_asks() -> None:
    fleet, inputs = applied(SECRET)

    def secret(ref: SecretRef) -> str:
        if ref.name != "NEW":
            raise OSError(ref.name)
        return fake_hash(SecretRef("env", "TOKEN")) or ""

    fleet.hashes = Hashes(secret, fleet.hashes.text)
    renamed = {**TOOL, "auth": {"type": "bearer", "token": SecretRef("env", "NEW")}}
    plan = make_plan(told(fleet.inputs([spec("secret", tools=[renamed])]), inputs.settled))
    assert plan.changes == ()
