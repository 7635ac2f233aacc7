"""What the repo owns (DESIGN.md 4)."""

from typing import Any

import pytest

from reconciler.model.change import Action, Origin
from reconciler.model.desired import Lifecycle
from reconciler.model.outcome import Result
from reconciler.model.values import SecretRef
from tests.fakes import computed_nudges
from tests.world import Fleet, project, spec

TRUNK = "11111111-1111-4111-8111-111111111111"
NUDGES = {
    "first_nudge_text": "Still there?",
    "second_nudge_text": "Hello?",
    "final_hangup_text": "Goodbye.",
}
HANGUP = {"type": "template", "template": "hangup"}
HOOK = {
    "type": "webhook",
    "name": "check_order",
    "description": "Looks it up.",
    "url": "https://crm.example.com",
    "parameters": {},
    "auth": {"type": "bearer", "token": SecretRef("env", "CRM_TOKEN")},
}
WRITABLE = {
    "name",
    "system_prompt",
    "greeting",
    "inbound_greeting",
    "outbound_greeting",
    "language",
    "region",
    "models",
    "idle_nudges",
    "enable_interruptions",
    "tools",
    "sip_inbound_trunk_id",
    "sip_outbound_trunk_id",
    "template_defaults",
    "runtime_variables",
}


def applied(**fields: Any) -> Fleet:
    fleet = Fleet()
    fleet.apply(spec(**fields))
    fleet.store.requests.clear()
    return fleet


def only(fleet: Fleet) -> dict[str, Any]:
    (document,) = fleet.store.agents.values()
    return document


def body(fleet: Fleet, method: str = "PUT") -> dict[str, Any]:
    (sent,) = (b for m, _, b in fleet.store.writes if m == method)
    assert sent is not None
    return sent


def test_a_put_carries_all_fifteen_documented_fields() -> None:
    fleet = applied()
    fleet.apply(spec(greeting="Hi!"))
    assert set(body(fleet)) == WRITABLE


def test_a_trunk_and_nudges_set_in_the_dashboard_survive_a_change_of_greeting() -> None:
    fleet = applied()
    only(fleet).update(sip_outbound_trunk_id=TRUNK, idle_nudges=NUDGES, outbound_greeting="Yo")
    fleet.apply(spec(greeting="Hi!"))
    assert only(fleet)["sip_outbound_trunk_id"] == TRUNK
    assert only(fleet)["outbound_greeting"] == "Yo"
    assert only(fleet)["idle_nudges"]["first_nudge_text"] == "Still there?"
    assert fleet.plan(spec(greeting="Hi!")).changes == ()


def test_unknown_live_fields_are_carried_over_at_every_depth() -> None:
    fleet = applied(tools=[HOOK])
    live = only(fleet)
    live.update(orchestrator="livekit")
    live["models"]["fourth_timeout"] = 1
    live["models"]["fallbacks"] = {"vad": ["x"]}
    live["idle_nudges"]["voice"] = "soft"
    live["tools"][0]["retries"] = 3
    live["tools"][0]["execution_policy"] = {"x": 1, "pre_action_message": {"y": 2}}
    fleet.apply(spec(greeting="Hi!", tools=[HOOK]))
    sent = body(fleet)
    assert sent["orchestrator"] == "livekit"
    assert sent["models"]["fourth_timeout"] == 1
    assert sent["models"]["fallbacks"]["vad"] == ["x"]
    assert sent["idle_nudges"]["voice"] == "soft"
    assert sent["tools"][0]["retries"] == 3
    assert sent["tools"][0]["execution_policy"]["x"] == 1
    assert sent["tools"][0]["execution_policy"]["pre_action_message"]["y"] == 2


def test_inside_a_declared_tool_what_is_not_written_is_the_default() -> None:
    fleet = applied(tools=[{**HOOK, "timeout_seconds": 30}])
    only(fleet)["tools"][0]["http_method"] = "PUT"
    (change,) = fleet.plan(spec(tools=[HOOK])).changes
    assert [(f.path, f.after) for f in change.fields] == [
        (("tools", "check_order", "http_method"), "POST"),
        (("tools", "check_order", "timeout_seconds"), 10),
    ]


