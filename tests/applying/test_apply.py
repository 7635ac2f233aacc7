"""From an approved plan to an outcome that accounts for every change (DESIGN.md 8)."""

from typing import Any

import pytest

from reconciler.applying import required_secrets
from reconciler.errors import LedgerError, LiveError
from reconciler.model.desired import Lifecycle
from reconciler.model.outcome import Result
from reconciler.model.values import SecretRef
from reconciler.planning import approve
from tests.planning.test_ownership import HOOK, applied, only
from tests.world import Fleet, spec


def results(outcome: Any) -> dict[str, str]:
    return {o.change.key: str(o.result) for o in outcome.changes}


def edited(fleet: Fleet, key: str, **fields: Any) -> None:
    fleet.store.agents[fleet.ledger.read().records[key].agent_id].update(fields)


def test_an_agent_changed_since_the_plan_is_refused_and_the_others_go_on() -> None:
    fleet = Fleet()
    fleet.apply(spec("a"), spec("b"))
    plan = fleet.plan(spec("a", greeting="Hi!"), spec("b", greeting="Hi!"))
    edited(fleet, "a", enable_interruptions=False)
    outcome = fleet.carry_out(plan)
    assert results(outcome) == {"a": "refused", "b": "done"}
    assert "was changed by someone else" in str(outcome.changes[0].error)
    assert outcome.exit_code == 3


def test_an_agent_that_vanished_before_its_write_is_refused() -> None:
    fleet = applied()
    plan = fleet.plan(spec(greeting="Hi!"))
    fleet.store.agents.clear()
    (outcome,) = fleet.carry_out(plan).changes
    assert outcome.result is Result.REFUSED
    assert "has vanished" in str(outcome.error)


@pytest.mark.parametrize("specs", [[spec(name="Renamed")], []], ids=["renamed", "removed"])
def test_an_agent_that_the_list_did_not_show_is_neither_made_twice_nor_forgotten(
    specs: Any,
) -> None:
    fleet = applied()
    there = dict(fleet.store.agents)
    fleet.store.agents.clear()
    plan = fleet.plan(*specs)
    fleet.store.agents.update(there)
    (outcome,) = fleet.carry_out(plan).changes
    assert outcome.result is Result.REFUSED
    assert "still there, though the list did not show it" in str(outcome.error)
    assert fleet.store.agents == there
    assert fleet.ledger.read().records["desk"].agent_id in there


def test_a_delete_of_an_agent_that_is_gone_already_is_done() -> None:
    fleet = applied()
    plan = fleet.plan()
    fleet.store.agents.clear()
    assert results(fleet.carry_out(plan)) == {"desk": "done"}
    assert fleet.ledger.read().records == {}


def test_a_delete_of_a_changed_agent_is_refused() -> None:
    fleet = applied()
    plan = fleet.plan()
    edited(fleet, "desk", greeting="Edited")
    assert results(fleet.carry_out(plan)) == {"desk": "refused"}
    assert len(fleet.store.agents) == 1


def test_an_intent_to_delete_is_recorded_and_a_killed_delete_is_no_vanished_agent() -> None:
    fleet = applied()
    fleet.carry_out_until_killed(fleet.plan(), 1)
    assert fleet.ledger.read().intents["desk"].kind == "delete"
    from reconciler.model.change import Approval  # noqa: PLC0415  # beside its one use

    assert fleet.plan(approval=Approval(empty=True)).guards == ()


def test_a_delete_that_is_clearly_refused_leaves_no_intent() -> None:
    fleet = applied()
    fleet.store.failing = {"DELETE": LiveError("no", status=403)}
    assert results(fleet.apply()) == {"desk": "failed"}
    assert fleet.ledger.read().intents == {}


def test_after_max_failures_nothing_new_is_started() -> None:
    fleet = Fleet()
    fleet.store.refuse = frozenset({"bad"})
    outcome = fleet.apply(*(spec(k, bad=1) for k in "abcd"), max_failures=2, workers=1)
    assert list(results(outcome).values()) == ["failed", "failed", "not_started", "not_started"]
    assert outcome.changes[-1].error == "stopped after 2 failures"
    first = fleet.apply(*(spec(k, bad=1) for k in "ab"), max_failures=1, workers=1)
    assert first.changes[-1].error == "stopped after 1 failure"


def test_an_interrupted_apply_starts_nothing_new() -> None:
    fleet = Fleet()
    outcome = fleet.carry_out(fleet.plan(spec()), stopped=True)
    assert results(outcome) == {"desk": "not_started"}
    assert (outcome.exit_code, fleet.store.writes) == (130, [])


def test_a_failing_ledger_halts_everything() -> None:
    """While an answer is being recorded a worker makes one more change, and no further one."""
    fleet = Fleet()
    fleet.ledger.breaks = True
    outcome = fleet.apply(*map(spec, "abcd"), workers=1)
    assert list(results(outcome).values()) == ["failed", "failed", "not_started", "not_started"]
    assert [o.error for o in outcome.changes] == ["the disk is full"] * 2 + [
        "the ledger failed",
        "the ledger failed",
    ]
    assert outcome.exit_code == 1


