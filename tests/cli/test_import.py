"""`import` on the command line: what it says, and how it ends."""

import json
from pathlib import Path
from typing import Any

import pytest

from reconciler.cli.boundary import run
from reconciler.model.values import SecretRef
from tests.journeys.importing_world import World, agent
from tests.journeys.test_importing import LONG, webhook


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def call(world: World, capsys: pytest.CaptureFixture[str]) -> Any:
    def act(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run(["-C", str(world.folder), *arguments])
        told = capsys.readouterr()
        return int(code), told.out, told.err

    return act


def test_without_a_name_the_unmanaged_agents_are_listed(world: World, call: Any) -> None:
    (made,) = world.create(agent("Front Desk"))
    code, out, _ = call("import")
    assert code == 0
    assert f'{made.id}  "Front Desk"' in out
    assert "reconciler import --all" in out
    assert world.files() == {"reconciler.yaml"}


def test_a_dry_run_shows_the_files_and_writes_none(world: World, call: Any) -> None:
    world.create(agent("Front Desk", system_prompt=LONG))
    code, out, _ = call("import", "Front Desk", "--dry-run")
    assert code == 0
    assert "--- agents/front-desk.yaml" in out
    assert "name: Front Desk" in out
    assert world.files() == {"reconciler.yaml"}
    assert call("plan")[0] == 3  # the specs folder is still empty


def test_an_import_ends_with_an_empty_plan_and_the_secrets_to_set(world: World, call: Any) -> None:
    world.secrets["T"] = "a-live-token"
    auth = {"type": "bearer", "token": SecretRef("env", "T")}
    world.create(agent("Front Desk", tools=[webhook(auth=auth)]))
    code, out, _ = call("import", "--all")
    assert code == 0
    assert "FRONT_DESK_CHECK_ORDER_TOKEN  front-desk: tools.check_order.auth.token" in out
    assert call("plan", "--detailed-exitcode")[0] == 0
    assert call("validate")[0] == 0
    assert call("drift")[0] == 0


def test_an_agent_is_named_by_its_id_too(world: World, call: Any) -> None:
    made, _ = world.create(agent("One"), agent("Two"))
    assert call("import", made.id.upper())[0] == 0
    assert "agents/one.yaml" in world.files()
    assert "agents/two.yaml" not in world.files()


@pytest.mark.parametrize("arguments", [("Nobody",), ("Front Desk", "--all")])
def test_what_can_not_be_asked_is_bad_usage(
    world: World, call: Any, arguments: tuple[str, ...]
) -> None:
    world.create(agent("Front Desk"))
    assert call("import", *arguments)[0] == 4
    assert world.files() == {"reconciler.yaml"}


def test_an_agent_that_could_not_be_imported_makes_it_fail(world: World, call: Any) -> None:
    world.create(agent("Fine"), agent(""))
    code, out, _ = call("import", "--all")
    assert code == 1
    assert "1 imported and adopted" in out
    assert "1 not imported." in out


def test_json_is_one_document(world: World, call: Any) -> None:
    world.create(agent("Front Desk", system_prompt=LONG))
    code, out, _ = call("import", "--all", "--format", "json")
    (found,) = json.loads(out)["agents"]
    assert code == 0
    assert found["key"] == "front-desk"
    assert found["files"] == ["prompts/front-desk.md", "agents/front-desk.yaml"]
    assert found["error"] is None


def test_names_from_the_api_are_data(world: World, call: Any) -> None:
    world.create(agent("::error::\x1b[31mred"))
    assert "\x1b" not in call("import")[1]
    assert "\x1b" not in call("import", "--all")[1]