def test_models_and_their_fallbacks_are_owned_key_by_key() -> None:
    fleet = applied()
    only(fleet)["models"].update(stt_kwargs={"a": 1}, fallbacks={"stt": ["x"]})
    models = {"stt": "nova-3", "llm": "gpt", "tts": "aura", "tts_voice": "thalia"}
    fleet.apply(spec(models={**models, "fallbacks": {"llm": ["y"]}}))
    assert only(fleet)["models"]["stt_kwargs"] == {"a": 1}
    assert only(fleet)["models"]["fallbacks"] == {"stt": ["x"], "llm": ["y"], "tts": []}


def test_a_free_map_is_owned_whole_once_declared() -> None:
    fleet = applied()
    only(fleet)["template_defaults"] = {"theirs": "x"}
    fleet.apply(spec(template_defaults={"mine": "y"}))
    assert only(fleet)["template_defaults"] == {"mine": "y"}


@pytest.mark.parametrize(
    ("field", "value", "default"),
    [
        ("enable_interruptions", False, True),
        ("tools", [HANGUP], []),
        ("template_defaults", {"a": "b"}, {}),
        ("runtime_variables", [{"name": "x", "description": "y"}], []),
    ],
)
def test_a_field_that_is_declared_no_more_goes_back_to_its_default(
    field: str, value: Any, default: Any
) -> None:
    fleet = applied(**{field: value})
    (change,) = fleet.plan(spec()).changes
    assert {f.reset for f in change.fields} == {True}
    fleet.apply(spec())
    assert body(fleet)[field] == default
    assert fleet.plan(spec()).changes == ()


def test_a_directional_greeting_that_is_declared_no_more_is_nulled() -> None:
    fleet = applied(outbound_greeting="Yo", sip_outbound_trunk_id=TRUNK)
    fleet.apply(spec(sip_outbound_trunk_id=TRUNK))
    assert body(fleet)["outbound_greeting"] is None


def test_model_options_that_are_declared_no_more_go_back_to_their_defaults() -> None:
    base = spec().declared["models"]
    options = {"llm_kwargs": {"t": 1}, "failure_audio_enabled": False, "fallbacks": {"stt": ["x"]}}
    fleet = applied(models={**base, **options})
    fleet.apply(spec())
    sent = body(fleet)["models"]
    assert sent["llm_kwargs"] == {}
    assert sent["failure_audio_enabled"] is True
    assert sent["fallbacks"]["stt"] == []


def test_all_nudges_taken_out_are_nulled_as_one() -> None:
    fleet = applied(idle_nudges=NUDGES)
    fleet.apply(spec())
    assert body(fleet)["idle_nudges"] is None
    assert only(fleet)["idle_nudges"] == computed_nudges("en")
    assert fleet.plan(spec()).changes == ()


def test_computed_nudges_settle_though_the_api_writes_the_language_in_its_own_way() -> None:
    fleet = Fleet()
    fleet.store.distort = lambda d: {**d, "language": str(d["language"]).lower()}
    assert fleet.apply(spec(language="de-DE")).exit_code == 0
    assert fleet.plan(spec(language="de-DE")).changes == ()
    fleet.apply(spec(language="fr-FR"))
    assert only(fleet)["idle_nudges"] == computed_nudges("fr-fr")


@pytest.mark.parametrize("on_drift", ["leave", "revert"])
def test_a_language_changed_live_is_no_reason_to_reset_computed_nudges(on_drift: str) -> None:
    fleet = applied(language="en")
    nudges = only(fleet)["idle_nudges"]
    fleet.project = project(on_drift=on_drift)
    only(fleet)["language"] = "de"
    fleet.apply(spec(language="en"))
    assert only(fleet)["idle_nudges"] == nudges
    assert only(fleet)["language"] == ("de" if on_drift == "leave" else "en")
    assert fleet.plan(spec(language="en")).changes == ()


def test_one_nudge_delay_taken_out_goes_back_to_its_default() -> None:
    fleet = applied(idle_nudges={**NUDGES, "first_nudge_delay_seconds": 5})
    fleet.apply(spec(idle_nudges=NUDGES))
    assert body(fleet)["idle_nudges"]["first_nudge_delay_seconds"] == 15


