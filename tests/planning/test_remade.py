"""A tool that was deleted and made again live is still that tool (DESIGN.md 5, 6)."""

from typing import Any

import pytest

from reconciler.model.drift import AgentDrift, DriftStatus
from reconciler.model.values import moved_sides
from tests.planning.test_origin import origins
from tests.planning.test_ownership import HANGUP, HOOK, applied, only
from tests.world import Fleet, spec

NEW_ID = "99999999-0000-4000-8000-000000000000"
OTHER_ID = "88888888-0000-4000-8000-000000000000"
SYSTEM = {"triggers": [{"event": "tool_succeeded", "source_tool": "check_order"}]}
LOG = {**HOOK, "name": "log", "source": "system", "system": SYSTEM}


def made_again(fleet: Fleet, index: int = 0, **fields: Any) -> None:
    tools = only(fleet)["tools"]
    old_id = tools[index]["id"]
    tools[index] |= {"id": NEW_ID, **fields}
    for tool in tools:
        for trigger in (tool.get("system") or {}).get("triggers", ()):
            if trigger.get("source_tool_id") == old_id:
                trigger["source_tool_id"] = NEW_ID


def drifted(fleet: Fleet, *tools: Any) -> AgentDrift:
    (agent,) = fleet.drift(spec(tools=list(tools))).agents
    return agent


@pytest.mark.parametrize("tool", [HOOK, HANGUP])
def test_made_again_as_it_was_it_is_no_difference(tool: Any) -> None:
    fleet = applied(tools=[tool])
    made_again(fleet)
    plan = fleet.plan(spec(tools=[tool]))
    assert plan.changes == ()
    (record,) = plan.in_sync
    assert [each["id"] for each in (*record.sent["tools"], *record.answer["tools"])] == [NEW_ID] * 2
    assert drifted(fleet, tool).status is DriftStatus.CLEAN


def test_made_again_otherwise_it_drifted_where_it_differs() -> None:
    fleet = applied(tools=[HOOK, HANGUP])
    made_again(fleet, url="https://elsewhere.example.com")
    assert origins(fleet.plan(spec(tools=[HOOK, HANGUP]))) == {"tools.check_order.url": "drift"}
    agent = drifted(fleet, HOOK, HANGUP)
    assert agent.status is DriftStatus.DRIFTED
    assert [f.change.path for f in agent.fields] == [("tools", "check_order", "url")]


def test_git_may_have_changed_it_too() -> None:
    fleet = applied(tools=[HOOK])
    made_again(fleet, url="https://elsewhere.example.com")
    wanted = {**HOOK, "url": "https://new.example.com", "timeout_seconds": 7}
    assert origins(fleet.plan(spec(tools=[wanted]))) == {
        "tools.check_order.timeout_seconds": "git",
        "tools.check_order.url": "conflict",
    }
    assert drifted(fleet, wanted).status is DriftStatus.CONFLICT


def test_a_trigger_follows_it() -> None:
    fleet = applied(tools=[HOOK, LOG])
    made_again(fleet)
    assert fleet.plan(spec(tools=[HOOK, LOG])).changes == ()
    assert drifted(fleet, HOOK, LOG).status is DriftStatus.CLEAN


def test_one_that_the_spec_names_by_its_id_is_another_tool() -> None:
    wanted = {**HANGUP, "id": OTHER_ID}
    fleet = applied(tools=[wanted])
    made_again(fleet)
    plan = fleet.plan(spec(tools=[wanted]))
    assert set(origins(plan).values()) == {"drift"}
    assert drifted(fleet, wanted).status is DriftStatus.DRIFTED


def test_of_two_that_are_alike_nobody_knows_which_one_was_made_again() -> None:
    fleet = Fleet()
    twins = [{**HANGUP, "id": OTHER_ID}, {**HANGUP, "id": f"7{OTHER_ID[1:]}"}]
    fleet.store.add("Desk", **{**spec().declared, "tools": twins})
    fleet.apply(spec())
    for index, tool in enumerate(only(fleet)["tools"]):
        tool["id"] = f"{index}{NEW_ID[1:]}"
    (agent,) = fleet.drift(spec(), strict=True).agents
    assert len(agent.fields) == 4  # two are gone, two are new


def test_a_change_still_rests_on_what_the_ledger_says() -> None:
    fleet = applied(tools=[HANGUP])
    wanted = spec(tools=[HANGUP], greeting="Hi!")
    (before,) = fleet.plan(wanted).changes
    made_again(fleet)
    (after,) = fleet.plan(wanted).changes
    assert "ledger" not in moved_sides(before.digest, after.digest)
