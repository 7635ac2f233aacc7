"""Why a field changes: git, drift, conflict or unknown (DESIGN.md 6); what an answer proves."""

from datetime import timedelta
from typing import Any

import pytest

from reconciler.model.change import FieldChange, Plan
from reconciler.model.drift import DriftStatus
from reconciler.model.outcome import Result
from reconciler.model.project import Project
from reconciler.model.values import ABSENT, same, set_path
from tests.fakes import NOW
from tests.planning.test_ownership import HANGUP, HOOK, applied, only
from tests.world import Fleet, project, spec


def origins(plan: Plan) -> dict[str, str]:
    return {".".join(f.path): str(f.origin) for c in plan.changes for f in c.fields}


def fields(plan: Plan) -> list[FieldChange]:
    return [f for c in plan.changes for f in c.fields]


def test_changed_in_git_alone() -> None:
    assert origins(applied().plan(spec(greeting="Hi!"))) == {"greeting": "git"}


def test_changed_live_alone_is_drift_and_git_wins() -> None:
    fleet = applied()
    only(fleet)["greeting"] = "Edited"
    assert origins(fleet.plan(spec())) == {"greeting": "drift"}
    fleet.apply(spec())
    assert only(fleet)["greeting"] == "Hello!"


def test_changed_on_both_sides_is_a_conflict() -> None:
    fleet = applied()
    only(fleet)["greeting"] = "Edited"
    assert origins(fleet.plan(spec(greeting="Hi!"))) == {"greeting": "conflict"}


def test_normalised_by_the_api_is_no_change() -> None:
    fleet = Fleet()
    fleet.store.distort = lambda d: {**d, "greeting": d["greeting"].strip().lower()}
    fleet.apply(spec(greeting=" Hello! "))
    assert fleet.plan(spec(greeting=" Hello! ")).changes == ()


def test_without_memory_the_origin_is_unknown() -> None:
    fleet = applied()
    fleet.ledger.state = type(fleet.ledger.state)()
    assert origins(fleet.plan(spec(greeting="Hi!"))) == {"greeting": "unknown"}


def test_desired_equal_to_live_is_in_sync_whatever_the_ledger_says_and_remembered() -> None:
    fleet = applied()
    only(fleet)["greeting"] = "Pulled"
    plan = fleet.plan(spec(greeting="Pulled"))
    assert plan.changes == ()
    fleet.carry_out(plan)
    assert fleet.store.writes == []
    assert fleet.ledger.read().records["desk"].sent["greeting"] == "Pulled"
    assert fleet.drift(spec(greeting="Pulled")).clean


@pytest.mark.parametrize(
    ("declared", "live"),
    [
        ({"stt_kwargs": {}}, {"b": 1}),
        ({"stt_kwargs": {"a": 1}}, {"a": 1, "b": 1}),
    ],
)
def test_a_map_declared_for_the_first_time_takes_the_rest_out(declared: Any, live: Any) -> None:
    fleet = applied()
    only(fleet)["models"]["stt_kwargs"] = live
    fleet.carry_out(fleet.plan(spec()))
    desired = spec(models={**spec().declared["models"], **declared})
    assert origins(fleet.plan(desired)) == {"models.stt_kwargs.b": "git"}
    fleet.apply(desired)
    assert only(fleet)["models"]["stt_kwargs"] == declared["stt_kwargs"]


def test_a_region_that_is_answered_unchanged_is_not_taken_and_stays_in_the_plan() -> None:
    fleet = applied()
    fleet.store.ignore = frozenset({"region"})
    outcome = fleet.apply(spec(region="us-east"))
    assert outcome.exit_code == 1
    assert "not taken: region" in str(outcome.changes[0].error)
    assert origins(fleet.plan(spec(region="us-east"))) == {"region": "git"}