def test_one_nudge_text_taken_out_blocks() -> None:
    fleet = applied(idle_nudges=NUDGES)
    rest = {k: v for k, v in NUDGES.items() if k != "final_hangup_text"}
    outcome = fleet.apply(spec(idle_nudges=rest))
    (change,) = outcome.changes
    assert "idle_nudges.final_hangup_text is no longer declared" in str(change.error)
    assert change.result is Result.REFUSED
    assert fleet.store.writes == []


def test_nudges_reset_but_not_taken_stay_in_the_plan() -> None:
    fleet = applied(idle_nudges=NUDGES)
    fleet.store.ignore = frozenset({"idle_nudges"})
    (outcome,) = fleet.apply(spec()).changes
    assert outcome.result is Result.FAILED
    (change,) = fleet.plan(spec()).changes
    assert [(f.path, f.reset) for f in change.fields] == [(("idle_nudges",), True)]


@pytest.mark.parametrize("update", ["put", "patch"])
def test_nudges_declared_as_the_api_computed_them_and_taken_out_again_are_taken(
    update: Any,
) -> None:
    lifecycle = Lifecycle(update=update)
    fleet = applied()
    declared = computed_nudges("en")
    fleet.apply(spec(idle_nudges=declared, greeting="Hi!", lifecycle=lifecycle))
    assert fleet.apply(spec(greeting="Hi!", lifecycle=lifecycle)).exit_code == 0
    assert fleet.plan(spec(greeting="Hi!", lifecycle=lifecycle)).changes == ()


@pytest.mark.parametrize("update", ["put", "patch"])
def test_nudges_taken_out_and_computed_as_those_of_another_agent_are_taken(update: Any) -> None:
    lifecycle = Lifecycle(update=update)
    fleet = Fleet()
    fleet.apply(spec(idle_nudges=computed_nudges("en"), lifecycle=lifecycle), spec("other"))
    desired = spec(lifecycle=lifecycle), spec("other")
    assert fleet.apply(*desired).exit_code == 0
    assert fleet.plan(*desired).changes == ()


def test_nudges_of_another_agent_that_the_api_did_not_compute_prove_nothing() -> None:
    fleet = Fleet()
    fleet.apply(spec(idle_nudges=NUDGES), spec("other", idle_nudges=NUDGES))
    fleet.store.ignore = frozenset({"idle_nudges"})
    outcome = fleet.apply(spec(), spec("other", idle_nudges=NUDGES))
    assert "not taken: idle_nudges" in str(outcome.changes[0].error)


def test_new_texts_in_place_of_computed_ones_are_not_the_apis() -> None:
    fleet = applied()
    fleet.apply(spec(idle_nudges=NUDGES))
    assert fleet.ledger.read().records["desk"].computed == ()


def test_a_trunk_is_never_reset_and_the_plan_says_so() -> None:
    fleet = applied(sip_outbound_trunk_id=TRUNK)
    plan = fleet.plan(spec())
    assert plan.changes == ()
    assert any("sip_outbound_trunk_id is no longer declared" in w for w in plan.warnings)
    assert only(fleet)["sip_outbound_trunk_id"] == TRUNK


def test_null_clears_a_trunk() -> None:
    fleet = applied(sip_outbound_trunk_id=TRUNK)
    fleet.apply(spec(sip_outbound_trunk_id=None))
    assert only(fleet)["sip_outbound_trunk_id"] is None
    assert fleet.plan(spec(sip_outbound_trunk_id=None)).changes == ()


def test_a_null_answered_with_the_old_value_is_not_taken() -> None:
    fleet = applied(sip_outbound_trunk_id=TRUNK)
    fleet.store.ignore = frozenset({"sip_outbound_trunk_id"})
    (outcome,) = fleet.apply(spec(sip_outbound_trunk_id=None)).changes
    assert "not taken: sip_outbound_trunk_id" in str(outcome.error)


def test_declared_null_nudges_answered_with_computed_ones_are_in_sync() -> None:
    fleet = applied(idle_nudges=None)
    assert fleet.plan(spec(idle_nudges=None)).changes == ()
    (outcome,) = fleet.apply(spec(idle_nudges=None, greeting="Hi!")).changes
    assert outcome.result is Result.DONE


