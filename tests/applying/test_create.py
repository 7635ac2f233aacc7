"""POST is not idempotent: an agent is made once, whatever happens to the answer (DESIGN.md 8)."""

import pytest

from reconciler.errors import LiveError
from reconciler.model.change import Action
from reconciler.model.outcome import Result
from tests.world import Fleet, spec


def test_the_intent_is_in_the_ledger_before_the_first_byte_is_sent() -> None:
    fleet = Fleet()
    fleet.carry_out_until_killed(fleet.plan(spec()), 0)
    assert fleet.store.agents == {}
    assert fleet.ledger.read().intents["desk"].kind == "create"


def test_an_agent_made_by_a_killed_apply_is_ours_at_the_next_one() -> None:
    fleet = Fleet()
    fleet.store.distort = lambda d: {**{k: v for k, v in d.items() if k != "pin"}, "greeting": "hi"}
    desired = spec(greeting=" Hi", pin="canary")
    fleet.carry_out_until_killed(fleet.plan(desired), 1)
    assert len(fleet.store.agents) == 1
    plan = fleet.plan(desired)
    assert plan.changes == ()
    fleet.carry_out(plan)
    state = fleet.ledger.read()
    assert state.intents == {}
    assert "canary" not in str(state.records["desk"].sent)
    assert state.records["desk"].computed != ()


def test_an_agent_made_by_a_killed_apply_whose_spec_is_gone_is_deleted() -> None:
    fleet = Fleet()
    fleet.carry_out_until_killed(fleet.plan(spec()), 1)
    assert [c.action for c in fleet.plan().changes] == [Action.DELETE]


@pytest.mark.parametrize("fate", ["made", "not made"])
def test_after_an_unclear_answer_the_name_is_looked_up(fate: str) -> None:
    fleet = Fleet()
    fleet.store.unclear_posts = [fate]
    (outcome,) = fleet.apply(spec()).changes
    assert outcome.result is Result.DONE
    assert len(fleet.store.agents) == 1
    posts = [m for m, _, _ in fleet.store.requests if m == "POST"]
    assert len(posts) == (1 if fate == "made" else 2)
    assert fleet.plan(spec()).changes == ()


def test_a_foreign_agent_that_appeared_meanwhile_is_not_adopted() -> None:
    fleet = Fleet()
    fleet.store.unclear_posts = ["not made"]
    fleet.store.meanwhile = lambda: (fleet.store.add("Desk", greeting="Mine"), None)[1]
    (outcome,) = fleet.apply(spec()).changes
    assert outcome.result is Result.FAILED
    assert "appeared meanwhile that is not what was sent" in str(outcome.error)
    assert fleet.ledger.read().intents == {}
    assert fleet.ledger.read().records == {}


def test_when_the_list_fails_too_the_intent_stays() -> None:
    fleet = Fleet()
    fleet.store.unclear_posts = ["made"]
    fleet.store.failing = {"LIST": LiveError("down", status=500)}
    (outcome,) = fleet.apply(spec()).changes
    assert outcome.result is Result.FAILED
    assert set(fleet.ledger.read().intents) == {"desk"}
    fleet.store.failing = {}
    assert fleet.plan(spec()).changes == ()


def test_an_answer_that_stays_unclear_is_given_up_and_the_intent_stays() -> None:
    fleet = Fleet()
    fleet.store.unclear_posts = ["not made"] * 9
    (outcome,) = fleet.apply(spec()).changes
    assert "the connection was cut" in str(outcome.error)
    assert set(fleet.ledger.read().intents) == {"desk"}


def test_a_clear_refusal_after_an_unclear_answer_keeps_the_intent() -> None:
    fleet = Fleet()
    fleet.store.unclear_posts = ["not made"]
    fleet.store.meanwhile = lambda: fleet.store.failing.update(POST=LiveError("no", status=403))
    fleet.apply(spec())
    assert set(fleet.ledger.read().intents) == {"desk"}


def test_a_plain_409_is_a_foreign_agent_and_not_adopted() -> None:
    fleet = Fleet()
    plan = fleet.plan(spec())
    fleet.store.add("Desk", **spec().declared)
    (outcome,) = fleet.carry_out(plan).changes
    assert "already exists" in str(outcome.error)
    state = fleet.ledger.read()
    assert (state.records, state.intents) == ({}, {})


class TestOrganisation:
    def test_the_first_create_proves_whose_organisation_it_is(self) -> None:
        fleet = Fleet()
        fleet.store.organisation_id = "other"
        with pytest.raises(Exception, match="belongs to organisation other, not to mine"):
            fleet.apply(spec("a"), spec("b"), proves="mine")
        assert [m for m, _, _ in fleet.store.writes] == ["POST", "DELETE"]
        assert fleet.store.agents == {}
        assert fleet.ledger.read().records == {}

    def test_a_create_that_fails_proves_nothing(self) -> None:
        fleet = Fleet()
        fleet.store.organisation_id = "other"
        fleet.store.refuse = frozenset({"bad"})
        with pytest.raises(Exception, match="not to mine"):
            fleet.apply(spec("a", bad=1), spec("b"), spec("c"), proves="mine")
        assert [m for m, _, _ in fleet.store.writes] == ["POST", "POST", "DELETE"]

    def test_an_answer_that_names_none_is_not_the_right_one(self) -> None:
        fleet = Fleet()
        fleet.store.organisation_id = None
        with pytest.raises(Exception, match="deleted again"):
            fleet.apply(spec(), proves="mine")

    def test_the_memory_of_the_right_organisation_survives(self) -> None:
        fleet = Fleet()
        fleet.apply(spec())
        record = fleet.ledger.read().records["desk"]
        fleet.store.agents.clear()
        fleet.store.organisation_id = "other"
        with pytest.raises(Exception, match="not to mine"):
            fleet.apply(spec(), proves="mine")
        assert fleet.ledger.read().records["desk"] == record

    def test_a_probe_that_can_not_be_deleted_is_named(self) -> None:
        fleet = Fleet()
        fleet.store.organisation_id = "other"
        fleet.store.failing = {"DELETE": LiveError("down", status=500)}
        with pytest.raises(Exception, match=r"not deleted \(down\): delete .* by hand"):
            fleet.apply(spec(), proves="mine")

    def test_all_go_on_in_the_right_one(self) -> None:
        fleet = Fleet()
        outcome = fleet.apply(spec("a"), spec("b"), proves=fleet.store.organisation_id)
        assert outcome.exit_code == 0
