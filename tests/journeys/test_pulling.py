"""What a pull writes of tools, secrets, folders and environments."""

from pathlib import Path
from typing import Any

import pytest

from tests.specs.editing.world import AGENT, PROJECT, World

TOOLS = """\
sip_outbound_trunk_id: 3f1c9a52-7a60-4f2e-9a35-0a6f8b1a7c11
tools:
  # looks up
  - type: webhook
    name: check_order
    description: Look it up.
    url: https://crm.example.com/orders
    parameters: {{file: ../order.json}} # schema
    auth: {{type: bearer, token: {{env: CRM_TOKEN}}}}
  - type: built_in # time
    built_in: current_datetime
    source: system
    system:
      triggers: [{{event: tool_succeeded, source_tool: check_order}}]
  - {{type: template, template: hangup}}
"""
SCHEMA = '{\n  "type": "object",\n  "properties": {}\n}\n'


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("CRM_TOKEN", "a-secret-token")
    world = World(tmp_path)
    text = (AGENT + TOOLS).format(name="Desk")
    world.write(reconciler=PROJECT, agents__desk=text)
    world.put("order.json", SCHEMA)
    world.apply()
    return world


def _tools(world: World, *, keep: tuple[int, ...] = (0, 1, 2), **fields: Any) -> None:
    """Change the webhook live; a secret that is not sent stays as it is."""
    tools = world.agents()["Desk"]["tools"]
    tools[0] = {**tools[0], **fields}
    if tools[0].pop("auth_type", None) and "auth" not in tools[0]:
        tools[0]["auth"] = {"type": "bearer"}
    world.patch("Desk", tools=[tools[n] for n in keep])


def _changed(world: World, **replaced: str) -> str:
    text = (AGENT + TOOLS).format(name="Desk")
    for old, new in replaced.items():
        text = text.replace(old, new)
    return text


def test_a_tool_renamed_live_takes_its_triggers_along(world: World) -> None:
    _tools(world, name="find_order")
    assert world.run("pull")[0] == 0
    assert world.read("agents/desk.yaml") == _changed(world, check_order="find_order")
    assert world.plan()[0] == 0


def test_a_tool_renamed_live_and_its_trigger_changed_are_both_taken(world: World) -> None:
    tools = [dict(tool) for tool in world.agents()["Desk"]["tools"]]
    tools[0] |= {"name": "find_order", "auth": {"type": tools[0].pop("auth_type")}}
    tools[1]["system"]["triggers"][0]["event"] = "tool_failed"
    world.patch("Desk", tools=tools)
    code, said = world.run("pull")
    assert (code, "find_order" in world.read("agents/desk.yaml")) == (0, True), said
    assert "event: tool_failed, source_tool: find_order" in world.read("agents/desk.yaml")
    assert world.plan()[0] == 0


def test_of_a_tool_made_again_live_what_differs_is_taken(world: World) -> None:
    tools = [dict(tool) for tool in world.agents()["Desk"]["tools"]]
    tools[0] |= {
        "id": "99999999-0000-4000-8000-000000000000",
        "url": "https://elsewhere.example.com",
        "auth": {"type": tools[0].pop("auth_type"), "token": "another-secret"},
    }
    tools[1]["system"]["triggers"][0]["source_tool_id"] = tools[0]["id"]
    world.patch("Desk", tools=tools)
    code, said = world.run("pull")
    assert code == 0, said
    assert world.read("agents/desk.yaml") == _changed(
        world, **{"https://crm.example.com/orders": "https://elsewhere.example.com"}
    )


def test_a_schema_in_a_json_file_is_edited_there(world: World) -> None:
    _tools(world, parameters={"type": "object", "properties": {"n": {"type": "string"}}})
    assert world.run("pull")[0] == 0
    assert world.read("order.json") == SCHEMA.replace("{}", '{"n": {"type": "string"}}')
    assert world.read("agents/desk.yaml") == _changed(world)
    assert world.plan()[0] == 0


def test_a_tool_removed_live_goes_with_its_lines(world: World) -> None:
    _tools(world, keep=(0, 1))
    assert world.run("pull")[0] == 0
    gone = "  - {type: template, template: hangup}\n"
    assert world.read("agents/desk.yaml") == _changed(world).replace(gone, "")
    assert world.plan()[0] == 0


def test_a_secret_stays_a_reference(world: World) -> None:
    _tools(world, auth={"type": "hmac", "secret": "canary-value"})
    code, said = world.run("pull")
    assert (code, "can not be read back" in said) == (0, True)
    text = world.read("agents/desk.yaml")
    assert "canary" not in text + said
    assert "auth: {type: hmac, secret: {env: CHECK_ORDER_SECRET}}\n" in text
    assert world.plan()[0] == 0


def test_a_value_of_the_environment_is_written_there(world: World) -> None:
    text = _changed(world) + "environments:\n  sandbox: {greeting: 'Test'} # here\n"
    world.write(agents__desk=text)
    world.apply()
    world.patch("Desk", greeting="Live")
    assert world.run("pull")[0] == 0
    assert world.read("agents/desk.yaml") == text.replace("Test", "Live")