def test_an_extra_field_is_sent_and_compared_as_it_is() -> None:
    fleet = applied(noise_cancellation_enabled=True)
    assert fleet.plan(spec(noise_cancellation_enabled=True)).changes == ()
    (change,) = fleet.plan(spec(noise_cancellation_enabled=1)).changes
    assert change.fields[0].path == ("noise_cancellation_enabled",)


def test_an_extra_field_declared_no_more_is_left_live_with_a_warning() -> None:
    fleet = applied(noise_cancellation_enabled=True)
    plan = fleet.plan(spec())
    assert plan.changes == ()
    assert any("noise_cancellation_enabled is no longer declared" in w for w in plan.warnings)


def test_a_write_only_extra_field_is_known_by_its_hash_alone() -> None:
    fleet = Fleet()
    fleet.store.distort = lambda d: {k: v for k, v in d.items() if k != "pin"}
    (outcome,) = fleet.apply(spec(pin="canary")).changes
    assert outcome.result is Result.DONE
    assert any("pin is write-only" in w for w in outcome.warnings)
    assert "canary" not in str(fleet.ledger.read().records["desk"].sent)
    assert fleet.plan(spec(pin="canary")).changes == ()
    (change,) = fleet.plan(spec(pin="other")).changes
    assert [(f.path, f.secret) for f in change.fields] == [(("pin",), True)]
    (outcome,) = fleet.apply(spec(pin="other")).changes
    assert outcome.warnings == ()
    assert fleet.plan(spec(pin="other")).changes == ()


@pytest.mark.parametrize("answered", [{}, {"pin": None}])
def test_a_write_only_field_declared_no_more_blocks_what_would_erase_it(
    answered: dict[str, None],
) -> None:
    fleet = Fleet()
    fleet.store.distort = lambda d: {k: v for k, v in d.items() if k != "pin"} | answered
    fleet.apply(spec(pin="canary"))
    assert fleet.plan(spec()).changes == ()
    fleet.apply(spec())
    (change,) = fleet.plan(spec(greeting="Hi!")).changes
    assert "pin was sent once" in str(change.blocked)
    patched = spec(greeting="Hi!", lifecycle=Lifecycle(update="patch"))
    (outcome,) = fleet.apply(patched).changes
    assert outcome.result is Result.DONE
    (change,) = fleet.plan(spec(greeting="Ho!")).changes
    assert change.blocked is not None  # it is still known
    (change,) = fleet.plan(spec(greeting="Ho!", pin=None)).changes
    assert change.blocked is None


def test_a_write_only_field_that_the_api_tells_after_all_is_carried() -> None:
    fleet = Fleet()
    fleet.store.distort = lambda d: {k: v for k, v in d.items() if k != "pin"}
    fleet.apply(spec(pin="canary"))
    fleet.store.distort = lambda d: {**d, "pin": "canary"}
    only(fleet)["pin"] = "canary"
    (change,) = fleet.plan(spec(greeting="Hi!")).changes
    assert change.blocked is None
    assert change.write is not None
    assert change.write.body["pin"] == "canary"


def test_an_omitted_unknown_field_is_not_carried() -> None:
    fleet = applied()
    only(fleet)["orchestrator"] = "livekit"
    fleet.project = project(unknown_fields={"orchestrator": "omit"})
    fleet.apply(spec(greeting="Hi!"))
    assert "orchestrator" not in body(fleet)


@pytest.mark.parametrize("keeps", [True, False])
def test_a_carried_field_that_the_api_refuses_is_left_out_once_and_learned(
    keeps: bool,  # noqa: FBT001  # a parameter of the test
) -> None:
    fleet = applied()
    only(fleet).update(computed_a=1, computed_b=2)
    fleet.store.refuse = frozenset({"computed_a", "computed_b"})
    fleet.store.refuses_one_at_a_time = True
    if keeps:
        fleet.store.distort = lambda d: {**d, "computed_a": 1, "computed_b": 2}
    (outcome,) = fleet.apply(spec(greeting="Hi!")).changes
    assert outcome.result is (Result.DONE if keeps else Result.FAILED)
    assert len(fleet.store.writes) == 3
    assert fleet.ledger.read().records["desk"].read_only == ("computed_a", "computed_b")
    if not keeps:
        assert "not taken: computed_a, computed_b" in str(outcome.error)
    fleet.store.requests.clear()
    fleet.apply(spec(greeting="Hey!"))
    assert len(fleet.store.writes) == 1
    assert "computed_a" not in body(fleet)