def test_a_field_that_the_api_does_not_answer_is_not_taken() -> None:
    fleet = applied()
    fleet.store.distort = lambda d: {k: v for k, v in d.items() if k != "region"}
    (outcome,) = fleet.apply(spec(region="us-east")).changes
    assert "not taken: region" in str(outcome.error)


def test_drift_whose_revert_is_not_taken_stays_drift_in_the_plan() -> None:
    fleet = applied()
    only(fleet)["region"] = "us-east"
    fleet.store.ignore = frozenset({"region"})
    for _ in range(2):
        (outcome,) = fleet.apply(spec()).changes
        assert outcome.result is Result.FAILED
        assert origins(fleet.plan(spec())) == {"region": "drift"}


def test_a_create_that_is_not_taken_stays_in_the_plan() -> None:
    fleet = Fleet()
    fleet.store.distort = lambda d: {**d, "region": "eu-north"}
    (outcome,) = fleet.apply(spec()).changes
    assert "not taken: region" in str(outcome.error)
    assert origins(fleet.plan(spec())) == {"region": "git"}
    assert len(fleet.store.agents) == 1


@pytest.mark.parametrize("desired", [[], [HOOK]])
def test_a_tool_that_the_api_does_not_remove_is_not_taken_and_stays_in_the_plan(
    desired: list[Any],
) -> None:
    fleet = applied(tools=[HANGUP, HOOK])
    fleet.store.ignore = frozenset({"tools"})
    (outcome,) = fleet.apply(spec(tools=desired)).changes
    assert "not taken: tools.hangup" in str(outcome.error).replace("check_order, tools.", "")
    assert origins(fleet.plan(spec(tools=desired)))["tools.hangup"] == "git"


def test_a_tool_added_in_the_dashboard_that_the_api_does_not_remove_stays_drift() -> None:
    fleet = applied(tools=[])
    only(fleet)["tools"] = [{**HANGUP, "id": "x"}]
    fleet.store.ignore = frozenset({"tools"})
    (outcome,) = fleet.apply(spec(tools=[])).changes
    assert "not taken: tools.hangup" in str(outcome.error)
    assert origins(fleet.plan(spec(tools=[]))) == {"tools.hangup": "drift"}


def test_tools_declared_for_the_first_time_and_not_taken_stay_in_the_plan() -> None:
    fleet = applied()
    only(fleet)["tools"] = [{**HANGUP, "id": "x"}]
    fleet.carry_out(fleet.plan(spec()))
    fleet.store.ignore = frozenset({"tools"})
    (outcome,) = fleet.apply(spec(tools=[])).changes
    assert "not taken: tools.hangup" in str(outcome.error)
    assert "tools.hangup" in origins(fleet.plan(spec(tools=[])))


def test_a_key_that_was_sent_and_is_still_there_is_not_taken() -> None:
    models = spec().declared["models"]
    fleet = applied(models={**models, "stt_kwargs": {"a": 1, "b": 2}})
    fleet.store.distort = lambda d: {
        **d,
        "models": {**d["models"], "stt_kwargs": {"b": 2, **d["models"]["stt_kwargs"]}},
    }
    (outcome,) = fleet.apply(spec(models={**models, "stt_kwargs": {"a": 1}})).changes
    assert "not taken: models.stt_kwargs" in str(outcome.error)


def test_a_key_that_the_api_adds_again_is_taken_with_a_warning() -> None:
    fleet = Fleet()
    fleet.store.distort = lambda d: {
        **d,
        "models": {**d["models"], "stt_kwargs": {"p": 1, **d["models"].get("stt_kwargs", {})}},
    }
    fleet.apply(spec())
    desired = spec(models={**spec().declared["models"], "stt_kwargs": {"model": "x"}})
    (outcome,) = fleet.apply(desired).changes
    assert outcome.result is Result.DONE
    assert any("the API has p in it again" in w for w in outcome.warnings)
    assert fleet.plan(desired).changes == ()


