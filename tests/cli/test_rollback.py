"""What an apply replaced is put back by a plan like any other, in each era of the API."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reconciler.sandbox import SandboxOptions
from tests.program import KEY, Api, Checkout, serving

TRUNK = "3f1c9a52-7a60-4f2e-9a35-0a6f8b1a7c11"
WEBHOOK = {
    "type": "webhook",
    "name": "check_order",
    "description": "Looks an order up.",
    "url": "https://crm.example.com/orders",
    "parameters": {"type": "object", "properties": {}},
    "auth": {"type": "bearer", "token": {"env": "CRM_TOKEN"}},
}


@pytest.fixture(params=["reference", "openapi", "deployed"])
def era(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def api(tmp_path: Path, era: Any) -> Iterator[Api]:
    with serving(tmp_path / "api.db", SandboxOptions(era=era)) as served:
        yield served


@pytest.fixture
def repo(tmp_path: Path, api: Api, era: Any, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    monkeypatch.setenv("SLNG_API_KEY", KEY)
    monkeypatch.setenv("RUNTIME_KEY", "slng_runtime_key_canary")
    monkeypatch.setenv("CRM_TOKEN", "crm-token-canary")
    environment: dict[str, Any] = {"api": api.url, "api_key": {"env": "SLNG_API_KEY"}}
    overrides: dict[str, Any] = {"tool_mode": "legacy"} if era == "deployed" else {}
    if era == "reference":
        overrides["slng_api_key"] = {"env": "RUNTIME_KEY"}
    if overrides:
        environment["overrides"] = overrides
    return Checkout(tmp_path / "repo", environment)


def last_run(repo: Checkout) -> str:
    return str(repo.run("history", "--format", "json").json["runs"][0]["id"])


def undo(repo: Checkout, run_id: str, *more: str) -> Any:
    said = repo.run("rollback", run_id, "--auto-approve", "--format", "json", *more)
    assert said.code == 0, said.out + said.err
    return said.json


def writable(agent: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in agent.items() if k not in {"updated_at", "created_at", "id"}}


def test_an_update_a_rename_a_delete_and_a_create_are_undone_at_once(
    repo: Checkout, api: Api
) -> None:
    repo.spec("desk", greeting="Old", tools=[WEBHOOK])
    repo.spec("left")
    repo.spec("right")
    repo.spec("gone", sip_outbound_trunk_id=TRUNK, template_defaults={"a": "b"})
    assert repo.apply().code == 0
    before = api.agents()
    repo.spec("desk", greeting="New", tools=[{**WEBHOOK, "url": "https://x.example.com/"}])
    repo.spec("left", name="Right")
    repo.spec("right", name="Left")
    repo.spec("new")
    repo.remove("gone")
    assert repo.apply().code == 0
    plan = undo(repo, last_run(repo))
    actions = {change["key"]: change["action"] for change in plan["changes"]}
    assert actions == {
        "desk": "update",
        "left": "update",
        "right": "update",
        "gone": "create",
        "new": "delete",
    }
    after = api.agents()
    assert {name: writable(a) for name, a in after.items()} == {
        name: writable(a) for name, a in before.items()
    }
    assert [w for w in plan["warnings"] if "git still says otherwise" in w]
    assert "desk, gone, left, new, right" in "".join(plan["warnings"])


def test_after_a_rollback_the_reverted_repo_has_nothing_to_do(repo: Checkout) -> None:
    repo.spec("desk", greeting="Old")
    repo.apply()
    repo.spec("desk", greeting="New")
    repo.apply()
    undo(repo, last_run(repo))
    assert [c["key"] for c in repo.plan()["changes"]] == ["desk"]
    repo.spec("desk", greeting="Old")
    assert repo.plan()["changes"] == []


@pytest.mark.parametrize("update", ["put", "patch"])
def test_an_agent_made_again_is_the_repos_no_further_than_it_was(
    repo: Checkout, api: Api, update: str
) -> None:
    repo.configure(update=update)
    repo.spec("desk")
    repo.spec("other")
    repo.apply()
    api.click("Desk", enable_interruptions=False)
    before = api.agents()["Desk"]
    repo.remove("desk")
    repo.apply()
    undo(repo, last_run(repo))
    repo.spec("desk")
    seen = api.since()
    said = repo.apply()
    assert (said.code, seen.writes()) == (0, []), said.out + said.err
    assert repo.plan()["changes"] == []
    assert writable(api.agents()["Desk"]) == writable(before)
    repo.spec("desk", language="de")
    repo.spec("other", language="de")
    assert repo.apply().code == 0
    agents = api.agents()
    assert agents["Desk"]["idle_nudges"] == agents["Other"]["idle_nudges"]
    assert agents["Desk"]["enable_interruptions"] is False


def test_nudges_that_a_person_wrote_are_no_ones_to_reset_in_an_agent_made_again(
    repo: Checkout, api: Api
) -> None:
    repo.spec("desk")
    repo.spec("other")
    repo.apply()
    texts = ("first_nudge_text", "second_nudge_text", "final_hangup_text")
    nudges = {**api.agents()["Desk"]["idle_nudges"], **dict.fromkeys(texts, "Anybody there?")}
    api.click("Desk", idle_nudges=nudges)
    repo.remove("desk")
    repo.apply()
    undo(repo, last_run(repo))
    repo.spec("desk", language="de")
    assert repo.apply().code == 0
    assert api.agents()["Desk"]["idle_nudges"] == nudges


def test_what_was_the_repos_before_a_delete_is_reset_when_git_takes_it_out(
    repo: Checkout, api: Api
) -> None:
    repo.spec("desk", enable_interruptions=False)
    repo.spec("other")
    repo.apply()
    repo.remove("desk")
    repo.apply()
    undo(repo, last_run(repo))
    repo.spec("desk")
    assert repo.apply().code == 0
    assert api.agents()["Desk"]["enable_interruptions"] is True


def test_what_was_never_the_repos_is_left_as_it_is_now(repo: Checkout, api: Api) -> None:
    repo.spec("desk", greeting="Old")
    repo.apply()
    repo.spec("desk", greeting="New")
    repo.apply()
    api.click("Desk", enable_interruptions=False)
    undo(repo, last_run(repo))
    agent = api.agents()["Desk"]
    assert (agent["greeting"], agent["enable_interruptions"]) == ("Old", False)
    repo.spec("desk", greeting="Newer")
    assert repo.apply().code == 0
    assert api.agents()["Desk"]["enable_interruptions"] is False


def test_a_secret_that_no_spec_names_blocks(repo: Checkout, api: Api) -> None:
    repo.spec("desk", tools=[WEBHOOK])
    repo.apply()
    repo.remove("desk")
    repo.spec("other")
    repo.apply()
    seen = api.since()
    said = repo.run("rollback", last_run(repo), "--auto-approve", "--target", "desk")
    assert said.code == 3
    assert "secret of the live webhook check_order" in said.out
    assert "`git revert`" in said.out
    assert "update: patch" not in said.out
    assert seen.writes() == []


def test_a_rollback_can_be_undone(repo: Checkout, api: Api) -> None:
    repo.spec("desk", greeting="Old")
    repo.apply()
    repo.spec("desk", greeting="New")
    repo.apply()
    undo(repo, last_run(repo))
    undo(repo, last_run(repo))
    assert api.agents()["Desk"]["greeting"] == "New"


def test_guards_hold_for_a_rollback_too(repo: Checkout, api: Api) -> None:
    for number in range(7):
        repo.spec(f"desk{number}")
    repo.apply()
    seen = api.since()
    said = repo.run("rollback", last_run(repo), "--auto-approve")
    assert said.code == 3
    assert "--allow-deletes 7" in said.out + said.err
    assert seen.writes() == []
    undo(repo, last_run(repo), "--allow-deletes", "7")
    assert api.agents() == {}


def test_a_protected_agent_that_a_rollback_would_delete_is_told_of_as_it_is(
    repo: Checkout, api: Api
) -> None:
    repo.spec("old")
    repo.apply()
    repo.spec("desk", lifecycle={"prevent_destroy": True})
    repo.spec("old", greeting="New")
    repo.apply()
    said = repo.run("rollback", last_run(repo), "--auto-approve")
    assert (said.code, "spec is gone" in said.out) == (3, False)
    assert "put the spec back" not in said.out + said.err
    assert "name the others with `--target`" in said.out + said.err
    undo(repo, last_run(repo), "--target", "old")
    repo.spec("desk", lifecycle={"prevent_destroy": False})
    repo.apply()
    assert "Desk" in api.agents()


def test_one_target_is_put_back_alone(repo: Checkout, api: Api) -> None:
    repo.spec("a", greeting="Old")
    repo.spec("b", greeting="Old")
    repo.apply()
    repo.spec("a", greeting="New")
    repo.spec("b", greeting="New")
    repo.apply()
    undo(repo, last_run(repo), "--target", "a")
    assert [api.agents()[name]["greeting"] for name in ("A", "B")] == ["Old", "New"]
    said = repo.run("rollback", last_run(repo), "--auto-approve", "--target", "nobody")
    assert said.code == 4


def test_only_of_targets_anything_is_said(repo: Checkout) -> None:
    runs = []
    for greeting in ("One", "Two", "Three"):
        for key in ("a", "b"):
            repo.spec(key, greeting=greeting)
        repo.apply()
        runs.append(last_run(repo))
    second = runs[1]
    wrong = repo.run("rollback", second, "--auto-approve", "--target", "zzz")
    assert (wrong.code, "changed it since" in wrong.err) == (4, False)
    assert f"`reconciler history {second}` shows what it changed" in wrong.err
    warnings = "".join(undo(repo, second, "--target", "a")["warnings"])
    assert "a: run" in warnings
    assert "b: run" not in warnings


def test_a_saved_rollback_writes_nothing_and_is_made_by_its_digest(
    repo: Checkout, api: Api, tmp_path: Path
) -> None:
    repo.spec("desk", greeting="Old")
    repo.apply()
    repo.spec("desk", greeting="New")
    repo.apply()
    seen = api.since()
    out = tmp_path / "plan.json"
    said = repo.run("rollback", last_run(repo), "--out", str(out), "--format", "json")
    assert (said.code, seen.writes()) == (0, [])
    digest = said.json["digest"]
    wrong = repo.run("rollback", last_run(repo), "--expect", "other")
    assert (wrong.code, seen.writes()) == (3, [])
    assert repo.run("rollback", last_run(repo), "--expect", digest).code == 0
    assert api.agents()["Desk"]["greeting"] == "Old"


def test_it_does_not_write_unasked(repo: Checkout, api: Api) -> None:
    repo.spec("desk")
    repo.apply()
    seen = api.since()
    assert repo.run("rollback", last_run(repo)).code == 4
    assert repo.run("rollback", "nonsense", "--auto-approve").code == 4
    assert seen.writes() == []


def test_a_run_that_is_older_says_what_came_after_it(repo: Checkout) -> None:
    repo.spec("desk", greeting="One")
    repo.apply()
    repo.spec("desk", greeting="Two")
    repo.apply()
    second = last_run(repo)
    repo.spec("desk", greeting="Three")
    repo.apply()
    third = last_run(repo)
    plan = undo(repo, second)
    assert any(f"run {third} changed it since" in warning for warning in plan["warnings"])