def test_what_waits_for_a_failed_change_is_not_started() -> None:
    fleet = Fleet()
    fleet.apply(spec("a", name="A"), spec("b", name="B"))
    fleet.store.failing = {"PUT": LiveError("no", status=500, request_id="r1")}
    outcome = fleet.apply(spec("a", name="B"), spec("b", name="C"))
    assert results(outcome) == {"b": "failed", "a": "not_started"}
    assert "(request r1)" in str(outcome.changes[0].error)
    assert "it waits for b" in str(outcome.changes[1].error)


def test_a_park_that_fails_is_a_failed_change() -> None:
    fleet = Fleet()
    fleet.apply(spec("a", name="A"), spec("b", name="B"))
    fleet.store.failing = {"PATCH": LiveError("no", status=500)}
    outcome = fleet.apply(spec("a", name="B"), spec("b", name="A"))
    assert results(outcome) == {"b": "not_started", "a": "failed"}
    assert "it waits for a, which is not done" in str(outcome.changes[0].error)
    assert [method for method, _, _ in fleet.store.writes[2:]] == ["PATCH"]


def test_who_takes_nothing_of_an_agent_that_could_not_park_goes_on() -> None:
    fleet = Fleet()
    fleet.apply(spec("a", name="A"), spec("b", name="B"), spec("c", name="C"))
    fleet.store.failing = {"PATCH": LiveError("no", status=500)}
    outcome = fleet.apply(spec("a", name="B"), spec("b", name="A"), spec("c", greeting="Hi!"))
    assert results(outcome) == {"a": "failed", "b": "not_started", "c": "done"}


def test_a_trunk_that_was_not_given_up_is_not_taken() -> None:
    fleet = Fleet()
    fleet.apply(spec("a", sip_inbound_trunk_id="AA"), spec("b", sip_inbound_trunk_id="bb"))
    plan = fleet.plan(spec("a", sip_inbound_trunk_id="BB"), spec("b", sip_inbound_trunk_id="aa"))
    outcome = fleet.carry_out(plan, left_out=["a"])
    assert results(outcome) == {"a": "not_started", "b": "not_started"}
    assert [o.asked for o in outcome.changes if o.change.key == "a"] == [False]
    assert len(fleet.store.writes) == 2


def test_history_holds_the_full_live_document_before_and_the_result_after() -> None:
    fleet = applied()
    only(fleet)["unknown"] = {"deep": 1}
    fleet.apply(spec(greeting="Hi!"))
    fleet.apply()
    update, delete = (e for e in fleet.ledger.history if e.before is not None)
    assert update.before is not None
    assert update.before["greeting"] == "Hello!"
    assert update.before["unknown"] == {"deep": 1}
    assert delete.before is not None
    assert delete.before["greeting"] == "Hi!"
    assert [e.result for e in fleet.ledger.history[-3:]] == ["planned", "started", "done"]


def test_an_apply_that_ends_well_remembers_protection_added_alone() -> None:
    fleet = applied()
    outcome = fleet.apply(spec(lifecycle=Lifecycle(prevent_destroy=True)))
    assert (outcome.changes, fleet.store.writes) == ((), [])
    assert fleet.ledger.read().records["desk"].lifecycle.prevent_destroy


def test_an_apply_that_fails_remembers_no_one_in_sync() -> None:
    fleet = applied()
    fleet.store.refuse = frozenset({"bad"})
    fleet.apply(spec(lifecycle=Lifecycle(prevent_destroy=True)), spec("a", bad=1))
    assert not fleet.ledger.read().records["desk"].lifecycle.prevent_destroy


def test_a_change_that_was_not_reviewed_is_not_made() -> None:
    fleet = Fleet()
    outcome = fleet.carry_out(fleet.plan(spec("a"), spec("b")), left_out=["b"])
    assert results(outcome) == {"a": "done", "b": "not_started"}
    assert outcome.exit_code == 0


def test_a_ledger_that_fails_at_the_very_end_loses_no_outcome() -> None:
    fleet = applied()
    fleet.ledger.breaks_for = "desk"
    outcome = fleet.apply(spec(lifecycle=Lifecycle(prevent_destroy=True)), spec("a"))
    assert results(outcome) == {"a": "done"}
    assert (outcome.ledger_error, outcome.exit_code) == ("the disk is full", 1)
    with pytest.raises(LedgerError, match="the disk is full"):
        fleet.apply(spec(lifecycle=Lifecycle(prevent_destroy=True)), spec("a"))


def test_the_history_of_a_create_knows_the_agent_that_was_made() -> None:
    fleet = applied()
    (agent_id,) = fleet.store.agents
    assert [(e.result, e.agent_id) for e in fleet.ledger.history] == [
        ("started", None),
        ("done", agent_id),
    ]


@pytest.mark.parametrize("left_out", [(), ("desk",)])
def test_only_the_secrets_that_a_write_must_send_are_needed(left_out: tuple[str, ...]) -> None:
    desired = spec(tools=[HOOK], slng_api_key=SecretRef("env", "RUNTIME"))
    plan = Fleet().plan(desired)
    needed = required_secrets(approve(plan, left_out=left_out))
    assert [r.name for r in needed] == ([] if left_out else ["CRM_TOKEN", "RUNTIME"])


def test_no_secret_reaches_the_ledger() -> None:
    fleet = applied(tools=[HOOK], slng_api_key=SecretRef("env", "RUNTIME"))
    record = fleet.ledger.read().records["desk"]
    assert "SecretRef" not in str(record.sent) + str(record.answer)
    assert set(record.secrets.values()) == {"hash of CRM_TOKEN", "hash of RUNTIME"}
