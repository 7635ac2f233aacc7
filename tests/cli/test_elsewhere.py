"""A project is the same one from wherever a command is started, and however `-C` names it."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.specs.editing.world import AGENT, PROJECT, World

DEFAULTS = "system_prompt: {file: ../prompts/desk.md}\n"
SPEC = AGENT.replace("system_prompt: Help the caller.\n", "")


@pytest.fixture(params=["voice", "link", "away/../voice"])
def world(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A committed project below the working directory, named by a relative path.

    `away` leads to a folder beside another `voice`: there the path without its `..` is another.
    """
    monkeypatch.chdir(tmp_path)
    for folder in ("else/voice", "else/work"):
        Path(folder).mkdir(parents=True)
    Path("link").symlink_to("voice")
    Path("away").symlink_to("else/work")
    real = "else/voice" if request.param.startswith("away") else "voice"
    Path(real).mkdir(exist_ok=True)
    world = World(Path(request.param))
    world.write(reconciler=PROJECT, agents___defaults=DEFAULTS, agents__desk=SPEC.format(name="A"))
    world.put("prompts/desk.md", "Help the caller.\n")
    world.put(".gitignore", ".reconciler/\n")
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "specs"]):
        identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
        subprocess.run(["git", *identity, *arguments], cwd=real, check=True)
    world.apply()
    return world


def test_pull_knows_whose_the_spec_the_defaults_and_the_text_are(world: World) -> None:
    world.patch("A", greeting="Hi", system_prompt="Listen.\n")
    assert world.run("pull", "--dry-run")[0] == 0
    assert world.run("pull", "--to", "spec", "--dry-run")[0] == 0
    code, said = world.run("pull", "--to", "origin")
    assert (code, said.count("pulled desk")) == (0, 2), said
    assert world.read("agents/desk.yaml") == SPEC.format(name="A").replace("Hello!", "Hi")
    assert world.read("prompts/desk.md") == "Listen.\n"
    assert world.plan()[0] == 0


def test_a_text_or_a_default_that_others_use_is_not_pulled_for_them(world: World) -> None:
    world.write(agents__hall=SPEC.format(name="B"))
    world.apply()
    world.patch("A", system_prompt="Listen.\n")
    code, said = world.run("pull", "--force")
    assert (code, "says it for hall too" in said) == (3, True), said
    assert world.read("prompts/desk.md") == "Help the caller.\n"


def test_import_writes_its_files_into_the_project(world: World) -> None:
    live = world.agents()["A"]
    taken = ("greeting", "language", "region", "models")
    world.create(
        **{name: live[name] for name in taken}, name="Stray", system_prompt="Be brief.\n" * 40
    )
    code, said = world.run("import", "--all")
    assert code == 0, said
    assert "name: Stray" in world.read("agents/stray.yaml")
    assert world.plan()[0] == 0


def test_history_show_drift_and_rollback_speak_of_that_project(world: World) -> None:
    world.write(agents__desk=SPEC.format(name="A").replace("Hello!", "New"))
    world.apply()
    runs = json.loads(world.run("history", "--format", "json")[1])["runs"]
    assert len(runs) == 2
    assert "New" in world.run("show", "desk")[1]
    code, said = world.run("rollback", runs[0]["id"], "--auto-approve")
    assert code == 0, said
    assert world.agents()["A"]["greeting"] == "Hello!"
    assert world.run("drift")[0] == 0


def test_doctor_and_comment_look_at_that_project(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CI", "GITHUB_ACTIONS", "GITLAB_CI"):
        monkeypatch.delenv(name, raising=False)
    code, said = world.run("doctor")
    assert (code, "✗" in said) == (0, False), said
    code, said = world.run("comment", "--dry-run")
    assert (code, "No changes" in said) == (0, True), said


def test_the_sandbox_that_is_reset_is_that_of_the_project(world: World) -> None:
    assert world.run("sandbox", "reset")[0] == 0
    assert world.agents() == {}


def test_init_makes_a_project_below_the_folder_named(world: World) -> None:
    code, said = world.run("init", "second")
    assert code == 0, said
    assert f"-C {world.folder / 'second'} -e sandbox plan" in said
    assert World(world.folder / "second").run("validate", "--strict")[0] == 0