def test_a_nested_unknown_field_that_the_api_refuses_is_left_out_too() -> None:
    fleet = applied()
    only(fleet)["models"]["fourth_timeout"] = 1
    (change,) = fleet.plan(spec(greeting="Hi!")).changes
    assert change.write is not None
    assert change.write.carried == ("models.fourth_timeout",)


def with_author(document: dict[str, Any]) -> dict[str, Any]:
    tools = [{**tool, "created_by": "u1"} for tool in document.get("tools") or []]
    return {**document, "tools": tools}


@pytest.mark.parametrize("keeps", [True, False])
@pytest.mark.parametrize("declared", [True, False])
@pytest.mark.parametrize("one_at_a_time", [True, False])
def test_an_unknown_key_of_tools_that_the_api_refuses_is_left_out_once_and_learned(
    *, keeps: bool, declared: bool, one_at_a_time: bool
) -> None:
    tools: list[dict[str, Any]] = [HANGUP, {**HOOK, "auth": None}]
    mine: dict[str, Any] = {"tools": tools} if declared else {}
    fleet = Fleet()
    fleet.store.distort = with_author
    fleet.store.refuses_one_at_a_time = one_at_a_time
    fleet.apply(spec(tools=tools) if declared else spec())
    if not declared:
        made = [{**tool, "id": f"tool-{n}", "created_by": "u1"} for n, tool in enumerate(tools)]
        only(fleet)["tools"] = made
    fleet.store.refuse_in_tools = frozenset({"created_by"})
    if not keeps:
        fleet.store.distort = lambda document: document
    fleet.store.requests.clear()
    (outcome,) = fleet.apply(spec(greeting="Hi!", **mine)).changes
    assert outcome.result is (Result.DONE if keeps else Result.FAILED), outcome.error
    assert len(fleet.store.writes) == 2
    assert fleet.ledger.read().records["desk"].read_only == ("tools.created_by",)
    if not keeps:
        assert "not taken: tools." in str(outcome.error)
        assert "tools.created_by" in str(outcome.error)
    fleet.store.requests.clear()
    fleet.apply(spec(greeting="Hey!", **mine))
    assert len(fleet.store.writes) == 1


def test_an_unknown_key_of_tools_can_be_left_out_by_the_project() -> None:
    fleet = Fleet(project=project(unknown_fields={"tools.created_by": "omit"}))
    fleet.store.distort = with_author
    fleet.apply(spec(tools=[HANGUP]))
    fleet.store.refuse_in_tools = frozenset({"created_by"})
    assert fleet.apply(spec(tools=[HANGUP], greeting="Hi!")).exit_code == 0


def test_computed_nudges_follow_the_language() -> None:
    fleet = applied()
    fleet.apply(spec(language="de"))
    assert only(fleet)["idle_nudges"] == computed_nudges("de")
    fleet.apply(spec(language="fr"))
    assert only(fleet)["idle_nudges"] == computed_nudges("fr")


@pytest.mark.parametrize("update", ["put", "patch"])
def test_nudges_once_declared_null_follow_the_language_and_the_plan_shows_it(update: Any) -> None:
    lifecycle = Lifecycle(update=update)
    declared: list[dict[str, Any]] = [{"idle_nudges": None}, {}]
    for nudges in declared:
        fleet = applied(idle_nudges=None)
        desired = spec(language="de", lifecycle=lifecycle, **nudges)
        (change,) = fleet.plan(desired).changes
        assert ("idle_nudges",) in {f.path for f in change.fields}
        fleet.apply(desired)
        assert only(fleet)["idle_nudges"] == computed_nudges("de")
        assert fleet.plan(desired).changes == ()


