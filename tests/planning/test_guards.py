"""Reasons to write nothing, each with its figures, and plans that were reviewed (DESIGN.md 7)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from reconciler.errors import Refused
from reconciler.model.change import Approval, Change, Plan
from reconciler.model.desired import DesiredAgent, Lifecycle, Specs
from reconciler.model.plan_document import PlanDocument
from reconciler.model.values import SecretRef
from reconciler.planning import approve, make_plan, not_reviewed
from tests.fakes import NOW, ORGANISATION
from tests.planning.test_ownership import HOOK, applied, only
from tests.world import Fleet, project, spec

NOTHING = Approval()


def many(count: int, **fields: Any) -> list[DesiredAgent]:
    return [spec(f"a{i:02}", **fields) for i in range(count)]


def fleet_of(*desired: DesiredAgent) -> Fleet:
    fleet = Fleet()
    fleet.apply(*desired)
    return fleet


def codes(plan: Plan) -> list[str]:
    return [guard.code for guard in plan.guards]


@pytest.mark.parametrize(
    ("managed", "gone", "refused"),
    [(20, 5, False), (20, 6, True), (10, 3, False), (10, 4, True), (2, 1, False), (3, 2, True)],
)
def test_deletes_beyond_the_limits_need_a_flag(managed: int, gone: int, refused: bool) -> None:  # noqa: FBT001  # a parameter of pytest
    fleet = fleet_of(*many(managed))
    plan = fleet.plan(*many(managed)[gone:], approval=NOTHING)
    assert codes(plan) == (["deletes"] if refused else [])
    if refused:
        assert f"{gone} of {managed} managed agents" in plan.guards[0].message
        assert plan.guards[0].way_out.startswith(f"pass --allow-deletes {gone}")
    enough = fleet.plan(*many(managed)[gone:], approval=Approval(deletes=gone))
    assert codes(enough) == []
    if refused:
        short = fleet.plan(*many(managed)[gone:], approval=Approval(deletes=gone - 1))
        assert codes(short) == ["deletes"]


def test_missing_agents_beyond_the_limits_need_a_flag_but_not_those_we_deleted() -> None:
    fleet = fleet_of(*many(10))
    for agent_id in list(fleet.store.agents)[:4]:
        del fleet.store.agents[agent_id]
    plan = fleet.plan(*many(10), approval=NOTHING)
    assert codes(plan) == ["vanished"]
    assert "4 of 10 managed agents are missing live" in plan.guards[0].message
    assert codes(fleet.plan(*many(10), approval=Approval(vanished=4))) == []


def test_an_empty_list_while_the_ledger_is_not_is_refused_even_for_one() -> None:
    fleet = applied()
    fleet.store.agents.clear()
    plan = fleet.plan(spec(), approval=NOTHING)
    assert codes(plan) == ["vanished"]
    assert "the API lists no agents at all" in plan.guards[0].message


def test_one_is_told_in_the_singular() -> None:
    fleet = applied()
    fleet.project = project(deletion={"max_count": 1, "quiet_hours": 1})
    told = {guard.code: guard.message for guard in fleet.plan(approval=NOTHING).guards}
    assert told["quiet_hours"].endswith("an agent is deleted after 1 hour without one")
    assert told["empty_specs"].endswith("holds no spec, while 1 agent is managed")
    two = fleet_of(*many(2))
    two.project = project(deletion={"max_count": 1})
    (deletes,) = two.plan(approval=Approval(empty=True)).guards
    assert deletes.message.endswith("would be deleted; the limits are 1 agent and 30 %")
    fleet.store.agents.clear()
    (vanished,) = fleet.plan(spec(), approval=NOTHING).guards
    assert vanished.message.startswith("1 of 1 managed agent is missing live")


def test_the_key_of_another_environment_is_refused() -> None:
    environments = {
        "test": {"api": "https://a.example.com", "api_key": SecretRef("env", "A")},
        "other": {
            "api": "https://a.example.com",
            "api_key": SecretRef("env", "B"),
            "organisation_id": ORGANISATION,
        },
    }
    fleet = Fleet(project=project(environments=environments))
    fleet.store.add("Desk")
    (guard,) = fleet.plan(spec()).guards
    assert guard.code == "organisation"
    assert "which is that of environment other" in guard.message


def test_the_key_of_another_organisation_is_refused() -> None:
    fleet = applied()
    assert codes(fleet.plan(spec(), organisation_id="mine")) == ["organisation"]
    assert codes(fleet.plan(spec(), organisation_id=ORGANISATION)) == []
    fleet.ledger.state = replace(fleet.ledger.state, organisation_id="of the ledger")
    assert "the ledger belongs to of the ledger" in fleet.plan(spec()).guards[0].message


def test_empty_specs_need_a_flag() -> None:
    fleet = applied()
    assert "empty_specs" in codes(fleet.plan(approval=NOTHING))
    skipped = replace(fleet.inputs([], NOTHING), specs=Specs((), skipped=("elsewhere",)))
    assert "empty_specs" not in codes(make_plan(skipped))
    unreadable = replace(fleet.inputs([spec()], NOTHING), specs=Specs((spec(),), found=False))
    assert "empty_specs" in codes(make_plan(unreadable))


def test_prevent_destroy_outlives_its_file() -> None:
    fleet = fleet_of(spec(lifecycle=Lifecycle(prevent_destroy=True)))
    plan = fleet.plan()
    assert codes(plan) == ["prevent_destroy"]
    with pytest.raises(Refused, match="protected by prevent_destroy"):
        approve(plan)


@pytest.mark.parametrize(("hours", "refused"), [(1.99, True), (2, False), (None, False)])
def test_a_delete_waits_for_quiet(hours: float | None, refused: bool) -> None:  # noqa: FBT001  # a parameter of pytest
    fleet = applied()
    fleet.project = project(deletion={"quiet_hours": 2})
    last = None if hours is None else NOW - timedelta(hours=hours)
    calls = dict.fromkeys(fleet.store.agents, last)
    assert codes(fleet.plan(last_calls=calls)) == (["quiet_hours"] if refused else [])


def test_an_unknown_latest_call_is_no_quiet() -> None:
    fleet = applied()
    fleet.project = project(deletion={"quiet_hours": 2})
    assert codes(fleet.plan()) == ["quiet_hours"]


@pytest.mark.parametrize(
    ("policy", "allowed", "refused"),
    [("ask", None, True), ("ask", 1, False), ("forbid", 9, True), ("allow", None, False)],
)
def test_overwriting_an_adopted_agent_is_decided_by_adoption(
    policy: str,
    allowed: int | None,
    refused: bool,  # noqa: FBT001  # a parameter of pytest
) -> None:
    fleet = Fleet(project=project(adoption=policy))
    fleet.store.add("Desk", **spec(greeting="Old").declared)
    plan = fleet.plan(spec(), approval=Approval(adopt=allowed))
    assert codes(plan) == (["adoption"] if refused else [])


def test_an_adopt_that_overwrites_nothing_is_free() -> None:
    fleet = Fleet(project=project(adoption="forbid"))
    fleet.store.add("Desk", **spec().declared)
    assert codes(fleet.plan(spec(), approval=NOTHING)) == []


def test_drift_and_conflict_can_stop() -> None:
    fleet = applied()
    only(fleet)["greeting"] = "Edited"
    fleet.project = project(on_drift="stop")
    assert codes(fleet.plan(spec())) == ["drift"]
    assert codes(fleet.plan(spec(greeting="Hi!"))) == ["conflict"]
    fleet.project = project(on_conflict="stop")
    assert codes(fleet.plan(spec())) == []
    assert codes(fleet.plan(spec(greeting="Hi!"))) == ["conflict"]


def test_updates_beyond_the_limit_need_a_flag_and_secrets_never_count() -> None:
    fleet = fleet_of(*many(4, tools=[HOOK]))
    fleet.project = project(max_update_percent=50)
    half = [*many(2, tools=[HOOK], greeting="Hi!"), *many(4, tools=[HOOK])[2:]]
    assert codes(fleet.plan(*half, approval=NOTHING)) == []
    changed = many(4, tools=[HOOK], greeting="Hi!")
    plan = fleet.plan(*changed, approval=NOTHING)
    assert codes(plan) == ["updates"]
    assert "4 of 4 managed agents would be updated; the limit is 50 %" in plan.guards[0].message
    assert codes(fleet.plan(*changed, approval=Approval(updates=4))) == []
    fleet.hashes = type(fleet.hashes)(lambda _: "rotated", fleet.hashes.text)
    rotated = fleet.plan(*many(4, tools=[HOOK]), approval=NOTHING)
    assert (len(rotated.changes), codes(rotated)) == (4, [])


def reviewed(plan: Plan) -> PlanDocument:
    """A plan as it comes back from a file."""
    document = {
        "format_version": 1,
        "environment": plan.environment,
        "organisation_id": plan.organisation_id,
        "ledger_id": plan.ledger_id,
        "digest": plan.digest,
        "memory": plan.memory,
        "guards": (),
        "summary": dict(plan.summary),
        "changes": tuple(map(_change, plan.changes)),
        "unmanaged": (),
        "warnings": plan.warnings,
    }
    return PlanDocument.model_validate(document)


def _change(change: Change) -> dict[str, Any]:
    names = ("key", "key_from", "action", "agent_id", "name", "name_from", "vanished", "blocked")
    field_names = ("path", "origin", "reset", "secret")
    return {
        **{name: getattr(change, name) for name in (*names, "digest")},
        "fields": tuple(
            {"before": None, "after": None, **{name: getattr(f, name) for name in field_names}}
            for f in change.fields
        ),
    }


class TestReview:
    def test_the_same_plan_is_fresh(self) -> None:
        fleet = applied()
        plan = fleet.plan(spec(greeting="Hi!"))
        assert not_reviewed(fleet.plan(spec(greeting="Hi!")), reviewed(plan), plan.digest) == ()

    @pytest.mark.parametrize("moved", ["spec", "live", "settings"])
    def test_a_stale_plan_is_refused_naming_what_moved(self, moved: str) -> None:
        fleet = applied()
        document = reviewed(fleet.plan(spec(greeting="Hi!")))
        desired = spec(greeting="Hey!" if moved == "spec" else "Hi!")
        if moved == "live":
            only(fleet)["enable_interruptions"] = False
        if moved == "settings":
            fleet.project = project(update="patch")
        with pytest.raises(Refused, match=rf"desk changed since the review \(.*{moved}"):
            not_reviewed(fleet.plan(desired), document, None)

    def test_another_digest_than_expected_is_refused(self) -> None:
        with pytest.raises(Refused, match="no longer the reviewed one"):
            not_reviewed(Fleet().plan(spec()), None, "0" * 64)

    def test_a_change_that_is_no_longer_to_be_made_is_stale(self) -> None:
        fleet = applied()
        document = reviewed(fleet.plan(spec(greeting="Hi!")))
        with pytest.raises(Refused, match="is no longer to be changed"):
            not_reviewed(fleet.plan(spec()), document, None)

    def test_a_change_that_was_blocked_when_reviewed_is_stale(self) -> None:
        fleet = applied()
        foreign = fleet.store.add("Front")
        document = reviewed(fleet.plan(spec(name="Front")))
        del fleet.store.agents[foreign]
        with pytest.raises(Refused, match="was blocked when it was reviewed"):
            not_reviewed(fleet.plan(spec(name="Front")), document, None)

    def test_a_new_unmanaged_agent_makes_nothing_stale(self) -> None:
        fleet = applied()
        plan = fleet.plan(spec(greeting="Hi!"))
        fleet.store.add("New")
        assert not_reviewed(fleet.plan(spec(greeting="Hi!")), reviewed(plan), plan.digest) == ()

    def test_changes_that_it_does_not_hold_are_left_out(self) -> None:
        fleet = applied()
        document = reviewed(fleet.plan(spec(greeting="Hi!")))
        assert not_reviewed(fleet.plan(spec(greeting="Hi!"), spec("new")), document, None) == (
            "new",
        )

    def test_a_plan_of_another_environment_or_ledger_is_refused(self) -> None:
        fleet = applied()
        plan = fleet.plan(spec(greeting="Hi!"))
        for other in ({"environment": "prod"}, {"ledger_id": "other"}):
            with pytest.raises(Refused, match="stale"):
                not_reviewed(plan, reviewed(plan).model_copy(update=other), None)

    @pytest.mark.parametrize(
        ("now", "then", "told"),
        [
            (None, "old", "it rests on the ledger old, and here there is none"),
            ("new", None, "there was no ledger when it was made, and now there is one (new)"),
            ("new", "old", "the ledger is another one (new, not old)"),
        ],
    )
    def test_a_ledger_that_is_not_there_has_no_name(
        self, now: str | None, then: str | None, told: str
    ) -> None:
        plan = replace(applied().plan(spec(greeting="Hi!")), ledger_id=now)
        document = reviewed(plan).model_copy(update={"ledger_id": then})
        with pytest.raises(Refused) as refusal:
            not_reviewed(plan, document, None)
        assert refusal.value.message == f"the reviewed plan is stale: {told}"

    def test_a_changed_secret_may_come_and_go(self) -> None:
        fleet = applied(tools=[HOOK])
        fleet.hashes = type(fleet.hashes)(lambda _: "rotated", fleet.hashes.text)
        document = reviewed(fleet.plan(spec(tools=[HOOK])))
        fleet.hashes = type(fleet.hashes)(lambda _: None, fleet.hashes.text)
        assert not_reviewed(fleet.plan(spec(tools=[HOOK])), document, None) == ()


def test_a_plan_can_be_narrowed_to_some_keys() -> None:
    plan = Fleet().plan(spec("a"), spec("b"), targets=frozenset({"b"}))
    assert [c.key for c in plan.changes] == ["b"]
