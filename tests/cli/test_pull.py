"""`reconciler pull`, as a person uses it: real files, a real sandbox, a real git checkout."""

import json
import stat
import subprocess
from pathlib import Path

import pytest

from tests.specs.editing.world import AGENT, PROJECT, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.write(reconciler=PROJECT, agents__desk=AGENT.format(name="Desk"))
    return world


def _git(world: World, *arguments: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run(["git", *identity, *arguments], cwd=world.folder, check=True)


def test_a_greeting_changed_live_is_written_and_the_plan_is_empty(world: World) -> None:
    path = world.put("agents/desk.yaml", "\ufeff" + AGENT.format(name="Desk"))
    path.chmod(0o640)
    world.apply()
    world.patch("Desk", greeting="Hi: you!")
    assert world.run("pull", "--dry-run")[0] == 0
    assert "Hello!" in world.read("agents/desk.yaml")
    code, said = world.run("pull")
    assert (code, said) == (0, "pulled desk greeting → agents/desk.yaml\n")
    expected = "\ufeff" + AGENT.format(name="Desk").replace("Hello!", '"Hi: you!"')
    assert world.read("agents/desk.yaml") == expected
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert world.plan()[0] == 0
    assert world.run("pull") == (0, "Nothing to pull.\n")


def test_a_dry_run_prints_a_patch(world: World) -> None:
    world.apply()
    world.patch("Desk", greeting="Hi")
    patch = json.loads(world.run("pull", "--dry-run", "--format", "json")[1])["patch"]
    subprocess.run(["git", "apply", "-"], cwd=world.folder, input=patch.encode(), check=True)
    assert world.plan()[0] == 0


def test_a_shared_default_is_refused_unless_told_where(world: World) -> None:
    shared = PROJECT.replace("environments", "defaults: {language: en} # all\nenvironments")
    text = AGENT.replace("language: en\n", "")
    world.write(reconciler=shared, agents__desk=text.format(name="Desk"))
    world.write(agents__hall=text.format(name="Hall"))
    world.apply()
    world.patch("Desk", language="de")
    code, said = world.run("pull")
    assert code == 3
    assert "reconciler.yaml says it for hall too" in said
    code, said = world.run("pull", "--to", "origin")
    assert (code, "the live value is another" in said) == (3, True)
    assert world.read("reconciler.yaml") == shared
    assert world.run("pull", "--to", "spec")[0] == 0
    assert world.read("agents/desk.yaml") == text.format(name="Desk") + "language: de\n"
    assert world.plan()[0] == 0


def test_a_shared_default_changes_where_all_drifted_to_one_value(world: World) -> None:
    shared = PROJECT.replace("environments", "defaults: {language: en} # all\nenvironments")
    text = AGENT.replace("language: en\n", "")
    world.write(reconciler=shared, agents__desk=text.format(name="Desk"))
    world.write(agents__hall=text.format(name="Hall"))
    world.apply()
    world.patch("Desk", language="de")
    world.patch("Hall", language="de")
    code, said = world.run("pull", "desk", "--to", "origin")
    lines = [f"pulled {key} language → reconciler.yaml" for key in ("desk", "hall")]
    assert (code, said.splitlines()) == (0, lines)
    assert world.read("reconciler.yaml") == shared.replace("language: en", "language: de")
    assert world.plan()[0] == 0


def test_overrides_win_so_an_own_value_goes_below_the_environment(world: World) -> None:
    world.write(reconciler=PROJECT + "    overrides: {greeting: Over}\n")
    world.apply()
    world.patch("Desk", greeting="Mine")
    assert world.run("pull")[0] == 3
    assert world.run("pull", "--to", "spec")[0] == 0
    added = "environments:\n  sandbox: {greeting: Mine}\n"
    assert world.read("agents/desk.yaml") == AGENT.format(name="Desk") + added
    assert world.plan()[0] == 0


def test_a_prompt_file_of_one_agent_is_written_and_of_two_is_refused(world: World) -> None:
    text = AGENT.replace("Help the caller.", "{{file: ../prompt.md}} # long")
    world.write(agents__desk=text.format(name="Desk"))
    world.put("prompt.md", "One\r\nTwo $${x}\r\n")
    world.apply()
    world.patch("Desk", system_prompt="One\n2 ${x}\n")
    assert world.run("pull")[0] == 0
    assert world.read("prompt.md") == "One\r\n2 $${x}\r\n"
    world.write(agents__hall=text.format(name="Hall"))
    world.apply()
    world.patch("Hall", system_prompt="Three\nFour\n")
    code, said = world.run("pull")
    assert (code, "prompt.md says it for desk too" in said) == (3, True)
    assert world.run("pull", "--to", "spec")[0] == 0
    assert "system_prompt: | # long\n  Three\n  Four\n" in world.read("agents/hall.yaml")
    assert world.plan()[0] == 0


def test_a_conflict_is_refused_until_forced(world: World) -> None:
    world.apply()
    world.patch("Desk", greeting="Live")
    world.write(agents__desk=AGENT.format(name="Desk").replace("Hello!", "Git"))
    code, said = world.run("pull")
    assert (code, "desk greeting: changed both in git and live" in said) == (3, True)
    assert world.run("pull", "--force")[0] == 0
    assert "greeting: Live\n" in world.read("agents/desk.yaml")


def test_what_changed_in_git_alone_is_left(world: World) -> None:
    world.apply()
    mine = AGENT.format(name="Desk").replace("Hello!", "Git")
    world.write(agents__desk=mine)
    assert world.run("pull") == (0, "Nothing to pull.\n")
    assert world.read("agents/desk.yaml") == mine


def test_uncommitted_files_are_left_unless_forced(world: World) -> None:
    world.put(".gitignore", ".reconciler/\n")
    world.apply()
    _git(world, "init", "-q")
    world.patch("Desk", greeting="Hi")
    _refused(world)
    _git(world, "add", ".")
    _refused(world)
    _git(world, "commit", "-qm", "specs")
    world.put("agents/desk.yaml", AGENT.format(name="Desk") + "# mine\n")
    assert world.run("pull", "--dry-run", "--force")[0] == 0
    assert world.read("agents/desk.yaml").endswith("# mine\n")
    assert world.run("pull", "--force")[0] == 0
    assert "greeting: Hi\n" in world.read("agents/desk.yaml")
    assert world.read("agents/desk.yaml").endswith("# mine\n")
    _git(world, "commit", "-qam", "pulled")
    world.apply()
    world.patch("Desk", greeting="Hi again")
    assert world.run("pull")[0] == 0


def _refused(world: World) -> None:
    code, said = world.run("pull")
    assert (code, "not committed" in said) == (3, True)
    assert "Hello!" in world.read("agents/desk.yaml")


def test_a_file_that_git_ignores_is_left(world: World) -> None:
    world.put(".gitignore", ".reconciler/\ndesk.yaml\n")
    world.apply()
    _git(world, "init", "-q")
    _git(world, "add", ".")
    _git(world, "commit", "-qm", "no specs")
    world.patch("Desk", greeting="Hi")
    _refused(world)


def test_vanished_and_unmanaged_agents_are_named(world: World) -> None:
    world.write(agents__hall=AGENT.format(name="Hall"))
    world.apply()
    world.delete("Hall")
    live = world.agents()["Desk"]
    taken = ("name", "system_prompt", "greeting", "language", "region", "models")
    world.create(**{name: live[name] for name in taken if name != "name"}, name="Stray")
    code, said = world.run("pull")
    assert code == 0
    assert "not touched hall: vanished live" in said
    assert "not touched Stray: unmanaged" in said


def test_an_unknown_key_is_bad_usage(world: World) -> None:
    world.apply()
    code, said = world.run("pull", "dsk")
    assert (code, "there is no spec dsk" in said) == (4, True)


def test_ignored_drift_is_named_and_left(world: World) -> None:
    rule = "ignore: [{path: greeting, reason: A trial.}]\n"
    world.write(agents__desk=AGENT.format(name="Desk") + rule)
    world.apply()
    world.patch("Desk", greeting="Hi")
    assert world.run("pull")[1].startswith("not touched desk greeting: ignored: A trial.")
    assert "Hello!" in world.read("agents/desk.yaml")


def test_a_symlink_stays_one(world: World) -> None:
    world.put("common/real.yaml", AGENT.format(name="Desk"))
    (world.folder / "agents/desk.yaml").unlink()
    (world.folder / "agents/desk.yaml").symlink_to("../common/real.yaml")
    world.apply()
    world.patch("Desk", greeting="Hi")
    assert world.run("pull")[0] == 0
    assert (world.folder / "agents/desk.yaml").is_symlink()
    assert "greeting: Hi\n" in world.read("common/real.yaml")


def test_another_environment_that_the_edit_concerns_is_named(world: World) -> None:
    other = "  other: {api: 'https://api.example.com', api_key: {env: K}}\n"
    world.write(reconciler=PROJECT + other)
    assert world.run("-e", "sandbox", "apply", "--auto-approve")[0] == 0
    world.patch("Desk", greeting="Hi")
    code, said = world.run("-e", "sandbox", "pull")
    assert (code, "environment other gets another plan too: desk" in said) == (0, True)


def test_without_a_ledger_every_difference_is_taken(world: World) -> None:
    world.apply()
    world.patch("Desk", greeting="Hi")
    for path in (world.folder / ".reconciler").glob("ledger*"):
        path.unlink()
    code, said = world.run("pull")
    assert (code, said.startswith("No ledger, no memory")) == (0, True)
    assert "greeting: Hi\n" in world.read("agents/desk.yaml")


def test_a_prompt_in_a_windows_checkout_keeps_its_line_ends_and_the_plan_is_empty(
    world: World,
) -> None:
    text = AGENT.format(name="Desk").replace("Help the caller.", "{file: ../desk.md}")
    world.write(agents__desk=text)
    world.put("desk.md", "Be kind.\r\nBe brief.\r\n")
    world.apply()
    assert world.agents()["Desk"]["system_prompt"] == "Be kind.\nBe brief.\n"
    world.patch("Desk", system_prompt="Be kind.\nNever guess.\n")
    assert world.run("pull") == (0, "pulled desk system_prompt → desk.md\n")
    assert world.read("desk.md") == "Be kind.\r\nNever guess.\r\n"
    assert world.plan()[0] == 0


def test_a_live_prompt_with_windows_line_ends_is_pulled_into_the_spec_exactly(world: World) -> None:
    text = AGENT.format(name="Desk").replace("Help the caller.", "{file: ../desk.md}")
    world.write(agents__desk=text)
    world.put("desk.md", "Be kind.\n")
    world.apply()
    world.patch("Desk", system_prompt="Be kind.\r\nBe brief.")
    assert world.run("pull") == (0, "pulled desk system_prompt → agents/desk.yaml\n")
    assert 'system_prompt: "Be kind.\\r\\nBe brief."\n' in world.read("agents/desk.yaml")
    assert world.read("desk.md") == "Be kind.\n"
    assert world.plan()[0] == 0
