"""Who is who (DESIGN.md 5): agents, and tools inside them."""

from typing import Any

import pytest

from reconciler.errors import SpecsInvalid
from reconciler.model.change import Action
from reconciler.model.desired import DesiredAgent, Lifecycle
from reconciler.model.identity import derived_tool_id
from tests.planning.test_origin import origins
from tests.planning.test_ownership import HANGUP, HOOK, applied, only
from tests.world import Fleet, spec

CLOCK = {"type": "built_in", "built_in": "current_datetime"}


def keyed(desired: DesiredAgent, **more: Any) -> DesiredAgent:
    return DesiredAgent(desired.key, desired.declared, **more)


def actions(fleet: Fleet, *desired: DesiredAgent) -> list[tuple[str, Action]]:
    return [(c.key, c.action) for c in fleet.plan(*desired).changes]


def test_a_pinned_spec_takes_its_agent_whatever_the_name() -> None:
    fleet = Fleet()
    agent_id = fleet.store.add("Other", **spec().declared)
    (change,) = fleet.plan(keyed(spec(), agent_id=agent_id.upper())).changes
    assert (change.action, change.name_from) == (Action.ADOPT, "Other")


def test_a_pin_to_no_agent_is_an_error_and_no_create() -> None:
    with pytest.raises(SpecsInvalid, match="which does not exist"):
        Fleet().plan(keyed(spec(), agent_id="00000000-0000-4000-8000-000000000000"))


def test_a_pinned_agent_that_vanished_stands_in_nobody_elses_way() -> None:
    fleet = applied()
    fleet.apply(spec(), spec("hall", name="Hall"))
    agent_id = fleet.ledger.read().records["desk"].agent_id
    pinned = keyed(spec(), agent_id=agent_id.upper())
    del fleet.store.agents[agent_id]
    other_id = fleet.store.add("Desk", **spec().declared)
    hall = spec("hall", name="Hall", greeting="Hi!")
    plan = fleet.plan(pinned, hall)
    desk, other = sorted(plan.changes, key=lambda change: change.key)
    assert (desk.key, desk.action, desk.vanished) == ("desk", Action.CREATE, True)
    assert "pinned to agent" in str(desk.blocked)
    assert "take `id` out" in str(desk.blocked)
    assert (other.key, other.blocked) == ("hall", None)
    assert [agent.id for agent in plan.unmanaged] == [other_id]
    statuses = {a.key: str(a.status) for a in fleet.drift(pinned, hall).agents if a.key}
    assert statuses == {"desk": "vanished", "hall": "pending"}


def test_a_ledger_id_goes_before_a_name() -> None:
    fleet = applied()
    only(fleet)["name"] = "Renamed"
    assert actions(fleet, spec()) == [("desk", Action.UPDATE)]


@pytest.mark.parametrize("how", ["moved_from", "name", "id"])
def test_a_file_that_moves_keeps_its_agent(how: str) -> None:
    fleet = applied()
    (agent_id,) = fleet.store.agents
    more = {"moved_from": "desk"} if how == "moved_from" else {}
    more |= {"agent_id": agent_id} if how == "id" else {}
    moved = keyed(spec("team/desk", name="Desk"), **more)
    assert actions(fleet, moved) == [("team/desk", Action.REKEY)]
    fleet.apply(moved)
    assert fleet.store.writes == []
    assert set(fleet.ledger.read().records) == {"team/desk"}
    assert actions(fleet, moved) == []


def test_a_file_moved_and_renamed_at_once_keeps_its_agent_by_moved_from() -> None:
    fleet = applied()
    moved = keyed(spec("front", name="Front"), moved_from="desk")
    (change,) = fleet.plan(moved).changes
    assert (change.action, change.key_from, change.name_from) == (Action.UPDATE, "desk", "Desk")
    fleet.apply(moved)
    assert len(fleet.store.agents) == 1
    assert set(fleet.ledger.read().records) == {"front"}


def test_without_moved_from_it_looks_like_delete_and_create_and_the_plan_warns() -> None:
    fleet = applied()
    plan = fleet.plan(spec("front", name="Front"))
    assert {c.action for c in plan.changes} == {Action.CREATE, Action.DELETE}
    assert any("say `moved_from: desk`" in w for w in plan.warnings)


def test_a_moved_file_whose_agent_was_renamed_live_is_told_by_the_name_that_we_gave() -> None:
    fleet = applied()
    only(fleet)["name"] = "Desk (old)"
    moved = spec("moved", name="Desk", system_prompt="Another.", greeting="Hi!", language="de")
    plan = fleet.plan(moved)
    assert {c.key: c.action for c in plan.changes} == {
        "desk": Action.DELETE,
        "moved": Action.CREATE,
    }
    assert any("say `moved_from: desk`" in w for w in plan.warnings)


