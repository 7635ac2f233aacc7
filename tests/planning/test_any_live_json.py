"""Whatever JSON an API answers where the documentation has another: a difference, never a crash."""

import copy
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from reconciler import report
from reconciler.model import fields
from reconciler.model.change import Plan
from reconciler.model.desired import DesiredAgent, Lifecycle
from reconciler.model.drift import DriftReport
from reconciler.model.outcome import Result
from reconciler.model.values import Document, SecretRef, same
from tests.fakes import NOW
from tests.planning.odd import Places, bent_document, odd_places
from tests.planning.test_ownership import HANGUP, HOOK, NUDGES
from tests.world import Fleet, project, spec

LINE = "11111111-1111-4111-8111-111111111111"
ROW = {"name": "log", "type": "transcript_messages", "source": {"type": "transcript_messages"}}
SYSTEM: Document = {
    "triggers": [{"event": "tool_succeeded", "source_tool": "check_order"}],
    "arguments": [ROW],
}
EVERYTHING: Document = {
    "idle_nudges": NUDGES,
    "template_defaults": {"business": "Brightwater"},
    "runtime_variables": [{"name": "wish", "description": "What they want."}],
    "sip_outbound_trunk_id": LINE,
    "tool_mode": "legacy",
    "extra_field": {"a": 1},
    "tools": [
        HOOK,
        HANGUP,
        {**HOOK, "name": "log", "source": "system", "system": SYSTEM},
        {"type": "human_transfer", "name": "desk", "phone_number": "+4930123456"},
        {"type": "built_in", "built_in": "current_datetime"},
    ],
}
MODELS = {
    "stt": "nova-2",
    "llm": "gpt",
    "tts": "aura",
    "tts_voice": "thalia",
    "llm_kwargs": {"a": 1},
    "fallbacks": {"stt": ["nova-3"], "tts": []},
}
MANY = settings(
    max_examples=int(os.environ.get("EXAMPLES", "20")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def everything(key: str = "desk", **more: Any) -> DesiredAgent:
    return spec(key, **copy.deepcopy({"models": MODELS, **EVERYTHING, **more}))


def _live() -> Document:
    """What an API holds after an apply of everything, with fields that nobody knows."""
    fleet = Fleet()
    fleet.apply(everything())
    (document,) = fleet.store.agents.values()
    document["tts_cache_enabled"] = True
    document["tools"][0]["created_by"] = {"who": "alice"}
    return document


LIVE = _live()


odd = odd_places(LIVE)


def bent(places: Places) -> Document:
    return bent_document(LIVE, places)


def show(plan: Plan, drift: DriftReport) -> None:
    assert plan.digest
    report.plan_text(plan)
    report.plan_text(plan, verbose=True)
    report.plan_markdown(plan)
    report.plan_html(plan)
    report.dump(report.plan_json(plan))
    report.drift_text(drift)
    report.drift_markdown(drift)
    report.drift_junit_xml(drift)
    report.drift_prometheus_text(drift, now=NOW)
    report.dump(report.drift_json(drift))


REPORTED: list[Places] = [
    [(("tools",), ["x"])],
    [(("tools",), {})],
    [(("tools", 0, "execution_policy"), "x")],
    [(("tools", 0, "execution_policy", "pre_action_message"), [])],
    [(("tools", 2, "system"), "x")],
    [(("tools", 2, "system", "triggers"), {"event": "x"})],
    [(("tools", 2, "system", "arguments"), ["x"])],
    [(("runtime_variables", 0, "name"), [[]])],
    [(("models",), "x")],
    [(("models", "fallbacks"), 5)],
    [(("idle_nudges",), [])],
    [(("tools", 0, "id"), {}), (("tools", 0, "type"), [])],
]


@pytest.mark.parametrize("places", REPORTED)
@pytest.mark.parametrize("change", [{}, {"greeting": "Hi"}, {"tools": ..., "greeting": "Hi"}])
def test_a_value_of_another_type_is_a_difference(places: Places, change: Any) -> None:
    _whatever_it_is(places, change, "put")


@MANY
@given(
    odd,
    st.sampled_from([{}, {"greeting": "Hi"}, {"tools": ...}, {"tools": []}, {"models": MODELS}]),
    st.sampled_from(["put", "patch"]),
)
@example([(("tools",), ["x"])], {"tools": ...}, "put")
def test_any_json_in_any_place_is_planned_shown_and_written(
    places: Places, change: Any, method: str
) -> None:
    _whatever_it_is(places, change, method)


def _whatever_it_is(places: Places, change: Any, method: str) -> None:
    document = bent(places)
    desired = everything(**change)
    owned = DesiredAgent("desk", desired.declared, lifecycle=Lifecycle(update=method))  # type: ignore[arg-type]
    fleet = Fleet()
    fleet.apply(everything())
    (agent_id,) = fleet.store.agents
    fleet.store.agents[agent_id] = copy.deepcopy(document)
    fleet.store.add("Stray", **{k: v for k, v in copy.deepcopy(document).items() if k != "name"})
    for specs in ((owned,), (), (owned, everything("stray"))):  # owned, gone, and to be adopted
        show(fleet.plan(*specs), fleet.drift(*specs, strict=True))
    plan = fleet.plan(owned)
    if not any(each.blocked for each in plan.changes):
        outcome = fleet.carry_out(plan)
        assert [o.error for o in outcome.changes if o.result is not Result.DONE] == []
        assert fleet.plan(owned).changes == ()
    remembered = Fleet(ledger=fleet.ledger, project=project(on_drift="leave"))
    remembered.store.agents[agent_id] = copy.deepcopy(LIVE)
    show(remembered.plan(owned), remembered.drift(owned))


@MANY
@given(odd, odd)
def test_what_was_adopted_from_such_an_answer_can_be_compared_with_another(
    first: Places, second: Places
) -> None:
    fleet = Fleet(project=project(on_drift="leave"))
    agent_id = fleet.store.add("Desk", **{k: v for k, v in bent(first).items() if k != "name"})
    adopted = spec(models=MODELS)
    plan = fleet.plan(adopted)
    if not any(each.blocked for each in plan.changes):
        fleet.carry_out(plan)
    fleet.store.agents[agent_id] = bent(second)
    show(fleet.plan(adopted), fleet.drift(adopted))
    show(fleet.plan(everything()), fleet.drift(everything(), strict=True))


@MANY
@given(odd)
@example([(("tools", 0), None)])
def test_what_was_live_in_such_a_shape_can_be_wanted_again(places: Places) -> None:
    declared = {k: v for k, v in bent(places).items() if k not in fields.SERVER_OWNED}
    wanted = DesiredAgent("desk", declared)
    fleet = Fleet()
    show(fleet.plan(wanted), fleet.drift(wanted))
    fleet.apply(everything())
    show(fleet.plan(wanted), fleet.drift(wanted))


@pytest.mark.parametrize("odd_value", [{}, "x", 5, [[]], {"a": 1}])
@pytest.mark.parametrize("name", ["tools", "runtime_variables"])
def test_what_stands_in_a_lists_place_is_no_empty_list(name: str, odd_value: Any) -> None:
    declared: Document = {name: []}
    fleet = Fleet()
    fleet.apply(spec(**declared))
    (document,) = fleet.store.agents.values()
    document[name] = odd_value
    (change,) = fleet.plan(spec(**declared)).changes
    assert [(f.path, f.before, f.after) for f in change.fields] == [((name,), odd_value, [])]


def test_what_nobody_declared_goes_back_as_it_came() -> None:
    fleet = Fleet()
    fleet.apply(spec())
    (document,) = fleet.store.agents.values()
    document |= {"tools": ["x", {"type": "new"}], "runtime_variables": {"a": True}}
    fleet.apply(spec(greeting="Hi"))
    assert document is not (after := next(iter(fleet.store.agents.values())))
    assert same(after["tools"], ["x", {"type": "new"}])
    assert same(after["runtime_variables"], {"a": True})


def test_two_tools_of_one_id_are_both_compared() -> None:
    fleet = Fleet()
    fleet.apply(spec(tools=[HANGUP]))
    (document,) = fleet.store.agents.values()
    document["tools"].append({**document["tools"][0], "prompt": "Another."})
    (change,) = fleet.plan(spec(tools=[HANGUP])).changes
    assert [f.path for f in change.fields] == [("tools",)]


def test_a_secret_that_a_tool_of_unknown_shape_holds_is_masked() -> None:
    fleet = Fleet()
    fleet.apply(spec(tools=[HANGUP]))
    (document,) = fleet.store.agents.values()
    document["tools"] = {"auth": {"type": "bearer", "token": "canary"}}
    plan = fleet.plan(
        spec(tools=[{**HOOK, "auth": {"type": "bearer", "token": SecretRef("env", "T")}}])
    )
    assert "canary" not in report.plan_text(plan, verbose=True) + report.plan_html(plan)