@pytest.mark.parametrize("killed", [False, True])
def test_nudges_reset_twice_after_a_kill_are_taken(killed: bool) -> None:  # noqa: FBT001  # a parameter of pytest
    nudges = dict.fromkeys(("first_nudge_text", "second_nudge_text", "final_hangup_text"), "x")
    fleet = applied(idle_nudges=nudges)
    fleet.carry_out_until_killed(fleet.plan(spec()), 1 if killed else 9)
    assert fleet.apply(spec()).exit_code == 0
    assert fleet.plan(spec()).changes == ()


def test_null_nudges_of_an_adopted_agent_that_has_computed_ones_are_taken() -> None:
    fleet = applied()
    fleet.ledger.state = type(fleet.ledger.state)()
    assert fleet.apply(spec(idle_nudges=None)).exit_code == 0
    assert fleet.plan(spec(idle_nudges=None)).changes == ()


def test_drift_can_be_left_and_stays_drift_until_git_moves() -> None:
    fleet = applied()
    fleet.project = project(on_drift="leave")
    only(fleet)["greeting"] = "Edited"
    plan = fleet.plan(spec())
    assert plan.changes == ()
    assert any("greeting was changed live and is left" in w for w in plan.warnings)
    fleet.apply(spec(region="us-east"))
    assert only(fleet)["greeting"] == "Edited"
    assert not fleet.drift(spec(region="us-east")).clean
    assert origins(fleet.plan(spec(greeting="Hi!", region="us-east"))) == {"greeting": "conflict"}


def ignoring(until: str | None = None) -> Project:
    return project(ignore=[{"path": "greeting", "reason": "A trial.", "until": until}])


def test_drift_that_is_ignored_is_not_reverted() -> None:
    fleet = applied()
    fleet.project = ignoring()
    only(fleet)["greeting"] = "On trial"
    plan = fleet.plan(spec())
    assert plan.changes == ()
    told = "greeting was changed live and is left as it is (ignored: A trial.)"
    assert any(told in warning for warning in plan.warnings)
    fleet.apply(spec(region="us-east"))
    assert only(fleet)["greeting"] == "On trial"
    assert only(fleet)["region"] == "us-east"
    report = fleet.drift(spec(region="us-east"))
    assert report.clean
    assert [f.ignored for agent in report.agents for f in agent.fields] == ["A trial."]


def test_git_still_decides_on_a_field_whose_drift_is_ignored() -> None:
    fleet = applied()
    fleet.project = ignoring()
    only(fleet)["greeting"] = "On trial"
    assert origins(fleet.plan(spec(greeting="Hi!"))) == {"greeting": "conflict"}
    fleet.apply(spec(greeting="Hi!"))
    assert only(fleet)["greeting"] == "Hi!"


def test_drift_is_reverted_from_the_day_after_the_last_one_on_which_it_is_ignored() -> None:
    fleet = applied()
    only(fleet)["greeting"] = "On trial"
    fleet.project = ignoring(NOW.date().isoformat())
    assert fleet.plan(spec()).changes == ()
    fleet.project = ignoring((NOW.date() - timedelta(days=1)).isoformat())
    assert origins(fleet.plan(spec())) == {"greeting": "drift"}


def test_left_drift_in_a_tools_auth_never_sends_a_secret_to_another_kind_of_auth() -> None:
    fleet = applied(tools=[HOOK])
    fleet.project = project(on_drift="leave")
    only(fleet)["tools"][0]["auth"] = None
    fleet.apply(spec(tools=[HOOK], greeting="Hi!"))
    (sent,) = (b for m, _, b in fleet.store.writes if m == "PUT")
    assert sent is not None
    assert "auth" not in sent["tools"][0]
    only(fleet)["tools"][0]["auth"] = {"type": "hmac"}
    (change,) = fleet.plan(spec(tools=[HOOK], greeting="Hey!")).changes
    assert "can not be read back" in str(change.blocked)