def test_two_live_agents_of_one_name_are_refused() -> None:
    fleet = Fleet()
    fleet.store.add("Desk")
    fleet.store.add("Desk")
    (change,) = fleet.plan(spec()).changes
    assert "2 live agents have this name" in str(change.blocked)


def test_a_rename_into_an_unmanaged_name_is_blocked() -> None:
    fleet = applied()
    fleet.store.add("Front")
    (change,) = fleet.plan(spec(name="Front")).changes
    assert "belongs to agent" in str(change.blocked)


def test_an_adopt_of_an_equal_agent_writes_nothing_and_is_remembered() -> None:
    fleet = Fleet()
    agent_id = fleet.store.add("Desk", **spec().declared)
    assert actions(fleet, spec()) == [("desk", Action.ADOPT)]
    fleet.apply(spec())
    assert fleet.store.writes == []
    assert fleet.ledger.read().records["desk"].agent_id == agent_id


def test_a_vanished_agent_is_created_again_and_the_plan_says_so() -> None:
    fleet = applied()
    fleet.store.agents.clear()
    (change,) = fleet.plan(spec()).changes
    assert (change.action, change.vanished) == (Action.CREATE, True)
    fleet.apply(spec())
    assert fleet.plan(spec()).changes == ()


def test_a_key_gone_from_git_is_deleted_or_kept() -> None:
    for on_remove, action in (("delete", Action.DELETE), ("keep", Action.FORGET)):
        fleet = Fleet()
        fleet.apply(spec(lifecycle=Lifecycle(on_remove=on_remove)))  # type: ignore[arg-type]
        assert actions(fleet) == [("desk", action)]
        fleet.apply()
        assert len(fleet.store.agents) == (1 if on_remove == "keep" else 0)
        assert fleet.ledger.read().records == {}


def test_a_key_gone_from_git_and_live_is_forgotten() -> None:
    fleet = applied()
    fleet.store.agents.clear()
    assert actions(fleet) == [("desk", Action.FORGET)]


def test_a_pin_that_moves_to_another_agent_abandons_the_old_one_with_a_warning() -> None:
    fleet = applied()
    other = fleet.store.add("Other", **spec().declared)
    plan = fleet.plan(keyed(spec(name="Other"), agent_id=other))
    assert any("left alone as unmanaged" in w for w in plan.warnings)
    assert [a.name for a in plan.unmanaged] == ["Desk"]


def test_an_agent_of_another_specs_record_is_not_found_by_name() -> None:
    fleet = applied()
    other = fleet.store.add("Other", **spec().declared)
    pinned = keyed(spec(name="Other"), agent_id=other)
    (change,) = (c for c in fleet.plan(pinned, spec("new", name="Desk")).changes if c.key == "new")
    assert change.action is Action.CREATE
    assert "which this plan does not change" in str(change.blocked)


def test_a_tool_keeps_its_live_id_by_natural_key() -> None:
    fleet = applied()
    only(fleet)["tools"] = [{**HANGUP, "id": "AAAAAAAA-0000-4000-8000-000000000000"}]
    fleet.apply(spec(tools=[HANGUP]))
    assert fleet.store.writes == []


def test_new_tools_get_an_id_derived_from_agent_and_name() -> None:
    fleet = applied(tools=[HOOK])
    assert only(fleet)["tools"][0]["id"] == derived_tool_id("desk", HOOK)


def test_the_order_of_tools_and_variables_is_no_difference() -> None:
    variables = [{"name": "x", "description": ""}, {"name": "y", "description": ""}]
    fleet = applied(tools=[HANGUP, HOOK, CLOCK], runtime_variables=variables)
    only(fleet)["tools"].reverse()
    desired = spec(tools=[HOOK, CLOCK, HANGUP], runtime_variables=variables[::-1])
    assert fleet.plan(desired).changes == ()


def test_the_clock_of_the_model_and_the_one_of_the_system_are_two_tools() -> None:
    system = {**CLOCK, "source": "system", "system": {"triggers": [{"event": "call_start"}]}}
    fleet = applied(tools=[CLOCK, system])
    assert len({t["id"] for t in only(fleet)["tools"]}) == 2
    only(fleet)["tools"][1]["timezone"] = "Europe/Berlin"
    plan = fleet.plan(spec(tools=[CLOCK, system]))
    assert origins(plan) == {"tools.current_datetime/system.timezone": "drift"}