def test_folder_defaults_are_shared(world: World) -> None:
    world.write(agents___defaults="template_defaults: {shop: One} # all\n")
    world.apply()
    world.patch("Desk", template_defaults={"shop": "Two"})
    code, said = world.run("pull")
    assert (code, "agents/_defaults.yaml says it for every agent" in said) == (3, True)
    assert world.run("pull", "--to", "origin")[0] == 0
    assert world.read("agents/_defaults.yaml") == "template_defaults: {shop: Two} # all\n"
    assert world.plan()[0] == 0


def test_one_bad_value_is_refused_and_the_others_are_written(world: World) -> None:
    told = "{file: ../said.txt}"
    text = AGENT.format(name="Twin").replace("Help the caller.", told).replace("Hello!", told)
    world.put("said.txt", "Hello!\n")
    world.write(agents__twin=text)
    world.apply()
    world.patch("Twin", system_prompt="Help!", language="de")
    code, said = world.run("pull", "twin")
    assert (code, "said.txt says it for another field of twin too" in said) == (3, True)
    assert world.read("agents/twin.yaml") == text.replace("language: en", "language: de")
    assert world.run("pull", "twin", "--to", "spec")[0] == 0
    assert "system_prompt: Help!\n" in world.read("agents/twin.yaml")
    assert "greeting: {file: ../said.txt}\n" in world.read("agents/twin.yaml")
    assert world.plan()[0] == 0


def test_what_an_anchor_shares_changes_at_once_where_all_of_it_is_live_so(world: World) -> None:
    trunk = "sip_inbound_trunk_id: 0b3b6a0e-6f3b-4a39-8d6b-5d1f0f5b8c21\n"
    text = AGENT.format(name="Twin").replace("Hello!", "&g Hello! # both") + trunk
    world.write(agents__twin=text + "inbound_greeting: *g\n")
    world.apply()
    world.patch("Twin", greeting="Hi", inbound_greeting="Hi")
    code, said = world.run("pull", "twin")
    assert (code, said.splitlines()) == (
        0,
        [f"pulled twin {field} → agents/twin.yaml" for field in ("greeting", "inbound_greeting")],
    )
    assert world.read("agents/twin.yaml") == text.replace("Hello!", "Hi") + "inbound_greeting: *g\n"
    assert world.plan()[0] == 0


def test_an_anchor_changes_not_for_drift_that_is_ignored(world: World) -> None:
    trunk = "sip_inbound_trunk_id: 0b3b6a0e-6f3b-4a39-8d6b-5d1f0f5b8c21\n"
    rule = "ignore: [{path: inbound_greeting, reason: A trial.}]\n"
    text = AGENT.format(name="Twin").replace("Hello!", "&g Hello!") + trunk + rule
    world.write(agents__twin=text + "inbound_greeting: *g\n")
    world.apply()
    world.patch("Twin", greeting="Hi", inbound_greeting="Hi")
    assert world.run("pull", "twin")[0] == 0
    after = text.replace("&g Hello!", "Hi") + "inbound_greeting: &g Hello!\n"
    assert world.read("agents/twin.yaml") == after


def test_a_name_that_another_spec_has_is_refused_and_the_rest_is_written(world: World) -> None:
    world.write(agents__hall=AGENT.format(name="Hall"))
    world.apply()
    world.write(agents__hall=AGENT.format(name="Lobby"))
    world.patch("Desk", name="Lobby", greeting="Hi")
    code, said = world.run("pull", "desk")
    assert (code, "the name `Lobby` is also that of agents/" in said) == (3, True)
    assert "name: Desk" in world.read("agents/desk.yaml")
    assert "greeting: Hi" in world.read("agents/desk.yaml")


def test_nothing_is_written_that_another_spec_would_say(world: World) -> None:
    text = AGENT.format(name="Hall").replace("Help the caller.", "{file: desk.yaml}")
    world.write(agents__hall=text, agents__desk=AGENT.format(name="Desk"))
    world.apply()
    world.patch("Desk", greeting="Hi")
    code, said = world.run("pull")
    assert (code, "hall would say something that nobody asked for" in said) == (3, True)
    assert world.read("agents/desk.yaml") == AGENT.format(name="Desk")


def test_a_namesake_made_in_the_dashboard_is_taken_and_told_apart(world: World) -> None:
    tools = world.agents()["Desk"]["tools"]
    new = "00000000-1111-4111-8111-111111111111"
    twin = {"type": "template", "id": new, "template": "hangup", "prompt": "Now."}
    tools[0] = {
        **{k: v for k, v in tools[0].items() if k != "auth_type"},
        "auth": {"type": "bearer"},
    }
    world.patch("Desk", tools=[*tools, twin])
    assert world.run("pull")[0] == 0
    assert f"  - type: template\n    template: hangup\n    prompt: Now.\n    id: {new}\n" in (
        world.read("agents/desk.yaml")
    )
    assert world.plan()[0] == 0