@pytest.mark.parametrize("value", [None, "", "x"])
def test_absent_null_and_empty_are_told_apart(value: Any) -> None:
    fleet = applied(extra_field=value)
    others = {None, "", "x"} - {value}
    assert fleet.plan(spec(extra_field=value)).changes == ()
    for other in others:
        assert fields(fleet.plan(spec(extra_field=other)))


def test_one_is_one_point_zero_but_true_is_not_one() -> None:
    assert same({"a": [1]}, {"a": [1.0]})
    assert not same({"a": [1]}, {"a": [True]})
    fleet = applied(extra_field=1)
    assert fleet.plan(spec(extra_field=1.0)).changes == ()
    assert fields(fleet.plan(spec(extra_field=True)))


def test_keys_with_two_underscores_are_compared_like_all_others() -> None:
    fleet = applied(extra_field={"__a": 1, "b": 1})
    changed = origins(fleet.plan(spec(extra_field={"__a": 2, "b": 2})))
    assert set(changed) == {"extra_field.__a", "extra_field.b"}


def test_true_in_place_of_one_live_is_remembered_by_the_next_apply() -> None:
    fleet = applied()
    only(fleet)["flag"] = 1
    fleet.apply(spec())
    only(fleet)["flag"] = True
    fleet.apply(spec())
    assert fleet.drift(spec(), strict=True).clean


