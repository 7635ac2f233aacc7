"""Every answer is valid against the published schemas, a small copy of which lies here."""

from __future__ import annotations

import pytest

from tests.sandbox.api import (
    OTHER_TRUNK,
    SCHEMAS,
    TRUNK,
    Api,
    Json,
    agent,
    answered,
    bearer,
    clock_tool,
    hangup,
    on,
    transfer,
    violations,
    webhook,
)


def rich() -> Json:
    return {
        "greeting": "Hi {{name}} {{other}}",
        "template_defaults": {"name": "Sam"},
        "runtime_variables": [{"name": "order", "description": "It."}],
        "sip_inbound_trunk_id": TRUNK,
        "sip_outbound_trunk_id": OTHER_TRUNK,
        "inbound_greeting": "Hi",
        "tools": [
            webhook(
                auth=bearer(),
                source="system",
                system=on("call_end")
                | {
                    "arguments": [
                        {"name": "a", "type": "string", "source": {"type": "call_id"}},
                        {"name": "b", "type": "number", "source": {"type": "constant", "value": 1}},
                    ]
                },
                execution_policy={"pre_action_message": {"enabled": True, "text": "Wait."}},
            ),
            transfer(),
            clock_tool(),
            hangup(execution_policy={}),
        ],
    }


@pytest.mark.parametrize("era", ["api", "reference", "deployed"])
def test_answers_are_valid_in_each_era(era: str, request: pytest.FixtureRequest) -> None:
    api: Api = request.getfixturevalue(era)
    key = {"slng_api_key": "k"} if era == "reference" else {}
    definition = "DeployedVoiceAgentOut" if era == "deployed" else "VoiceAgentOut"
    made = api.create(**rich(), **key)
    plain = api.create(name="plain", **key)
    copy = api.call("POST", f"/v1/agents/{made['id']}/duplicate", {"name": "copy"} | key)
    for document in (made, plain, answered(copy, 201), api.patch(plain["id"], greeting="Hi")):
        assert violations(document, definition) == []


def test_answers_have_every_documented_field_and_no_other(api: Api) -> None:
    assert set(api.create()) == set(SCHEMAS["$defs"]["VoiceAgentOut"]["properties"])


def test_deployed_answers_have_the_live_extras(deployed: Api) -> None:
    properties = SCHEMAS["$defs"]["DeployedVoiceAgentOut"]["properties"]
    assert set(deployed.create()) == set(properties)


def test_refusals_are_valid_in_each_era(api: Api, deployed: Api) -> None:
    for body in ({}, agent(greeting="{{"), agent(region="mars")):
        refusal = api.call("POST", "/v1/agents", body).json()
        assert violations(refusal, "ErrorResponse") == []
        refusal = deployed.call("POST", "/v1/agents", body).json()
        assert violations(refusal, "DeployedErrorEnvelope") == []
        assert refusal["error"]["request_id"]
