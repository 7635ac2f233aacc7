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
    text = (AGENT + "greeting: *g\n").format(name="Twin").replace("greeting: Hello!\n", "")
    text = text.replace("Help the caller.", "&g Help the caller.")
    world.write(agents__twin=text)
    world.apply()
    world.patch("Twin", system_prompt="Help!", language="de")
    code, said = world.run("pull", "twin")
    assert (code, "an anchor in agents/twin.yaml" in said) == (3, True)
    assert world.read("agents/twin.yaml") == text.replace("language: en", "language: de")
    assert world.run("pull", "twin", "--to", "spec")[0] == 0
    assert "system_prompt: Help!\n" in world.read("agents/twin.yaml")
    assert "greeting: &g Help the caller.\n" in world.read("agents/twin.yaml")
    assert world.plan()[0] == 0
