"""Many applies started at once on one environment: real processes, one lock.

Twelve here; `RECONCILER_CHAOS_APPLIES=50` for more.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from reconciler.sandbox import SandboxOptions
from tests.chaos.verdict import integrity
from tests.program import KEY, Checkout, serving

APPLIES = int(os.environ.get("RECONCILER_CHAOS_APPLIES", "12"))
AGENTS = 12


def test_one_writes_and_each_other_is_locked_or_finds_nothing_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLNG_API_KEY", KEY)
    with serving(tmp_path / "api.db", SandboxOptions(latency=0.02)) as api:
        repo = Checkout(tmp_path / "repo", {"api": api.url, "api_key": {"env": "SLNG_API_KEY"}})
        for number in range(AGENTS):
            repo.spec(f"desk-{number}")
        command = [sys.executable, "-m", "reconciler", "-C", str(repo.folder), "apply"]
        processes = [
            subprocess.Popen(
                [*command, "--auto-approve", "--format", "json"],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                cwd=Path(__file__).parents[2],
            )
            for _ in range(APPLIES)
        ]
        ended = [(process.communicate(), process.returncode) for process in processes]
        codes = Counter(code for _, code in ended)
        assert set(codes) <= {0, 5}, ended
        documents = [json.loads(out) for (out, _), code in ended if code == 0]
        wrote = [document for document in documents if document["changes"]]
        assert len(wrote) == 1
        assert {change["result"] for change in wrote[0]["changes"]} == {"done"}
        locked = [json.loads(out)["error"] for (out, _), code in ended if code == 5]
        assert {error["code"] for error in locked} <= {"LOCKED"}
        assert Counter(api.since().api.requests())["POST", "/v1/agents"] == AGENTS
        assert len(api.http.get("/v1/agents").json()) == AGENTS
        assert repo.plan()["changes"] == []
        listed = repo.run("ledger", "show", "--format", "json").json
    assert len(listed["agents"]) == AGENTS
    assert (listed["intents"], listed["damage"]) == ([], [])
    assert list(integrity(repo.folder / ".reconciler" / "ledger.db")) == []