def test_nudges_edited_live_stay_when_the_language_changes_with_a_warning() -> None:
    fleet = applied()
    only(fleet)["idle_nudges"] = NUDGES
    plan = fleet.plan(spec(language="de"))
    assert any("the texts of idle_nudges stay as they are live" in w for w in plan.warnings)
    fleet.carry_out(plan)
    assert only(fleet)["idle_nudges"]["first_nudge_text"] == "Still there?"


def test_a_new_language_with_computed_texts_beside_a_declared_switch_warns() -> None:
    fleet = applied()
    fleet.apply(spec(idle_nudges={"enabled": False}))
    plan = fleet.plan(spec(idle_nudges={"enabled": False}, language="de"))
    assert any("the texts of idle_nudges stay" in w for w in plan.warnings)


def test_undeclared_webhooks_with_a_secret_block_a_put_and_name_the_ways_out() -> None:
    fleet = applied(tools=[HOOK])
    fleet.ledger.state = type(fleet.ledger.state)()
    (change,) = fleet.plan(spec(greeting="Hi!")).changes
    assert "declare `tools` with the secret" in str(change.blocked)
    assert "update: patch" in str(change.blocked)
    patched = spec(greeting="Hi!", lifecycle=Lifecycle(update="patch"))
    (outcome,) = fleet.apply(patched).changes
    assert outcome.result is Result.DONE
    assert body(fleet, "PATCH") == {"greeting": "Hi!"}


def test_patch_sends_the_differing_top_level_fields_whole() -> None:
    fleet = applied(enable_interruptions=False, template_defaults={"a": "b"})
    only(fleet)["models"]["stt_kwargs"] = {"x": 1}
    models = {**spec().declared["models"], "tts_voice": "luna"}
    fleet.apply(spec(models=models, lifecycle=Lifecycle(update="patch")))
    sent = body(fleet, "PATCH")
    assert set(sent) == {"models", "enable_interruptions", "template_defaults"}
    assert sent["models"]["stt_kwargs"] == {"x": 1}
    assert None not in (sent["enable_interruptions"], sent["template_defaults"])


def test_a_patch_that_does_not_send_a_secret_does_not_verify_it() -> None:
    fleet = applied(tools=[HOOK])
    fleet.ledger.state = type(fleet.ledger.state)()
    fleet.apply(spec(tools=[HOOK], lifecycle=Lifecycle(update="patch"), greeting="Hi!"))
    assert fleet.ledger.read().records["desk"].secrets == {}


