"""What an apply costs and how two behave, where the ledger is a branch at a remote."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.sandbox import SandboxOptions
from tests.end_to_end.origin import Clone, Origin
from tests.program import KEY, Api, serving

ROOT = Path(__file__).parents[2]


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    """Slow enough for two applies to meet."""
    with serving(tmp_path / "api.db", SandboxOptions(latency=0.05)) as served:
        yield served


@pytest.fixture
def origin(tmp_path: Path) -> Origin:
    return Origin(tmp_path / "host")


@pytest.fixture
def alice(origin: Origin, api: Api, monkeypatch: pytest.MonkeyPatch) -> Clone:
    monkeypatch.setenv("SLNG_API_KEY", KEY)
    environment = {"api": api.url, "api_key": {"env": "SLNG_API_KEY"}}
    return origin.people("alice", environment, {"backend": "git"})


def test_an_apply_of_100_changes_costs_a_handful_of_pushes(origin: Origin, alice: Clone) -> None:
    for number in range(100):
        alice.spec(f"agent{number:03}")
    before = origin.pushes()
    assert alice.apply().code == 0
    assert origin.pushes() - before <= 8

    for number in range(100):
        if number < 30:
            alice.remove(f"agent{number:03}")
            alice.spec(f"new{number:03}")
        elif number < 70:
            alice.spec(f"agent{number:03}", greeting="Good morning!")
    before = origin.pushes()
    said = alice.run("apply", "--auto-approve", "--format", "json", "--allow-deletes", "30")
    assert said.code == 0, said.err
    assert len(said.json["changes"]) == 100
    assert origin.pushes() - before <= 8
    assert alice.plan()["changes"] == []
    assert alice.run("history", "--format", "json").json["runs"][0]["actions"] == {
        "create": 30,
        "delete": 30,
        "update": 40,
    }


def test_two_fresh_clones_apply_at_once_and_one_wins(
    origin: Origin, alice: Clone, api: Api
) -> None:
    for number in range(30):
        alice.spec(f"agent{number:03}")
    alice.commit("agents")
    clones = [origin.clone(name) for name in ("one", "two")]
    running = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "reconciler",
                "-C",
                str(clone.folder),
                "apply",
                "--auto-approve",
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for clone in clones
    ]
    ends = [(*each.communicate(timeout=100), each.returncode) for each in running]
    codes = sorted(code for _, _, code in ends)
    assert codes in ([0, 5], [0, 0]), ends
    for out, err, code in ends:
        assert code == 0 or "another apply holds environment test" in err, (out, err)
    assert [m for m, _ in api.requests()].count("POST") == 30
    ledger = json.loads(alice.run("ledger", "show", "--format", "json").out)
    live = {agent["id"] for agent in api.agents().values()}
    assert {agent["agent_id"] for agent in ledger["agents"]} == live
    assert (ledger["intents"], ledger["holder"]) == ([], None)
    assert sum(code == 0 for code in codes) >= len(
        alice.run("history", "--format", "json").json["runs"]
    )
