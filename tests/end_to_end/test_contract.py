"""The contract of commands, exit codes and JSON that other programs rely on."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.program import KEY, Api, Checkout


def test_a_saved_plan_is_applied_and_a_stale_one_refused(repo: Checkout, api: Api) -> None:
    repo.spec("desk")
    repo.spec("other")
    repo.apply()
    repo.spec("desk", greeting="Reviewed")
    saved = repo.folder / "saved.json"
    assert repo.run("plan", "--out", str(saved)).code == 0
    api.click("Desk", greeting="Changed after the review")
    later = api.since()
    said = repo.run("apply", str(saved))
    assert said.code == 3
    assert "desk changed since the review (live)" in said.err
    assert later.writes() == []

    repo.run("plan", "--out", str(saved))
    repo.spec("other", greeting="Not reviewed")
    later = api.since()
    said = repo.run("apply", str(saved))
    assert said.code == 0, said.err
    assert later.writes() == ["PUT"]
    assert "the reviewed plan does not hold this change" in said.out
    assert api.agents()["Other"]["greeting"] == "Hello!"


def test_a_plan_made_without_secrets_is_applied_with_them(
    repo: Checkout, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = {
        "type": "webhook",
        "name": "lookup",
        "description": "Look it up.",
        "url": "https://example.com/x",
        "parameters": {"type": "object"},
        "auth": {"type": "bearer", "token": {"env": "CRM_TOKEN"}},
    }
    repo.spec("desk", tools=[tool])
    saved = repo.folder / "saved.json"
    without = repo.run("plan", "--format", "json", "--out", str(saved)).json
    monkeypatch.setenv("CRM_TOKEN", "a-secret-value")
    assert repo.plan()["digest"] == without["digest"]
    assert repo.run("apply", str(saved)).code == 0
    assert set(api.agents()) == {"Desk"}


def test_an_expected_digest_must_be_the_digest(repo: Checkout, api: Api) -> None:
    repo.spec("desk")
    digest = repo.plan()["digest"]
    repo.spec("desk", greeting="Other")
    assert repo.run("apply", "--expect", digest).code == 3
    assert api.agents() == {}
    assert repo.run("apply", "--expect", repo.plan()["digest"]).code == 0


def test_what_was_allowed_in_the_plan_is_allowed_in_its_apply(repo: Checkout, api: Api) -> None:
    repo.configure(deletion={"max_count": 0})
    for key in ("a", "b", "c"):
        repo.spec(key)
    repo.apply()
    repo.remove("a")
    repo.remove("b")
    saved = repo.folder / "saved.json"
    assert repo.run("plan", "--out", str(saved)).code == 3
    assert repo.run("apply", str(saved)).code == 3
    assert len(api.agents()) == 3
    assert repo.run("plan", "--allow-deletes", "2", "--out", str(saved)).code == 0
    assert repo.run("apply", str(saved)).code == 0
    assert set(api.agents()) == {"C"}


def test_only_the_targets_are_changed(repo: Checkout, api: Api) -> None:
    repo.spec("desk")
    repo.spec("other")
    assert repo.apply("--target", "desk").code == 0
    assert set(api.agents()) == {"Desk"}


def test_exit_codes_tell_differences_apart_from_trouble(repo: Checkout, api: Api) -> None:
    repo.spec("desk")
    assert repo.run("plan").code == 0
    assert repo.run("plan", "--detailed-exitcode").code == 2
    assert repo.run("drift").code == 0
    assert repo.run("plan", "--no-such-option").code == 4
    assert repo.run("-e", "nowhere", "plan").code == 4
    repo.spec("desk", greetng="Hello")
    assert repo.run("plan").code == 4


def test_errors_are_one_json_document_when_json_is_asked_for(repo: Checkout) -> None:
    repo.spec("desk", greetng="Hello")
    said = repo.run("plan", "--format", "json")
    assert said.code == 4
    error = said.json["error"]
    assert {"code", "message", "position", "hint", "exit_code"} <= error.keys()
    assert error["exit_code"] == 4
    assert "greetng" in error["message"]
    assert said.json["format_version"] == 1

    usage = repo.run("plan", "--format", "json", "--no-such-option")
    assert usage.json["error"]["exit_code"] == 4


def test_an_unreachable_api_is_a_failure_and_never_no_agents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLNG_API_KEY", "invalid-key")
    monkeypatch.setenv("PATH", "")
    with_bad_key = Checkout(
        tmp_path / "r", {"api": "http://127.0.0.1:9", "api_key": {"env": "NOT_SET"}}
    )
    with_bad_key.spec("desk")
    assert with_bad_key.run("plan").code == 4


def test_a_wrong_key_is_a_failure(repo: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLNG_API_KEY", "invalid-key")
    repo.spec("desk")
    said = repo.run("drift")
    assert said.code == 1
    assert "Invalid API key" in said.err


def test_one_refused_agent_does_not_stop_the_others(repo: Checkout, api: Api) -> None:
    repo.spec("a", region="nowhere-1")
    repo.spec("b")
    said = repo.apply("--format", "json")
    assert said.code == 1
    results = {c["key"]: c["result"] for c in said.json["changes"]}
    assert results == {"a": "failed", "b": "done"}
    (failed,) = [c for c in said.json["changes"] if c["key"] == "a"]
    assert "region" in failed["error"]
    assert set(api.agents()) == {"B"}


def test_help_loads_no_heavy_library() -> None:
    code = (
        "import sys; from reconciler.cli.boundary import run; run(['--help']); "
        "heavy = {'pydantic','httpx','deepdiff','ruamel','rich','starlette'} & set(sys.modules); "
        "sys.exit(repr(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_program_starts_as_a_module_and_without_a_terminal_asks_for_approval(
    repo: Checkout, api: Api
) -> None:
    repo.spec("desk")
    command = [sys.executable, "-m", "reconciler", "-C", str(repo.folder), "apply"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 4
    assert "--auto-approve" in done.stderr
    assert api.agents() == {}


def test_json_is_all_there_is_on_standard_output(repo: Checkout) -> None:
    repo.spec("desk")
    command = [sys.executable, "-m", "reconciler", "-C", str(repo.folder), "apply"]
    done = subprocess.run(
        [*command, "--auto-approve", "--format", "json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["changes"][0]["result"] == "done"
    assert KEY not in done.stdout + done.stderr
