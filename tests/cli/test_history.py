"""History, show and ledger, as a person meets them."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reconciler.ledger import SqliteLedger
from reconciler.model.ledger import Run
from reconciler.sandbox import SandboxOptions
from tests.program import KEY, Api, Checkout, serving

HOSTILE = "Hi\x1b]0;owned\x07 \x1b[2J\n::error::pwned\n`x` \u202eevil"


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with serving(tmp_path / "api.db", SandboxOptions()) as served:
        yield served


@pytest.fixture
def repo(tmp_path: Path, api: Api, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    monkeypatch.setenv("SLNG_API_KEY", KEY)
    monkeypatch.setenv("GITHUB_ACTOR", "alice")
    monkeypatch.setenv("GITHUB_SHA", "a" * 40)
    checkout = Checkout(tmp_path / "repo", {"api": api.url, "api_key": {"env": "SLNG_API_KEY"}})
    checkout.spec("desk", greeting="One")
    assert checkout.apply().code == 0
    checkout.spec("desk", greeting="Two")
    assert checkout.apply().code == 0
    return checkout


def test_history_says_who_what_and_from_which_commit_newest_first(repo: Checkout) -> None:
    runs = repo.run("history", "--format", "json").json["runs"]
    assert [run["actions"] for run in runs] == [{"update": 1}, {"create": 1}]
    assert {(run["actor"], run["commit"], run["result"]) for run in runs} == {
        ("alice", "a" * 40, "done")
    }
    text = repo.run("history").out
    assert text.index(runs[0]["id"]) < text.index(runs[1]["id"])
    assert "alice@" in text
    assert "aaaaaaaaaaaa" in text
    assert len(repo.run("history", "--limit", "1", "--format", "json").json["runs"]) == 1


def test_a_run_shows_its_fields_and_keeps_the_document_it_replaced(repo: Checkout) -> None:
    newest = repo.run("history", "--format", "json").json["runs"][0]["id"]
    run = repo.run("history", newest, "--format", "json").json
    (change,) = run["changes"]
    assert (change["key"], change["action"], change["result"]) == ("desk", "update", "done")
    assert [field["path"] for field in change["fields"]] == [["greeting"]]
    assert change["before"]["greeting"] == "One"
    assert "greeting  (git)" in repo.run("history", newest).out


def test_history_needs_neither_key_nor_network(
    repo: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SLNG_API_KEY")
    assert repo.run("history").code == 0
    assert repo.run("ledger", "show").code == 0
    assert repo.run("show", "desk").code == 4


def test_an_unknown_run_is_an_error_that_json_tells_too(repo: Checkout) -> None:
    said = repo.run("history", "nope", "--format", "json")
    assert said.code == 4
    assert "is no run" in said.json["error"]["message"]


def test_without_an_apply_there_is_no_history(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path / "new", {"api": "sandbox"})
    assert "Nothing was applied" in checkout.run("history").out
    assert checkout.run("history", "--format", "json").json["runs"] == []
    assert "no ledger" in checkout.run("ledger", "show").out
    assert checkout.run("ledger", "export").json["runs"] == []


def test_show_has_all_sides_and_no_secret(repo: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_TOKEN", "canary-value-1")
    webhook = {
        "type": "webhook",
        "name": "check",
        "description": "d",
        "url": "https://crm.example.com/",
        "parameters": {"type": "object"},
        "auth": {"type": "bearer", "token": {"env": "CRM_TOKEN"}},
    }
    repo.spec("desk", greeting="Three", tools=[webhook])
    shown = repo.run("show", "desk", "--format", "json")
    sides = shown.json
    assert sides["desired"]["greeting"] == "Three"
    assert sides["desired"]["tools"][0]["auth"] == {"type": "bearer", "token": {"env": "CRM_TOKEN"}}
    assert sides["live"]["greeting"] == "Two"
    assert sides["ledger"]["agent_id"] == sides["agent_id"]
    assert [entry["action"] for entry in sides["history"]] == ["update", "create"]
    assert repo.apply().code == 0
    everything = [repo.run(*c).out for c in (["show", "desk"], ["history"], ["ledger", "export"])]
    assert "canary-value-1" not in "".join([shown.out, *everything])


def test_show_of_an_unknown_key_suggests_one(repo: Checkout) -> None:
    said = repo.run("show", "dekk")
    assert said.code == 4
    assert "did you mean desk" in said.err


def test_show_of_a_key_that_git_lost(repo: Checkout) -> None:
    repo.remove("desk")
    sides = repo.run("show", "desk", "--format", "json").json
    assert sides["desired"] is None
    assert sides["live"]["name"] == "Desk"


def test_hostile_text_stays_inert(repo: Checkout, api: Api) -> None:
    repo.spec("desk", greeting=HOSTILE, system_prompt=HOSTILE)
    assert repo.apply().code == 0
    newest = repo.run("history", "--format", "json").json["runs"][0]["id"]
    for arguments in (["show", "desk", "-h"], ["show", "desk"], ["history", newest], ["ledger"]):
        out = repo.run(*arguments).out
        assert not {"\x1b", "\x07", "\u202e"} & set(out)
        assert not [line for line in out.splitlines() if line.lstrip().startswith("::")]
    exported = repo.run("ledger", "export").out
    assert not {"\x1b", "\x07", "\u202e"} & set(exported)
    assert json.loads(exported)["agents"][0]["sent"]["greeting"] == HOSTILE


def test_forget_leaves_the_agent_and_is_remembered(repo: Checkout, api: Api) -> None:
    seen = api.since()
    assert repo.run("ledger", "forget", "desk").code == 4  # nobody to ask
    assert repo.run("ledger", "forget", "nobody", "--yes").code == 4
    assert repo.run("ledger", "forget", "desk", "--yes").code == 0
    assert seen.requests() == []
    assert repo.run("ledger", "show", "--format", "json").json["agents"] == []
    run = repo.run("history", "--format", "json").json["runs"][0]
    assert run["actions"] == {"forget": 1}
    assert [c["action"] for c in repo.plan()["changes"]] == ["adopt"]


def test_ledger_show_lists_agents_and_one_of_them(repo: Checkout) -> None:
    listed = repo.run("ledger", "show", "--format", "json").json
    assert [agent["key"] for agent in listed["agents"]] == ["desk"]
    assert (listed["holder"], listed["damage"], listed["intents"]) == (None, [], [])
    assert "1 agent remembered" in repo.run("ledger", "show").out
    one = repo.run("ledger", "show", "desk", "--format", "json").json
    assert one["record"]["sent"]["greeting"] == "Two"
    assert "prevent_destroy false" in repo.run("ledger", "show", "desk").out
    assert repo.run("ledger", "show", "nobody").code == 4


def test_unlock_and_forget_meet_a_living_holder(repo: Checkout) -> None:
    assert repo.run("ledger", "unlock").code == 0
    ledger = SqliteLedger(repo.folder / ".reconciler" / "ledger.db", "test")
    now = datetime(2026, 11, 21, tzinfo=UTC)
    with ledger.lock(Run("run-9", now, "bob\x1b[2J", "desk-9", os.getpid())):
        said = repo.run("ledger", "unlock")
        assert said.code == 5
        assert "desk-9" in said.err
        assert "\x1b" not in said.err
        assert repo.run("ledger", "forget", "desk", "--yes").code == 5
        assert repo.run("ledger", "show", "--format", "json").json["holder"]["host"] == "desk-9"
    assert repo.run("ledger", "unlock").code == 0
