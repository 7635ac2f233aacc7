"""What the deployed service does otherwise (API.md 3.2, 4.6, 4.7, 6)."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.sandbox import SandboxOptions
from tests.sandbox.api import TRUNK, Api, Json, agent, answered, hangup, models, transfer, webhook

ATTACHMENT = "33333333-3333-4333-8333-333333333333"
REF: Json = {"attachment_id": ATTACHMENT, "tool_id": TRUNK, "version": 1}
MCP: Json = {
    "attachment_id": ATTACHMENT,
    "server_id": TRUNK,
    "tool_name": "search",
    "observed_schema_hash": "a" * 64,
}
CONFIG = "Voice agent config is invalid. Fix the highlighted fields and try again."


def error(api: Api, status: int, method: str, path: str, body: Any = None) -> Any:
    refusal = answered(api.call(method, path, body), status)
    assert refusal["detail"] == refusal["error"]["message"]
    return refusal["error"]


def refused_fields(api: Api, method: str, path: str, body: Any) -> list[str]:
    problem = error(api, 422, method, path, body)
    assert (problem["code"], problem["message"]) == ("AGENT_VALIDATION_FAILED", CONFIG)
    return [field["path"] for field in problem["fields"]]


def refused_create(api: Api, **fields: Any) -> list[str]:
    return refused_fields(api, "POST", "/v1/agents", agent(**fields))


def test_every_refusal_wears_the_envelope(deployed: Api) -> None:
    made = deployed.create()
    response = deployed.call("POST", "/v1/agents", agent())
    problem = answered(response, 409)["error"]
    assert problem == {
        "code": "AGENT_NAME_CONFLICT",
        "message": "Agent with name 'Desk' already exists",
        "request_id": response.headers["x-request-id"],
    }
    missing = "/v1/agents/" + made["id"].replace(made["id"][:8], "00000000")
    assert error(deployed, 404, "GET", missing)["code"] == "AGENT_NOT_FOUND"
    assert error(deployed, 404, "GET", "/v1/agents/tools")["code"] == "RESOURCE_NOT_FOUND"
    assert refused_fields(deployed, "GET", "/v1/agents/desk", None) == ["path.agent_id"]
    keyless = answered(deployed.call("GET", "/v1/agents", headers={}), 401)["error"]
    assert (keyless["code"], keyless["retryable"]) == ("AUTH_REQUIRED", False)


def test_models_and_live_extras_are_enriched(deployed: Api) -> None:
    made = deployed.create()
    assert made["models"]["stt_kwargs"] == {"punctuate": True}
    kept = deployed.create(name="kept", models=models(stt_kwargs={"punctuate": False}))
    assert kept["models"]["stt_kwargs"] == {"punctuate": False}
    assert made["schema_version"] is None
    assert made["tool_mode"] == "shared"
    assert (made["tool_refs"], made["mcp_refs"]) == ([], [])
    assert made["orchestrator"] == "livekit"
    assert made["llm_router_enabled"] is True


def test_regions_beyond_the_description_are_taken(deployed: Api) -> None:
    assert deployed.create(region="eu-north")["region"] == "eu-north"
    problem = error(deployed, 404, "POST", "/v1/agents", agent(name="b", region="mars"))
    assert problem["code"] == "AGENT_NOT_FOUND"
    assert problem["message"] == (
        "No default LiveKit deployment configured for region 'mars' and orchestrator 'livekit'"
    )


def test_a_region_is_resolved_together_with_the_orchestrator(deployed: Api) -> None:
    made = deployed.create()
    body = {"region": "eu-central", "orchestrator": "pipecat"}
    problem = error(deployed, 404, "PATCH", f"/v1/agents/{made['id']}", body)
    assert "'eu-central' and orchestrator 'pipecat'" in problem["message"]
    assert deployed.patch(made["id"], orchestrator="pipecat")["orchestrator"] == "pipecat"


def test_a_put_keeps_what_it_leaves_out_and_clears_on_null(deployed: Api) -> None:
    made = deployed.create(
        inbound_greeting="Hi caller",
        sip_inbound_trunk_id=TRUNK,
        enable_interruptions=False,
        noise_cancellation_enabled=True,
        template_defaults={"a": "b"},
        tools=[hangup()],
    )
    assert deployed.put(made["id"]) == made
    cleared = deployed.put(made["id"], inbound_greeting=None, sip_inbound_trunk_id=None, tools=[])
    assert (cleared["inbound_greeting"], cleared["tools"]) == (None, [])
    assert cleared["noise_cancellation_enabled"] is True


def test_an_answer_goes_back_as_it_came_without_the_server_s_own_fields(deployed: Api) -> None:
    made = deployed.create(tool_mode="shared", tool_refs=[REF], greeting="{{a}}")
    own = "id organisation_id created_at updated_at deleted_at livekit_deployment"
    own += " models_validation_error tools template_variables"
    body = {name: value for name, value in made.items() if name not in own.split()}
    path = f"/v1/agents/{made['id']}"
    assert answered(deployed.call("PUT", path, body)) == made
    for name in [*own.split()[:-2], "template_variables"]:
        sent = body | {name: made[name]}
        assert refused_fields(deployed, "PUT", path, sent) == [f"body.{name}"]


def test_tools_sent_without_a_mode_make_a_legacy_agent(deployed: Api) -> None:
    assert deployed.create(tools=[hangup()])["tool_mode"] == "legacy"
    assert deployed.create(name="b", tools=[])["tool_mode"] == "shared"


def test_a_shared_agent_takes_no_legacy_tools(deployed: Api) -> None:
    made = deployed.create()
    path = f"/v1/agents/{made['id']}"
    assert refused_create(deployed, tool_mode="shared", tools=[hangup()]) == ["body.tools"]
    tools = agent(tools=[hangup()])
    assert refused_fields(deployed, "PUT", path, tools) == ["body.tools"]
    assert refused_fields(deployed, "PATCH", path, {"tools": [hangup()]}) == ["body.tools"]
    assert deployed.put(made["id"], tools=[hangup()], tool_mode="legacy")["tool_mode"] == "legacy"


def test_the_tools_that_a_shared_agent_shows_are_left_to_it(deployed: Api) -> None:
    made = deployed.create(tool_refs=[REF])
    path = f"/_sandbox/agents/{made['id']}"
    shown = answered(deployed.call("POST", path, {"tools": [hangup()]}))
    assert deployed.put(made["id"], greeting="Hi")["tools"] == shown["tools"] == [hangup()]
    assert refused_fields(
        deployed, "PUT", f"/v1/agents/{made['id']}", agent(tools=shown["tools"])
    ) == ["body.tools"]


def test_a_legacy_agent_takes_no_references(deployed: Api) -> None:
    assert refused_create(deployed, tool_mode="legacy", tool_refs=[REF]) == ["body.tool_refs"]
    assert refused_create(deployed, tool_mode="legacy", mcp_refs=[MCP]) == ["body.mcp_refs"]


def test_a_switch_of_mode_says_what_becomes_of_the_other_s_fields(deployed: Api) -> None:
    made = deployed.create(tool_refs=[REF])
    path = f"/v1/agents/{made['id']}"
    legacy = agent(tool_mode="legacy", tools=[hangup()])
    assert refused_fields(deployed, "PUT", path, legacy) == ["body.tool_refs"]
    switched = deployed.put(made["id"], **legacy, tool_refs=[], mcp_refs=[])
    assert (switched["tool_mode"], switched["tool_refs"]) == ("legacy", [])
    shared = agent(tool_mode="shared")
    assert refused_fields(deployed, "PUT", path, shared) == ["body.tools"]
    assert deployed.put(made["id"], **shared, tools=[])["tool_mode"] == "shared"


def test_references_are_for_put_and_not_for_patch(deployed: Api) -> None:
    made = deployed.create()
    path = f"/v1/agents/{made['id']}"
    assert refused_fields(deployed, "PATCH", path, {"tool_refs": [REF]}) == ["body.tool_refs"]
    refs = deployed.put(made["id"], tool_refs=[REF])["tool_refs"]
    assert [ref["attachment_id"] for ref in refs] == [ATTACHMENT]


@pytest.mark.parametrize(
    "fields",
    [
        {"tool_refs": [REF | {"version": 0}]},
        {"tool_refs": [{"tool_id": TRUNK, "attachment_id": ATTACHMENT}]},
        {"tool_refs": [REF | {"invocation": "system"}]},
        {"tool_refs": [REF | {"system": {"triggers": [{"event": "call_end"}]}}]},
        {"tool_refs": [REF, REF]},
        {"mcp_refs": [MCP | {"observed_schema_hash": "A" * 64}]},
        {"mcp_refs": [MCP | {"invocation": "system"}]},
        {"schema_version": 1},
        {"schema_version": 2, "tool_mode": None},
        {"orchestrator": "livekit"},
        {"slng_api_key": "k"},
        {"template_variable_options": {"a": {}}},
    ],
)
def test_wrong_newer_fields_are_refused(deployed: Api, fields: Json) -> None:
    assert refused_create(deployed, **fields)


def test_schema_version_two_asks_for_the_mode_and_is_read_back_as_null(deployed: Api) -> None:
    problem = error(deployed, 422, "POST", "/v1/agents", agent(schema_version=2))
    assert "require explicit tool_mode" in problem["fields"][0]["message"]
    made = deployed.create(schema_version=2, tool_mode="shared")
    assert made["schema_version"] is None


def test_options_of_variables_are_read_back_as_required(deployed: Api) -> None:
    made = deployed.create(
        greeting="{{a}} {{b}}",
        template_defaults={"b": "1"},
        template_variable_options={"a": {"required": False}, "b": {"required": True}},
    )
    assert made["template_variables"] == {
        "a": {"required": False, "usage": ["greeting"]},
        "b": {"required": True, "default": "1", "usage": ["greeting"]},
    }
    assert "template_variable_options" not in made


def test_options_declare_every_variable(deployed: Api) -> None:
    options = {"a": {"required": True}}
    fields = {"greeting": "{{a}}", "template_defaults": {"b": "1"}}
    assert refused_create(deployed, template_variable_options=options, **fields) == [
        "body.template_variable_options"
    ]


@pytest.mark.parametrize(
    ("greeting", "trunk"),
    [("inbound_greeting", "sip_inbound_trunk_id"), ("outbound_greeting", "sip_outbound_trunk_id")],
)
def test_a_greeting_of_a_direction_needs_its_trunk(
    deployed: Api, greeting: str, trunk: str
) -> None:
    assert refused_create(deployed, **{greeting: "Hi"}) == [f"body.{greeting}"]
    made = deployed.create(**{greeting: "Hi", trunk: TRUNK})
    assert made[greeting] == "Hi"


def test_a_copy_without_the_inbound_trunk_has_no_inbound_greeting(deployed: Api) -> None:
    made = deployed.create(inbound_greeting="Hi", sip_inbound_trunk_id=TRUNK)
    path = f"/v1/agents/{made['id']}/duplicate"
    assert answered(deployed.call("POST", path, {"name": "b"}), 201)["inbound_greeting"] is None


def test_a_missing_outbound_trunk_has_its_own_code(deployed: Api) -> None:
    body = agent(tools=[transfer()])
    problem = error(deployed, 422, "POST", "/v1/agents", body)
    assert problem["code"] == "AGENT_OUTBOUND_TRUNK_REQUIRED"
    assert problem["message"] == "Select an outbound SIP trunk for this agent"


def test_a_prompt_with_a_runtime_variable_is_refused_without_fields(deployed: Api) -> None:
    runtime = [{"name": "a", "description": "b"}]
    body = agent(greeting="{{a}}", runtime_variables=runtime)
    problem = error(deployed, 422, "POST", "/v1/agents", body)
    assert problem["code"] == "AGENT_VALIDATION_FAILED"
    assert "fields" not in problem


def test_tasks_come_back_when_there_are_any(deployed: Api) -> None:
    made = deployed.create()
    assert "tasks" not in made
    assert deployed.put(made["id"], tasks=[{"a": 1}])["tasks"] == [{"a": 1}]


def test_an_agent_of_an_older_era_is_shown_and_written_in_the_deployed_one(
    api: Api, database: Any
) -> None:
    made = api.create(tools=[webhook()])
    deployed = Api(database, SandboxOptions(era="deployed"))
    shown = deployed.get(made["id"])
    assert shown["tool_mode"] == "legacy"
    assert deployed.list() == [shown]
    assert deployed.patch(made["id"], greeting="Hi")["tool_mode"] == "legacy"
