"""The steps of the drift workflow, run by bash as a runner does, with a `gh` that keeps issues."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.scaffold.test_examples import EXAMPLES

GH = '''#!/usr/bin/env python3
"""A `gh` that keeps its issues and labels in a file; it knows what the workflow uses."""
import argparse, json, os, pathlib, sys
place = pathlib.Path(os.environ["GH_STATE"])
state = json.loads(place.read_text()) if place.exists() else {"issues": [], "labels": []}
noun, verb, *rest = sys.argv[1:]
p = argparse.ArgumentParser()
for flag in ("--state", "--label", "--limit", "--json", "--jq", "--comment", "--body-file",
             "--title", "--color", "--description"):
    p.add_argument(flag)
p.add_argument("--force", action="store_true")
p.add_argument("number", nargs="?")
a = p.parse_args(rest)
issues = state["issues"]
if (noun, verb) == ("issue", "list"):
    assert (a.state, a.jq) == ("open", ".[0].number // empty")
    found = [i for i in issues if i["open"] and i["label"] == a.label]
    print("".join(str(i["number"]) for i in found[:1]))
elif (noun, verb) == ("label", "create"):
    state["labels"].append(a.number)
elif (noun, verb) == ("issue", "create"):
    assert a.label in state["labels"], "gh refuses a label that there is not"
    issues.append({"number": len(issues) + 1, "open": True, "label": a.label, "title": a.title,
                   "body": pathlib.Path(a.body_file).read_bytes().decode("utf-8")})
elif (noun, verb) == ("issue", "edit"):
    issues[int(a.number) - 1]["body"] = pathlib.Path(a.body_file).read_bytes().decode("utf-8")
elif (noun, verb) == ("issue", "close"):
    issues[int(a.number) - 1]["open"] = False
else:
    sys.exit(f"unknown: {noun} {verb}")
place.write_text(json.dumps(state))
'''
RECONCILER = """#!/bin/sh
cat "$FAKE/said.md"
exit "$(cat "$FAKE/code")"
"""


@dataclass
class Runner:
    """Runs the steps of the drift job one after the other."""

    folder: Path

    def drift(self, code: int, markdown: str) -> int:
        """What the job ends with when `reconciler drift` says so."""
        (self.folder / "said.md").write_text(markdown, encoding="utf-8")
        (self.folder / "code").write_text(str(code), encoding="utf-8")
        job = YAML(typ="safe").load(EXAMPLES / "github/workflows/reconciler-drift.yml")
        look, issue = (step["run"] for step in job["jobs"]["drift"]["steps"] if "run" in step)
        ended = self._step(look)
        return ended or self._step(issue, CODE=str(code))

    def _step(self, script: str, **extra: str) -> int:
        path = f"{self.folder / 'bin'}:{os.environ['PATH']}"
        environment = {
            "PATH": path,
            "FAKE": str(self.folder),
            "GH_STATE": str(self.folder / "gh.json"),
            "RUNNER_TEMP": str(self.folder),
            "RECONCILER_ENV": "production",
            "FOLDER": ".",
            "GITHUB_OUTPUT": os.devnull,
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary.md"),
            "RUN": "https://github.example/run/1",
            **extra,
        }
        done = subprocess.run(["bash", "-e", "-c", script], env=environment, check=False)
        return done.returncode

    @property
    def issues(self) -> list[dict[str, Any]]:
        state = self.folder / "gh.json"
        found: list[dict[str, Any]] = (
            json.loads(state.read_text())["issues"] if state.exists() else []
        )
        return found


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    (tmp_path / "bin").mkdir()
    for name, text in (("gh", GH), ("reconciler", RECONCILER)):
        (tmp_path / "bin" / name).write_text(text, encoding="utf-8")
        (tmp_path / "bin" / name).chmod(0o755)
    return Runner(tmp_path)


def test_drift_opens_one_issue_keeps_it_up_to_date_and_closes_it(runner: Runner) -> None:
    assert runner.drift(0, "clean") == 0
    assert runner.issues == []
    assert runner.drift(2, "first drift") == 0
    assert runner.drift(2, "second drift") == 0
    (issue,) = runner.issues
    assert (issue["title"], issue["open"]) == ("Drift in production", True)
    assert "second drift" in issue["body"]
    assert "first drift" not in issue["body"]
    assert runner.drift(0, "clean") == 0
    assert [issue["open"] for issue in runner.issues] == [False]
    assert runner.drift(2, "new drift") == 0
    assert [issue["open"] for issue in runner.issues] == [False, True]


def test_a_check_that_failed_is_neither_drift_nor_clean(runner: Runner) -> None:
    runner.drift(2, "drift")
    for code in (1, 4, 70):
        assert runner.drift(code, "") == code
    assert [issue["open"] for issue in runner.issues] == [True]


def test_a_report_longer_than_an_issue_is_cut_between_characters(runner: Runner) -> None:
    assert runner.drift(2, "ü" * 70_000) == 0
    assert len(runner.issues[0]["body"]) <= 65_536
    assert (runner.folder / "summary.md").stat().st_size > 70_000


def test_text_of_a_prompt_is_never_run(runner: Runner) -> None:
    assert runner.drift(2, "$(touch pwned) `touch pwned` ; touch pwned\n'\"") == 0
    assert "$(touch pwned)" in runner.issues[0]["body"]
    assert not Path("pwned").exists()
