"""The page: what it shows, and that what one does there is what the API would do."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from reconciler.sandbox import SandboxOptions, parse_fault
from tests.sandbox.api import OTHER_TRUNK, TRUNK, agent, models, tool_id, webhook
from tests.sandbox.pages import KEY, Visitor, page_of


def test_the_front_door_leads_to_the_list_without_a_key(visitor: Visitor) -> None:
    answer = visitor.send("GET", "/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/_sandbox/")
    assert "No agents yet" in visitor.see().text


def test_the_list_shows_what_tells_agents_apart(visitor: Visitor) -> None:
    visitor.create(
        name="Desk",
        greeting="Moin!",
        language="de",
        region="eu-central",
        tools=[webhook()],
        sip_inbound_trunk_id=TRUNK,
    )
    seen = visitor.see()
    for text in ("Desk", "Moin!", "de", "eu-central", "slng/deepgram/nova:3", "in 11111111"):
        assert text in seen.text


def test_the_list_says_how_to_connect_and_what_to_try_next(visitor: Visitor) -> None:
    text = visitor.see().text
    for line in ("http://127.0.0.1:8750", "export SLNG_API_KEY=sandbox", "reconciler drift"):
        assert line in text


def test_all_organisations_are_shown_the_projects_own_first(visitor: Visitor) -> None:
    visitor.create(name="Of another key")
    visitor.call("POST", "/v1/agents", agent(name="Of the project"), headers=KEY)
    text = visitor.see().text
    assert text.index("This project") < text.index("Of the project") < text.index("Of another key")


def test_agents_are_found_by_what_the_list_shows_of_them(visitor: Visitor) -> None:
    visitor.create(name="Desk")
    visitor.create(name="Clinic", greeting="Praxis am Park")
    text = visitor.see("/_sandbox/?find=PARK").text
    assert "Clinic" in text
    assert "Desk" not in text
    assert "1 of 2 hold" in text
    assert "Clinic" not in visitor.see("/_sandbox/?find=nothing-like-it").text


def test_an_edit_is_saved_and_said_on_the_page_that_follows(visitor: Visitor) -> None:
    one = visitor.create()
    seen = visitor.edit(one["id"], greeting="Good morning!", models__tts_voice="luna")
    assert "Saved: greeting , models.tts_voice" in seen.text
    after = visitor.get(one["id"])
    assert after["greeting"] == "Good morning!"
    assert after["models"] == one["models"] | {"tts_voice": "luna"}
    assert {name for name in after if after[name] != one[name]} == {
        "greeting",
        "models",
        "updated_at",
    }


def test_every_kind_of_control_reaches_its_field(visitor: Visitor) -> None:
    one = visitor.create(inbound_greeting="Hi", sip_inbound_trunk_id=TRUNK)
    shown = visitor.agent_page(one["id"]).form(page_of(one["id"])).values
    assert (shown["inbound_greeting"], shown["outbound_greeting"]) == ("Hi", "")
    visitor.edit(
        one["id"],
        enable_interruptions="",
        idle_nudges__enabled="",
        idle_nudges__hangup_delay_seconds="42",
        idle_nudges__final_hangup_text="Bye.",
        inbound_greeting="",
        sip_inbound_trunk_id="",
        sip_outbound_trunk_id=OTHER_TRUNK,
    )
    after = visitor.get(one["id"])
    assert after["enable_interruptions"] is False
    assert after["idle_nudges"] == one["idle_nudges"] | {
        "enabled": False,
        "hangup_delay_seconds": 42,
        "final_hangup_text": "Bye.",
    }
    assert after["inbound_greeting"] is after["sip_inbound_trunk_id"] is None
    assert after["sip_outbound_trunk_id"] == OTHER_TRUNK


def test_what_the_page_does_not_edit_is_left_alone(visitor: Visitor) -> None:
    auth = {"type": "bearer", "token": "s3cret-token"}
    one = visitor.create(tools=[webhook(auth=auth)], template_defaults={"city": "Kiel"})
    before = visitor.stored(one["id"])["document"]
    visitor.edit(one["id"], name="Front desk")
    assert visitor.stored(one["id"])["document"] == before | {"name": "Front desk"}


@pytest.mark.parametrize(
    ("typed", "said", "at"),
    [
        ({"language": "much-too-long"}, "String should have at most 10 characters", "language"),
        ({"region": "Mars!"}, "Input should be one of", "region"),
        ({"models__llm": ""}, "String should have at least 1 character", "models.llm"),
        (
            {"idle_nudges__hangup_delay_seconds": "soon"},
            "Input should be a valid integer",
            "idle_nudges.hangup_delay_seconds",
        ),
        ({"sip_inbound_trunk_id": "4711"}, "should be a valid UUID", "sip_inbound_trunk_id"),
    ],
)
def test_what_the_api_refuses_is_said_at_its_control_in_the_apis_words(
    visitor: Visitor, typed: dict[str, str], said: str, at: str
) -> None:
    one = visitor.create()
    seen = visitor.edit(one["id"], **typed, greeting="Kept")
    assert seen.status == 422
    assert said in seen.text
    assert f'id="{at}-wrong"' in seen.html
    values = seen.form(page_of(one["id"])).values
    assert values[at] == next(iter(typed.values()))  # what was typed is not lost
    assert values["greeting"] == "Kept"
    assert visitor.get(one["id"]) == one


def test_a_refusal_that_belongs_to_no_control_is_said_above(visitor: Visitor) -> None:
    visitor.create(name="Taken")
    one = visitor.create(name="Desk")
    seen = visitor.edit(one["id"], name="Taken")
    assert seen.status == 409
    assert "Not saved. The API answers 409: Agent with name 'Taken' already exists" in seen.text
    seen = visitor.edit(one["id"], system_prompt="{{oops")
    assert "400: Invalid template: Unmatched handlebars braces" in seen.text


def test_a_refused_form_can_be_mended_and_sent_again(visitor: Visitor) -> None:
    one = visitor.create()
    seen = visitor.edit(one["id"], greeting="Hi", region="Mars!")
    visitor.submit(seen.form(page_of(one["id"])), region="us-east")
    assert visitor.get(one["id"])["greeting"] == "Hi"


def test_a_delete_asks_first(visitor: Visitor) -> None:
    one = visitor.create()
    question = visitor.see(f"{page_of(one['id'])}/delete")
    assert "Delete “ Desk ”?" in question.text
    assert visitor.list() == [one]
    seen = visitor.submit(question.forms[0])
    assert "The agent is deleted." in seen.text
    assert "No agents yet" in seen.text
    assert visitor.list() == []


def test_a_copy_is_the_apis_duplicate(visitor: Visitor) -> None:
    one = visitor.create(sip_inbound_trunk_id=TRUNK)
    form = visitor.agent_page(one["id"]).form(f"{page_of(one['id'])}/copy")
    assert form.values["copy_name"] == "Desk copy"
    assert "This is the copy." in visitor.submit(form).text
    assert [(a["name"], a["sip_inbound_trunk_id"]) for a in visitor.list()] == [
        ("Desk", TRUNK),
        ("Desk copy", None),
    ]
    again = visitor.submit(form)
    assert (again.status, "Not copied. The API answers 409" in again.text) == (409, True)


def test_a_copy_is_made_where_the_era_asks_for_a_runtime_key(database: Path) -> None:
    visitor = Visitor(database, SandboxOptions(era="reference"))
    one = visitor.create(slng_api_key="k")
    visitor.submit(visitor.agent_page(one["id"]).form(f"{page_of(one['id'])}/copy"))
    assert len(visitor.list()) == 2


def test_tools_are_shown_without_their_secrets(visitor: Visitor) -> None:
    auth = {"type": "bearer", "token": "s3cret-token"}
    seen = visitor.agent_page(visitor.create(tools=[webhook(auth=auth)])["id"])
    assert '"auth_type": "bearer"' in seen.text
    assert tool_id(1) in seen.text
    assert "s3cret" not in seen.html
    assert "digest" not in seen.html


@pytest.mark.parametrize("agent_id", [tool_id(9), "nonsense", "%3Cscript%3E"])
def test_an_agent_that_is_gone_has_a_page_that_says_so(visitor: Visitor, agent_id: str) -> None:
    for path in (page_of(agent_id), f"{page_of(agent_id)}/delete"):
        answer = visitor.send("GET", path)
        assert answer.status_code == 404
        assert "There is no such agent" in answer.text


def test_the_page_leaves_no_trace_and_meets_no_ordered_failure(database: Path) -> None:
    options = SandboxOptions(faults=(parse_fault("1:error:500"),), rate_limit=1, latency=5)
    visitor = Visitor(database, options)
    started = time.monotonic()
    for _ in range(3):
        visitor.send("GET", "/")
        visitor.see()
    assert time.monotonic() - started < 3 * 5
    assert visitor.call("GET", "/_sandbox/requests").json() == []
    visitor.app.state.sandbox.order.replace([parse_fault("1:error:502")])
    visitor.see()
    assert visitor.call("GET", "/_sandbox/requests").json() == []


def test_a_thousand_agents_are_listed_quickly(visitor: Visitor) -> None:
    prompt = "You answer the phone. " * 200
    bodies = [agent(name=f"Agent {n}", system_prompt=prompt, models=models()) for n in range(1000)]
    visitor.calls([("POST", "/v1/agents", body) for body in bodies])
    visitor.see()
    started = time.monotonic()
    answer = visitor.send("GET", "/_sandbox/")
    assert time.monotonic() - started < 60  # measured: 0.1 s on an idle machine
    assert len(answer.content) < 2_000_000
    assert answer.text.count('<tr role="row">') == 1001
