"""Templates, runtime variables and regions: rules over the whole agent."""

from __future__ import annotations

import pytest

from tests.sandbox.api import Api, agent, clock_tool, on, transfer, webhook, wrong

RUNTIME = [{"name": "order_id", "description": "What the caller said."}]


@pytest.mark.parametrize(
    "field", ["system_prompt", "greeting", "inbound_greeting", "outbound_greeting"]
)
@pytest.mark.parametrize("text", ["Hi {{name", "Hi name}}", "{{a {{b}}}}", "}}{{", "{{a}} {{"])
def test_unmatched_braces_are_refused(api: Api, field: str, text: str) -> None:
    message = "Invalid template: Unmatched handlebars braces in template"
    assert api.refused(400, **{field: text}) == message


@pytest.mark.parametrize("text", ["{single}", "{{{raw}}}", "{{#if a}}{{a}}{{/if}}", "{ { } }"])
def test_matched_braces_are_taken(api: Api, text: str) -> None:
    assert api.create(greeting=text)["greeting"] == text


def test_variables_come_from_texts_tools_and_defaults(api: Api) -> None:
    made = api.create(
        system_prompt="{{#if vip}}Dear {{name}}{{else}}{{{plain}}}{{/if}} {{! a comment }} {{$VAULT}}",
        greeting="Hi {{ name }}",
        template_defaults={"name": "Sam", "unused": ""},
        sip_outbound_trunk_id="11111111-1111-4111-8111-111111111111",
        tools=[
            webhook(
                url="https://crm.example.com/{{shop}}",
                llm_result_instructions="{{untouched}}",
                source="system",
                system=on("call_end")
                | {
                    "arguments": [
                        {
                            "name": "a",
                            "type": "string",
                            "source": {"type": "template", "template": "{{ticket}}"},
                        }
                    ]
                },
            ),
            transfer(phone_number="{{desk}}"),
            clock_tool(timezone="{{zone}}"),
        ],
    )
    required = {"required": True}
    assert made["template_variables"] == {
        "vip": required,
        "name": {"required": False, "default": "Sam"},
        "plain": required,
        "shop": required,
        "ticket": required,
        "desk": required,
        "zone": required,
        "unused": {"required": False, "default": ""},
    }


def test_variables_follow_every_write(api: Api) -> None:
    made = api.create(greeting="{{a}}")
    after = api.patch(made["id"], greeting="{{b}}", template_defaults={"b": "1"})
    assert after["template_variables"] == {"b": {"required": False, "default": "1"}}
    assert api.put(made["id"])["template_variables"] == {}


@pytest.mark.parametrize("field", ["system_prompt", "greeting", "outbound_greeting"])
def test_a_text_does_not_use_a_runtime_variable(api: Api, field: str) -> None:
    fields = {field: "Order {{order_id}}"}
    detail = api.refused(422, runtime_variables=RUNTIME, **fields)
    assert detail == f"{field} must not use the runtime variable 'order_id'"
    made = api.create(**fields)
    response = api.call("PATCH", f"/v1/agents/{made['id']}", {"runtime_variables": RUNTIME})
    assert response.status_code == 422


def test_a_tool_may_use_a_runtime_variable_which_is_no_template_variable(api: Api) -> None:
    tool = webhook(url="https://crm.example.com/{{order_id}}/{{shop}}")
    made = api.create(runtime_variables=RUNTIME, tools=[tool])
    assert made["template_variables"] == {"shop": {"required": True}}
    assert made["runtime_variables"] == RUNTIME


def test_a_name_is_not_both_runtime_and_template_variable(api: Api) -> None:
    detail = api.refused(422, runtime_variables=RUNTIME, template_defaults={"order_id": "1"})
    assert detail == "Variable 'order_id' is both a runtime variable and a template variable"


@pytest.mark.parametrize("region", ["us-east", "eu-central", "ap-south"])
def test_the_documented_regions_work(api: Api, region: str) -> None:
    assert api.create(region=region)["region"] == region


def test_a_region_without_a_runtime_is_a_404_that_is_no_missing_agent(api: Api) -> None:
    assert api.refused(404, region="us-west") == "No runtime is configured for region 'us-west'"
    made = api.create()
    response = api.call("PATCH", f"/v1/agents/{made['id']}", {"region": "us-west"})
    assert response.status_code == 404
    assert api.get(made["id"]) == made


@pytest.mark.parametrize("region", ["", "US East", "us_east"])
def test_a_text_that_is_no_region_is_a_validation_error(api: Api, region: str) -> None:
    response = api.call("POST", "/v1/agents", agent(region=region))
    assert wrong(response) == [(["body", "region"], "enum")]


@pytest.mark.parametrize(
    ("greeting", "trunk"),
    [("inbound_greeting", "sip_inbound_trunk_id"), ("outbound_greeting", "sip_outbound_trunk_id")],
)
def test_the_written_eras_take_a_greeting_of_a_direction_without_its_trunk(
    api: Api, greeting: str, trunk: str
) -> None:
    made = api.create(**{greeting: "Hi"})
    assert (made[greeting], made[trunk]) == ("Hi", None)