class TestToolMode:
    def shared(self) -> Fleet:
        fleet = Fleet()
        fleet.apply(spec())
        live = only(fleet)
        live.update(tool_mode="shared", tool_refs=[{"tool_id": "x"}], mcp_refs=[])
        live.pop("tools", None)
        fleet.store.requests.clear()
        return fleet

    def test_a_shared_agent_is_updated_without_tools(self) -> None:
        fleet = self.shared()
        fleet.apply(spec(greeting="Hi!"))
        assert "tools" not in body(fleet)
        assert body(fleet)["tool_refs"] == [{"tool_id": "x"}]

    def test_tools_declared_for_a_shared_agent_block_until_it_is_legacy(self) -> None:
        fleet = self.shared()
        (change,) = fleet.plan(spec(tools=[HANGUP])).changes
        assert "tool_mode: legacy" in str(change.blocked)

    def test_tools_declared_no_more_for_an_agent_turned_shared_change_nothing(self) -> None:
        fleet = Fleet()
        fleet.apply(spec(tools=[HANGUP]))
        live = only(fleet)
        live.update(tool_mode="shared")
        live.pop("tools")
        plan = fleet.plan(spec())
        assert not any(c.blocked for c in plan.changes)
        fleet.carry_out(plan)
        assert all("tools" not in (b or {}) for m, _, b in fleet.store.writes if m == "PUT")
        assert fleet.plan(spec()).changes == ()

    def test_the_switch_to_legacy_clears_references_and_shows_it(self) -> None:
        fleet = self.shared()
        desired = spec(tools=[HANGUP], tool_mode="legacy")
        (change,) = fleet.plan(desired).changes
        cleared = {f.path: f.reset for f in change.fields}
        assert cleared["tool_refs",] is True
        fleet.apply(desired)
        assert body(fleet)["tool_refs"] == []
        assert body(fleet)["mcp_refs"] == []
        assert fleet.plan(desired).changes == ()

    @pytest.mark.parametrize("name", ["tool_refs", "mcp_refs"])
    def test_declared_references_that_the_switch_clears_are_not_said_to_stay(
        self, name: str
    ) -> None:
        fleet = applied(tool_mode="shared", tools=..., **{name: [{"tool_id": "x"}]})
        desired = spec(tool_mode="legacy")
        plan = fleet.plan(desired)
        (change,) = plan.changes
        assert ((name,), []) in [(f.path, f.after) for f in change.fields if f.reset]
        assert plan.warnings == ()
        fleet.carry_out(plan)
        assert only(fleet)[name] == []
        assert fleet.plan(desired).changes == ()

    def test_declared_references_that_stay_are_said_to_stay(self) -> None:
        fleet = applied(tool_mode="shared", tools=..., tool_refs=[{"tool_id": "x"}])
        plan = fleet.plan(spec(tool_mode="shared"))
        assert ["tool_refs is no longer declared" in w for w in plan.warnings] == [True]
        fleet.carry_out(plan)
        assert only(fleet)["tool_refs"] == [{"tool_id": "x"}]

    def test_the_switch_works_where_the_api_answers_no_references(self) -> None:
        fleet = self.shared()
        only(fleet).pop("tool_refs")
        only(fleet).pop("mcp_refs")
        fleet.store.distort = lambda d: {k: v for k, v in d.items() if not k.endswith("_refs")}
        (outcome,) = fleet.apply(spec(tools=[HANGUP], tool_mode="legacy")).changes
        assert outcome.result is Result.DONE
        assert body(fleet)["tool_refs"] == []

    def test_references_that_the_api_did_not_clear_stay_in_the_plan(self) -> None:
        fleet = self.shared()
        fleet.store.ignore = frozenset({"tool_refs"})
        desired = spec(tool_mode="legacy")
        (outcome,) = fleet.apply(desired).changes
        assert "not taken: tool_refs" in str(outcome.error)
        (change,) = fleet.plan(desired).changes
        assert [f.path for f in change.fields] == [("tool_refs",)]

    def test_the_switch_to_shared_sends_no_tools(self) -> None:
        fleet = applied(tools=[HANGUP])
        only(fleet)["tool_mode"] = "legacy"
        fleet.apply(spec(tool_mode="shared"))
        assert body(fleet)["tools"] == []

    def test_shared_with_declared_tools_is_blocked(self) -> None:
        (change,) = Fleet().plan(spec(tool_mode="shared", tools=[HANGUP])).changes
        assert change.blocked == "an agent with `tool_mode: shared` can not declare `tools`"


def test_what_needs_a_trunk_is_blocked_without_one() -> None:
    transfer = {"type": "human_transfer", "name": "desk", "phone_number": "+4930123456"}
    (change,) = Fleet().plan(spec(tools=[transfer], inbound_greeting="Hi")).changes
    assert "human_transfer tool needs an outbound trunk" in str(change.blocked)
    assert "inbound_greeting needs a trunk" in str(change.blocked)


def test_a_live_transfer_without_a_trunk_does_not_block_other_fields() -> None:
    fleet = applied()
    transfer = {"type": "human_transfer", "id": "x", "name": "desk", "phone_number": "+49"}
    only(fleet)["tools"] = [transfer]
    (change,) = fleet.plan(spec(greeting="Hi!")).changes
    assert change.blocked is None


def test_nudges_of_a_new_agent_need_all_texts() -> None:
    (change,) = Fleet().plan(spec(idle_nudges={"enabled": False})).changes
    assert "lacks first_nudge_text, second_nudge_text, final_hangup_text" in str(change.blocked)


def test_an_adopt_leaves_what_is_not_declared() -> None:
    fleet = Fleet()
    fleet.store.add("Desk", **{**spec(greeting="Old").declared, "name": "Desk"}, unknown=1)
    (change,) = fleet.plan(spec()).changes
    assert change.action is Action.ADOPT
    assert [(f.path, f.origin) for f in change.fields] == [(("greeting",), Origin.UNKNOWN)]
    fleet.apply(spec())
    assert only(fleet)["unknown"] == 1
