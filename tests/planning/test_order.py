"""Names and inbound trunks must be free before they are taken (DESIGN.md 7)."""

import itertools
from typing import Any

import pytest

from reconciler.model.change import Action
from reconciler.model.desired import DesiredAgent, Lifecycle
from reconciler.model.outcome import Outcome, Result
from tests.world import Fleet, project, spec

T1 = "11111111-1111-4111-8111-111111111111"
T2 = "22222222-2222-4222-8222-222222222222"


def fleet_of(*desired: DesiredAgent) -> Fleet:
    fleet = Fleet()
    fleet.apply(*desired)
    fleet.store.requests.clear()
    return fleet


def done(outcome: Outcome) -> None:
    assert [(o.change.key, o.error) for o in outcome.changes if o.result is not Result.DONE] == []


def names(fleet: Fleet) -> dict[str, str]:
    records = fleet.ledger.read().records
    return {k: str(fleet.store.agents[r.agent_id]["name"]) for k, r in records.items()}


@pytest.mark.parametrize("workers", [1, 16])
@pytest.mark.parametrize("size", [2, 3])
def test_names_that_go_in_a_circle(size: int, workers: int) -> None:
    keys = "abc"[:size]
    fleet = fleet_of(*(spec(k, name=k.upper()) for k in keys))
    turned = [spec(k, name=n.upper()) for k, n in zip(keys, keys[1:] + keys[0], strict=True)]
    plan = fleet.plan(*turned)
    assert sum(bool(c.parking) for c in plan.changes) == 1
    assert any("names or trunks go in a circle" in w for w in plan.warnings)
    done(fleet.carry_out(plan, workers=workers))
    assert sum(m == "PATCH" for m, _, _ in fleet.store.writes) == 1
    assert fleet.plan(*turned).changes == ()


@pytest.mark.parametrize("stops", [{}, {"on_conflict": "stop", "on_drift": "stop"}])
@pytest.mark.parametrize("swapped", ["in git", "live"])
@pytest.mark.parametrize("requests", range(7))
def test_killed_in_the_middle_of_a_circle_the_next_run_finishes_it(
    requests: int, swapped: str, stops: dict[str, str]
) -> None:
    fleet = fleet_of(spec("a", name="A"), spec("b", name="B"))
    wanted = [spec("a", name="B"), spec("b", name="A")]
    if swapped == "live":
        wanted = [spec("a", name="A"), spec("b", name="B")]
        for document, name in zip(fleet.store.agents.values(), "BA", strict=True):
            document["name"] = name
    plan = fleet.plan(*wanted)
    fleet.carry_out_until_killed(plan, requests)
    if swapped == "in git":
        fleet.project = project(**stops)
    done(fleet.apply(*wanted))
    assert fleet.plan(*wanted).changes == ()
    assert names(fleet) == {s.key: s.name for s in wanted}


def test_a_chain_of_renames_waits_link_by_link() -> None:
    fleet = fleet_of(spec("a", name="A"), spec("b", name="B"), spec("c", name="C"))
    wanted = [spec("a", name="B"), spec("b", name="C"), spec("c", name="D")]
    plan = fleet.plan(*wanted)
    assert [c.key for c in plan.changes] == ["c", "b", "a"]
    assert [c.waits_for for c in plan.changes] == [(), ("c",), ("b",)]
    done(fleet.carry_out(plan, workers=1))


def test_a_rename_takes_a_name_that_a_delete_frees() -> None:
    fleet = fleet_of(spec("a", name="A"), spec("b", name="B"))
    plan = fleet.plan(spec("a", name="B"))
    assert [(c.key, c.action) for c in plan.changes] == [("b", Action.DELETE), ("a", Action.UPDATE)]
    done(fleet.carry_out(plan))


def test_a_create_takes_a_name_that_a_rename_frees() -> None:
    fleet = fleet_of(spec("a", name="A"))
    plan = fleet.plan(spec("a", name="B"), spec("0", name="A"))
    assert [c.key for c in plan.changes] == ["a", "0"]
    done(fleet.carry_out(plan))