def test_two_tools_of_one_name_are_told_apart_by_id() -> None:
    ids = ["aaaaaaaa-0000-4000-8000-000000000000", "bbbbbbbb-0000-4000-8000-000000000000"]
    two = [{**HANGUP, "id": i, "prompt": i} for i in ids]
    fleet = applied(tools=two)
    only(fleet)["tools"][0]["prompt"] = "edited"
    assert origins(fleet.plan(spec(tools=two))) == {"tools.hangup#aaaaaaaa.prompt": "drift"}


def test_a_trigger_names_its_tool() -> None:
    system = {"triggers": [{"event": "tool_succeeded", "source_tool": "check_order"}]}
    fleet = applied(tools=[HOOK, {**HOOK, "name": "log", "source": "system", "system": system}])
    check, log = only(fleet)["tools"]
    assert log["system"]["triggers"] == [{"event": "tool_succeeded", "source_tool_id": check["id"]}]


def test_a_tool_renamed_in_the_dashboard_is_renamed_back() -> None:
    fleet = applied(tools=[HOOK])
    only(fleet)["tools"][0]["name"] = "check_orders"
    assert origins(fleet.plan(spec(tools=[HOOK]))) == {"tools.check_order.name": "drift"}


def test_a_tool_added_or_removed_in_the_dashboard_is_drift() -> None:
    fleet = applied(tools=[HOOK])
    only(fleet)["tools"] = [{**HANGUP, "id": "x"}]
    changed = origins(fleet.plan(spec(tools=[HOOK])))
    assert changed == {"tools.check_order": "drift", "tools.hangup": "drift"}


def test_a_tool_renamed_in_git_with_its_id_stays_that_tool() -> None:
    tool_id = "aaaaaaaa-0000-4000-8000-000000000000"
    fleet = applied(tools=[{**HOOK, "id": tool_id}])
    plan = fleet.plan(spec(tools=[{**HOOK, "id": tool_id.upper(), "name": "find_order"}]))
    assert origins(plan) == {"tools.find_order.name": "git"}


class TestSecrets:
    def rotate(self, fleet: Fleet) -> None:
        fleet.hashes = type(fleet.hashes)(lambda ref: f"rotated {ref.name}", fleet.hashes.text)

    def test_a_changed_secret_is_shown_without_its_value_and_sent(self) -> None:
        fleet = applied(tools=[HOOK])
        self.rotate(fleet)
        plan = fleet.plan(spec(tools=[HOOK]))
        (field,) = plan.changes[0].fields
        assert (field.path, field.before, field.secret) == (
            ("tools", "check_order", "auth", "token"),
            None,
            True,
        )
        fleet.carry_out(plan)
        assert fleet.plan(spec(tools=[HOOK])).changes == ()

    def test_a_secret_that_is_not_set_is_not_checked(self) -> None:
        fleet = applied(tools=[HOOK])
        fleet.hashes = type(fleet.hashes)(lambda _: None, fleet.hashes.text)
        plan = fleet.plan(spec(tools=[HOOK]))
        assert plan.changes == ()
        assert any("not checked: CRM_TOKEN is not set" in w for w in plan.warnings)

    @pytest.mark.parametrize(
        "wanted",
        [spec(tools=[HOOK], greeting="Hi!"), spec("new", tools=[HOOK], name="New")],
        ids=["beside another change", "of a create"],
    )
    def test_that_a_secret_is_not_set_is_told_whatever_else_changes(
        self, wanted: DesiredAgent
    ) -> None:
        fleet = applied(tools=[HOOK])
        fleet.hashes = type(fleet.hashes)(lambda _: None, fleet.hashes.text)
        plan = fleet.plan(wanted)
        told = f"{wanted.key}: tools.check_order.auth.token (secret): not checked: CRM_TOKEN"
        assert sum(warning.startswith(told) for warning in plan.warnings) == 1

    def test_a_secret_is_unverified_after_an_adopt_until_a_change_writes_it(self) -> None:
        fleet = applied(tools=[HOOK])
        fleet.ledger.state = type(fleet.ledger.state)()
        fleet.apply(spec(tools=[HOOK]))
        plan = fleet.plan(spec(tools=[HOOK]))
        assert plan.changes == ()
        assert any("unverified" in w for w in plan.warnings)
        fleet.apply(spec(tools=[HOOK], greeting="Hi!"))
        self.rotate(fleet)
        assert fleet.plan(spec(tools=[HOOK], greeting="Hi!")).changes != ()

    def test_a_moved_file_has_one_digest_with_and_without_its_secrets(self) -> None:
        fleet = applied(tools=[HOOK])
        moved = spec("team/desk", name="Desk", tools=[HOOK])
        known = fleet.plan(moved)
        self.rotate(fleet)
        rotated = fleet.plan(moved)
        assert [c.action for c in rotated.changes] == [Action.UPDATE]
        assert known.digest == rotated.digest