class TestDrift:
    def status(self, fleet: Fleet, *desired: Any, strict: bool = False) -> list[str]:
        return [str(a.status) for a in fleet.drift(*desired, strict=strict).agents]

    def test_clean_and_pending(self) -> None:
        fleet = applied()
        assert self.status(fleet, spec()) == [DriftStatus.CLEAN]
        assert self.status(fleet, spec(greeting="Hi!")) == [DriftStatus.PENDING]
        assert self.status(fleet) == [DriftStatus.PENDING]
        assert fleet.drift(spec(greeting="Hi!")).clean

    def test_a_change_of_an_undeclared_field_counts_with_strict_only(self) -> None:
        fleet = applied()
        only(fleet)["enable_interruptions"] = False
        assert self.status(fleet, spec()) == [DriftStatus.CLEAN]
        (agent,) = fleet.drift(spec()).agents
        assert [f.declared for f in agent.fields] == [False]
        assert self.status(fleet, spec(), strict=True) == [DriftStatus.DRIFTED]

    @pytest.mark.parametrize(
        ("inside", "value"),
        [
            ((), 2),
            ((), None),
            ((), {"on": True}),
            (("execution_policy",), 2),
            (("execution_policy", "pre_action_message"), True),
            (("system",), [1]),
        ],
        ids=str,
    )
    def test_a_key_that_nobody_knows_in_a_declared_tool_is_undeclared(
        self, inside: tuple[str, ...], value: Any
    ) -> None:
        tool = {**HOOK, "source": "system", "system": {"triggers": [{"event": "call_end"}]}}
        desired = spec(tools=[tool])
        fleet = applied(tools=[tool])
        for changed in (value, "another", ABSENT):  # new to us; then remembered, changed, gone
            (live,) = only(fleet)["tools"]
            only(fleet)["tools"] = [set_path(live, (*inside, "retries"), changed)]
            (agent,) = fleet.drift(desired).agents
            assert [f.change.path[2:] for f in agent.fields] == [(*inside, "retries")]
            assert [f.declared for f in agent.fields] == [False]
            assert agent.status is DriftStatus.CLEAN
            assert self.status(fleet, desired, strict=True) == [DriftStatus.DRIFTED]
            assert fleet.plan(desired).changes == ()
            fleet.apply(desired)

    def test_a_key_that_the_spec_has_in_a_tool_is_declared_whoever_knows_it(self) -> None:
        tool = {**HANGUP, "prompt": "Bye.", "retries": {"most": 2}}
        desired = spec(tools=[tool])
        for key, value in (("retries", {"most": 2, "more": 3}), ("prompt", "Ciao.")):
            fleet = applied(tools=[tool])
            only(fleet)["tools"][0][key] = value
            (agent,) = fleet.drift(desired).agents
            assert agent.status is DriftStatus.DRIFTED
            assert [f.declared for f in agent.fields] == [True]
            assert len(origins(fleet.plan(desired))) == 1

    def test_what_a_tool_of_another_type_has_is_declared(self) -> None:
        fleet = applied(tools=[HANGUP])
        desired = spec(tools=[HANGUP])
        (tool,) = only(fleet)["tools"]
        tool.pop("template")
        tool.update(type="built_in", built_in="current_datetime", beta=1)
        (agent,) = fleet.drift(desired).agents
        assert agent.status is DriftStatus.DRIFTED
        assert all(f.declared for f in agent.fields)
        assert "beta" in {f.change.path[-1] for f in agent.fields}

    def test_a_tool_added_or_removed_live_is_declared(self) -> None:
        for live in ([], [{**HANGUP, "id": "x"}, {**HANGUP, "id": "y", "retries": 2}]):
            fleet = applied(tools=[HANGUP])
            only(fleet)["tools"] = live
            (agent,) = fleet.drift(spec(tools=[HANGUP])).agents
            assert agent.status is DriftStatus.DRIFTED

    def test_a_key_that_nobody_knows_in_a_tool_of_a_spec_that_is_gone_is_undeclared(self) -> None:
        fleet = applied(tools=[HANGUP])
        only(fleet)["tools"][0]["retries"] = 2
        (agent,) = fleet.drift().agents
        assert (agent.status, [f.declared for f in agent.fields]) == (DriftStatus.PENDING, [False])

    def test_drifted_and_conflict(self) -> None:
        fleet = applied()
        only(fleet)["greeting"] = "Edited"
        assert self.status(fleet, spec()) == [DriftStatus.DRIFTED]
        assert self.status(fleet, spec(greeting="Hi!")) == [DriftStatus.CONFLICT]
        assert not fleet.drift(spec()).clean

    def test_a_field_newly_declared_and_changed_live_is_a_conflict(self) -> None:
        fleet = applied()
        only(fleet)["enable_interruptions"] = False
        only(fleet)["template_defaults"] = {"a": "b"}
        desired = spec(template_defaults={"c": "d"})
        assert self.status(fleet, desired) == [DriftStatus.CONFLICT]

    def test_a_whole_object_gone_live_counts_for_its_owned_parts(self) -> None:
        nudges = dict.fromkeys(("first_nudge_text", "second_nudge_text", "final_hangup_text"), "x")
        fleet = applied(idle_nudges=nudges)
        only(fleet)["idle_nudges"] = None
        assert self.status(fleet, spec(idle_nudges=nudges)) == [DriftStatus.DRIFTED]

    def test_vanished_recreated_never_applied_and_unmanaged(self) -> None:
        fleet = applied()
        fleet.store.agents.clear()
        fleet.store.add("Other")
        status = self.status(fleet, spec(), spec("new"))
        assert status == ["vanished", "never_applied", "unmanaged"]
        fleet.store.add("Desk", **spec().declared)
        assert self.status(fleet, spec()) == ["recreated", "unmanaged"]

    def test_without_memory_desired_is_compared_with_live(self) -> None:
        fleet = Fleet()
        fleet.store.add("Desk", **spec(greeting="Old").declared)
        report = fleet.drift(spec())
        assert not report.memory
        assert [str(a.status) for a in report.agents] == ["drifted"]

    def test_ignored_drift_is_listed_and_does_not_count_until_its_day(self) -> None:
        fleet = applied()
        only(fleet)["greeting"] = "Edited"
        for day, clean in (("2026-11-21", True), ("2026-11-20", False)):
            rule = {"path": "greeting", "reason": "A trial.", "until": day}
            fleet.project = project(ignore=[rule])
            report = fleet.drift(spec())
            assert report.clean is clean
            assert report.agents[0].fields[0].ignored == ("A trial." if clean else None)