def test_an_inbound_trunk_moves_from_one_agent_to_another() -> None:
    fleet = fleet_of(spec("a", sip_inbound_trunk_id=None), spec("b", sip_inbound_trunk_id=T1))
    wanted = [spec("a", sip_inbound_trunk_id=T1), spec("b", sip_inbound_trunk_id=None)]
    done(fleet.apply(*wanted))
    assert fleet.plan(*wanted).changes == ()


@pytest.mark.parametrize("greets", [True, False])
def test_inbound_trunks_swap_and_survive_a_kill(greets: bool) -> None:  # noqa: FBT001  # a parameter of pytest
    greeting: dict[str, Any] = {"inbound_greeting": "Hi"} if greets else {}
    before = [spec("a", sip_inbound_trunk_id=T1, **greeting), spec("b", sip_inbound_trunk_id=T2)]
    wanted = [spec("a", sip_inbound_trunk_id=T2, **greeting), spec("b", sip_inbound_trunk_id=T1)]
    for requests in range(7):
        fleet = fleet_of(*before)
        fleet.carry_out_until_killed(fleet.plan(*wanted), requests)
        done(fleet.apply(*wanted))
        assert fleet.plan(*wanted).changes == ()


@pytest.mark.parametrize("requests", range(7))
def test_trunks_swapped_live_are_swapped_back_even_after_a_kill(requests: int) -> None:
    wanted = [spec("a", sip_inbound_trunk_id=T1), spec("b", sip_inbound_trunk_id=T2)]
    fleet = fleet_of(*wanted)
    for document, trunk in zip(fleet.store.agents.values(), (T2, T1), strict=True):
        document["sip_inbound_trunk_id"] = trunk
    fleet.carry_out_until_killed(fleet.plan(*wanted), requests)
    done(fleet.apply(*wanted))
    assert [d["sip_inbound_trunk_id"] for d in fleet.store.agents.values()] == [T1, T2]


def test_the_agent_that_parks_is_one_whose_greeting_can_not_get_lost() -> None:
    fleet = fleet_of(spec("a", sip_inbound_trunk_id=T1), spec("b", sip_inbound_trunk_id=T2))
    first, second = fleet.store.agents.values()
    first["inbound_greeting"] = "Set in the dashboard"
    wanted = [spec("a", sip_inbound_trunk_id=T2), spec("b", sip_inbound_trunk_id=T1)]
    plan = fleet.plan(*wanted)
    assert [c.key for c in plan.changes if c.parking] == ["b"]
    second["inbound_greeting"] = "Here, too"
    plan = fleet.plan(*wanted)
    assert all("declare inbound_greeting" in str(c.blocked) for c in plan.changes)


def test_names_and_trunks_that_swap_together_are_both_parked() -> None:
    one: dict[str, Any] = {"sip_inbound_trunk_id": T1}
    two: dict[str, Any] = {"sip_inbound_trunk_id": T2}
    fleet = fleet_of(spec("a", name="A", **one), spec("b", name="B", **two))
    wanted = [spec("a", name="B", **two), spec("b", name="A", **one)]
    done(fleet.apply(*wanted))
    assert fleet.plan(*wanted).changes == ()


def test_who_waits_for_a_blocked_change_is_blocked() -> None:
    fleet = fleet_of(spec("a", name="A"), spec("b", name="B"))
    fleet.store.add("C")
    plan = fleet.plan(spec("a", name="B"), spec("b", name="C"))
    assert "whose own change is blocked" in str(plan.changes[0].blocked)
    assert all(c.blocked for c in plan.changes)


def test_a_name_kept_by_its_agent_blocks() -> None:
    fleet = fleet_of(
        spec("a", name="A"), spec("b", name="B", lifecycle=Lifecycle(on_remove="keep"))
    )
    by_key = {c.key: c for c in fleet.plan(spec("a", name="B")).changes}
    assert "which keeps it" in str(by_key["a"].blocked)


def test_the_order_does_not_depend_on_the_order_of_the_specs() -> None:
    fleet = fleet_of(*(spec(k, name=k.upper()) for k in "abc"))
    turned = [spec(k, name=n) for k, n in zip("abc", "BCA", strict=True)]
    orders = {tuple(c.key for c in fleet.plan(*p).changes) for p in itertools.permutations(turned)}
    assert len(orders) == 1
