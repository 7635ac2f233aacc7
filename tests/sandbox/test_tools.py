"""The four variants of tools and their rules (API.md 5)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.api import (
    TRUNK,
    Api,
    Json,
    agent,
    bearer,
    clock_tool,
    hangup,
    on,
    tool_id,
    transfer,
    webhook,
    wrong,
)

ENABLED: Json = {"pre_action_message": {"enabled": True}}
SPOKEN: Json = {"pre_action_message": {"enabled": True, "text": "One moment."}}
VOICEMAIL = hangup(template="voicemail_detection")


def refusal(api: Api, tool: Json) -> list[tuple[list[str | int], str]]:
    body = agent(tools=[tool], sip_outbound_trunk_id=TRUNK)
    return wrong(api.call("POST", "/v1/agents", body))


def taken(api: Api, tool: Json) -> Json:
    tools: list[Json] = api.create(tools=[tool], sip_outbound_trunk_id=TRUNK)["tools"]
    return tools[0]


def test_a_webhook_comes_back_with_its_defaults(api: Api) -> None:
    assert taken(api, webhook()) == webhook(
        llm_result_instructions=None,
        http_method="POST",
        webhook_format="envelope",
        timeout_seconds=10,
        wait_for_response=True,
        show_results_to_llm=True,
        source="contextual",
        auth_type=None,
    )


def test_a_system_webhook_shows_no_results_unless_asked(api: Api) -> None:
    quiet = webhook(source="system", system=on("call_end"), name="After the call")
    assert taken(api, quiet)["show_results_to_llm"] is False
    made = api.create(name="loud", tools=[quiet | {"show_results_to_llm": True}])
    assert made["tools"][0]["show_results_to_llm"] is True


def test_the_other_tools_come_back_with_their_defaults(api: Api) -> None:
    tools = [transfer(), clock_tool(), hangup()]
    made = api.create(tools=tools, sip_outbound_trunk_id=TRUNK)
    assert made["tools"] == [
        transfer(description=None),
        clock_tool(source="contextual", timezone="UTC", prompt=None),
        hangup(prompt=None),
    ]


def test_tools_keep_their_order(api: Api) -> None:
    tools = [hangup(), webhook(), clock_tool()]
    made = api.create(tools=tools)
    assert [tool["id"] for tool in made["tools"]] == [tool["id"] for tool in tools]
    after = api.patch(made["id"], tools=tools[::-1])
    assert [tool["id"] for tool in after["tools"]] == [tool["id"] for tool in tools[::-1]]


def test_a_webhook_is_open_and_its_unknown_members_come_back(api: Api) -> None:
    assert taken(api, webhook(x_team={"a": [None]}))["x_team"] == {"a": [None]}


@pytest.mark.parametrize("tool", [transfer(), clock_tool(), hangup()])
def test_the_other_tools_are_closed(api: Api, tool: Json) -> None:
    assert refusal(api, tool | {"x_team": 1}) == [
        (["body", "tools", 0, tool["type"], "x_team"], "extra_forbidden")
    ]


def test_a_built_in_tool_has_no_execution_policy(api: Api) -> None:
    assert refusal(api, clock_tool(execution_policy={}))[0][1] == "extra_forbidden"


@pytest.mark.parametrize("tool", [{"type": "sms", "id": tool_id(1)}, {"id": tool_id(1)}])
def test_a_tool_names_its_variant(api: Api, tool: Json) -> None:
    assert refusal(api, tool)[0][1].startswith("union_tag")


def test_tool_ids_are_unique_in_an_agent(api: Api) -> None:
    upper = webhook(id="abcdefab-0000-4000-8000-000000000000")
    tools = [upper, webhook(id=upper["id"].upper())]
    assert api.refused(400, tools=tools) == "Duplicate tool id detected"
    api.create(name="one", tools=[webhook()])
    api.create(name="two", tools=[webhook()])


@pytest.mark.parametrize(
    ("change", "field", "kind"),
    [
        ({"id": "1"}, "id", "uuid_parsing"),
        ({"name": "x" * 65}, "name", "string_too_long"),
        ({"description": "x" * 501}, "description", "string_too_long"),
        ({"description": None}, "description", "string_type"),
        ({"llm_result_instructions": "x" * 2001}, "llm_result_instructions", "string_too_long"),
        ({"parameters": []}, "parameters", "dict_type"),
        ({"http_method": "GET"}, "http_method", "literal_error"),
        ({"webhook_format": "xml"}, "webhook_format", "literal_error"),
        ({"timeout_seconds": 0.5}, "timeout_seconds", "greater_than_equal"),
        ({"timeout_seconds": 61}, "timeout_seconds", "less_than_equal"),
        ({"timeout_seconds": "10"}, "timeout_seconds", "float_type"),
        ({"wait_for_response": None}, "wait_for_response", "bool_type"),
        ({"source": "model"}, "source", "literal_error"),
        ({"system": None}, "system", "null_not_allowed"),
        ({"auth": None}, "auth", "null_not_allowed"),
        ({"execution_policy": None}, "execution_policy", "null_not_allowed"),
    ],
)
def test_a_wrong_member_of_a_webhook_is_refused_where_it_stands(
    api: Api, change: Json, field: str, kind: str
) -> None:
    assert refusal(api, webhook(**change)) == [(["body", "tools", 0, "webhook", field], kind)]


@pytest.mark.parametrize("field", ["id", "name", "description", "url", "parameters"])
def test_a_webhook_needs_its_required_members(api: Api, field: str) -> None:
    tool = {name: value for name, value in webhook().items() if name != field}
    assert refusal(api, tool) == [(["body", "tools", 0, "webhook", field], "missing")]


@pytest.mark.parametrize("name", ["end_call", "detected_answering_machine", "two words", "", "ü"])
def test_some_names_are_refused_for_a_webhook(api: Api, name: str) -> None:
    assert refusal(api, webhook(name=name)) == [(["body", "tools", 0, "webhook"], "value_error")]


@pytest.mark.parametrize("name", ["Check-Order_2", "_x"])
def test_letters_digits_underscores_and_hyphens_name_a_webhook(api: Api, name: str) -> None:
    assert taken(api, webhook(name=name))["name"] == name


@pytest.mark.parametrize("make", [webhook, clock_tool])
def test_a_system_source_needs_a_system_and_no_other_takes_one(api: Api, make: Any) -> None:
    assert refusal(api, make(source="system"))[0][1] == "value_error"
    assert refusal(api, make(system=on("call_start")))[0][1] == "value_error"
    assert taken(api, make(source="system", system=on("call_start")))["source"] == "system"


@pytest.mark.parametrize("event", ["tool_succeeded", "tool_failed"])
def test_an_event_of_a_tool_names_a_tool_of_the_agent(api: Api, event: str) -> None:
    def tool(**trigger: Any) -> Json:
        return clock_tool(source="system", system=on(event, **trigger))

    assert refusal(api, tool())[0][1] == "value_error"
    assert refusal(api, tool(source_tool_id=None))[0][1] == "value_error"
    detail = api.refused(422, tools=[tool(source_tool_id=tool_id(9))])
    assert detail == f"source_tool_id '{tool_id(9)}' does not name a tool of this agent"
    api.create(tools=[webhook(), tool(source_tool_id=webhook()["id"])])


def test_any_other_event_names_no_tool(api: Api) -> None:
    def tool(source: str | None) -> Json:
        return clock_tool(source="system", system=on("call_end", source_tool_id=source))

    assert refusal(api, tool(tool_id(3)))[0][1] == "value_error"
    assert taken(api, tool(None))["source"] == "system"


@pytest.mark.parametrize(
    ("system", "kind"),
    [
        ({"triggers": []}, "too_short"),
        ({}, "missing"),
        ({"triggers": [{"event": "lunch"}]}, "literal_error"),
        ({"triggers": [{"event": "call_end", "when": 1}]}, "extra_forbidden"),
        (on("call_end") | {"more": 1}, "extra_forbidden"),
    ],
)
def test_a_system_is_held_to_its_schema(api: Api, system: Json, kind: str) -> None:
    assert [found for _, found in refusal(api, clock_tool(source="system", system=system))] == [
        kind
    ]


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ({"type": "constant"}, "missing"),
        ({"type": "template", "template": ""}, "string_too_short"),
        ({"type": "template", "template": "x" * 2001}, "string_too_long"),
        ({"type": "transcript_messages", "max_messages": 2001}, "less_than_equal"),
        ({"type": "call_id", "value": 1}, "extra_forbidden"),
        ({"type": "weather"}, "union_tag_invalid"),
    ],
)
def test_an_argument_s_source_is_held_to_its_schema(api: Api, source: Json, kind: str) -> None:
    rows = [{"name": "a", "type": "string", "source": source}]
    tool = webhook(source="system", system={**on("call_end"), "arguments": rows})
    assert [found for _, found in refusal(api, tool)] == [kind]


def test_arguments_come_back_with_their_defaults(api: Api) -> None:
    rows = [
        {"name": "a", "type": "string", "source": {"type": "constant", "value": None}},
        {"name": "b", "type": "integer[]", "source": {"type": "transcript_messages"}},
    ]
    tool = webhook(source="system", system={**on("call_end"), "arguments": rows})
    back = taken(api, tool)["system"]["arguments"]
    assert [(row["required"], row["description"]) for row in back] == [(False, None)] * 2
    assert back[0]["source"] == {"type": "constant", "value": None}
    assert back[1]["source"] == {"type": "transcript_messages", "max_messages": 200}


@pytest.mark.parametrize("tool", [webhook(), transfer(), VOICEMAIL])
def test_an_enabled_message_before_the_action_has_a_text(api: Api, tool: Json) -> None:
    kinds = refusal(api, tool | {"execution_policy": ENABLED})
    assert kinds == [(["body", "tools", 0, tool["type"]], "value_error")]
    assert taken(api, tool | {"execution_policy": SPOKEN})["execution_policy"] == SPOKEN


def test_a_hangup_may_announce_itself_without_a_text(api: Api) -> None:
    policy = taken(api, hangup(execution_policy=ENABLED))["execution_policy"]
    assert policy == {"pre_action_message": {"enabled": True, "text": None}}


def test_an_execution_policy_is_open(api: Api) -> None:
    policy = {"pre_action_message": {"wait": True}, "retry": 1}
    back = taken(api, webhook(execution_policy=policy))["execution_policy"]
    assert back == {
        "pre_action_message": {"wait": True, "enabled": False, "text": None},
        "retry": 1,
    }
    assert (
        api.create(name="b", tools=[hangup(execution_policy={})])["tools"][0]["execution_policy"]
        == {}
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://{{host}}/orders",
        "{{url}}",
        "{{scheme}}://crm.example.com/",
        "https://crm.example.com:{{port}}/",
        "https://{{user}}@crm.example.com/",
        "https://crm.example.com/?{{key}}=1",
        "https://crm.example.com/?a=1&{{key}}",
        "https://crm.example.com/#{{part}}",
    ],
)
def test_a_url_takes_no_template_outside_path_and_query_values(api: Api, url: str) -> None:
    assert refusal(api, webhook(url=url)) == [
        (["body", "tools", 0, "webhook", "url"], "value_error")
    ]


@pytest.mark.parametrize(
    "url",
    [
        "https://crm.example.com/{{a}}/x-{{b}}?c={{d}}&e=f-{{g}}",
        "https://crm.example.com/{{#if a}}x{{/if}}",
    ],
)
def test_a_url_takes_templates_in_path_segments_and_query_values(api: Api, url: str) -> None:
    assert taken(api, webhook(url=url))["url"] == url


@pytest.mark.parametrize(
    ("number", "works"),
    [
        ("+15551234567", True),
        ("{{desk}}", True),
        ("5551234", False),
        ("+0551234", False),
        ("+1555123456789012", False),
        ("", False),
    ],
)
def test_a_transfer_goes_to_a_number_or_a_template(api: Api, number: str, *, works: bool) -> None:
    body = agent(tools=[transfer(phone_number=number)], sip_outbound_trunk_id=TRUNK)
    assert api.call("POST", "/v1/agents", body).status_code == (201 if works else 422)


def test_a_transfer_needs_an_outbound_trunk_then_and_later(api: Api) -> None:
    message = "sip_outbound_trunk_id is required when human transfer tools are configured"
    assert api.refused(422, tools=[transfer()]) == message
    made = api.create(tools=[transfer()], sip_outbound_trunk_id=TRUNK)
    path = f"/v1/agents/{made['id']}"
    assert api.call("PATCH", path, {"sip_outbound_trunk_id": None}).status_code == 422
    assert api.call("PUT", path, agent(tools=[transfer()])).status_code == 422


@pytest.mark.parametrize(
    ("timezone", "works"),
    [("Europe/Madrid", True), ("{{zone}}", True), ("Mars/Olympus", False), ("../etc", False)],
)
def test_a_timezone_is_a_name_that_exists_or_a_template(
    api: Api, timezone: str, *, works: bool
) -> None:
    body = agent(tools=[clock_tool(timezone=timezone)])
    assert api.call("POST", "/v1/agents", body).status_code == (201 if works else 422)


def test_a_template_s_prompt_has_no_limit_and_a_built_in_s_has(api: Api) -> None:
    assert len(taken(api, hangup(prompt="x" * 5000))["prompt"]) == 5000
    assert refusal(api, clock_tool(prompt="x" * 501))[0][1] == "string_too_long"


def test_tools_of_a_put_replace_the_list(api: Api) -> None:
    made = api.create(tools=[webhook(auth=bearer()), hangup()])
    assert [tool["type"] for tool in api.put(made["id"], tools=[hangup()])["tools"]] == ["template"]
