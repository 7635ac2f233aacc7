"""Where it runs: pull requests, merges and cron, each in a checkout of its own."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.origin import Clone, Origin
from tests.hosting.fake_hosts import TOKEN, Host, github
from tests.program import KEY, Api
from tests.scaffold.test_drift_issue import GH, RECONCILER, Runner

LEDGERS: dict[str, dict[str, Any]] = {
    "sqlite": {"backend": "sqlite"},
    "git": {"backend": "git"},
    "postgres": {"backend": "postgres", "url": {"env": "LEDGER_URL"}},
}
CI = ("CI", "GITHUB_ACTIONS", "GITLAB_CI", "GITHUB_SHA", "CI_COMMIT_SHA", "GITHUB_STEP_SUMMARY")


@dataclass
class Story:
    """One repository on one host, with jobs that start from nothing each time."""

    origin: Origin
    api: Api
    host: Host
    backend: str
    issues: Runner

    @property
    def travels(self) -> bool:
        return self.backend != "sqlite"

    @property
    def cache(self) -> Path:
        """What a CI cache keeps of a ledger in a file; nobody asks a cache for more."""
        return self.origin.folder / "cache"

    @contextmanager
    def job(self, name: str, branch: str = "main") -> Iterator[Clone]:
        clone = self.origin.clone(name, branch)
        self.take_memory_to(clone)
        yield clone
        if not self.travels:
            shutil.copytree(clone.folder / ".reconciler", self.cache, dirs_exist_ok=True)

    def take_memory_to(self, clone: Clone) -> None:
        """A ledger in a file does not travel: a fresh clone says so, until it is carried along."""
        if self.travels or not self.cache.exists():
            return
        assert "This plan has no memory" in clone.run("plan").out
        shutil.copytree(self.cache, clone.folder / ".reconciler", dirs_exist_ok=True)

    def comment(self, clone: Clone, plan: Path) -> None:
        where = ("--host", "github", "--base-url", self.host.url, "--repo", "acme/voice")
        which = ("--number", "7", "--token-env", "FAKE_TOKEN", "--plan", str(plan))
        said = clone.run("comment", *where, *which)
        assert said.code == 0, said.err

    def scheduled_drift(self, name: str) -> int:
        """The cron job: look, and keep the one issue."""
        with self.job(name) as clone:
            said = clone.run("drift", "--format", "markdown")
        assert self.issues.drift(said.code, said.out) == 0
        return said.code


@pytest.fixture(params=sorted(LEDGERS))
def story(
    request: pytest.FixtureRequest, tmp_path: Path, api: Api, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Story]:
    backend = str(request.param)
    for name in CI:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SLNG_API_KEY", KEY)
    monkeypatch.setenv("FAKE_TOKEN", TOKEN)
    if backend == "postgres":
        databases: Callable[[], str] = request.getfixturevalue("databases")
        monkeypatch.setenv("LEDGER_URL", databases())
    with github() as host:
        issues = Runner(_tools(tmp_path / "runner"))
        yield Story(Origin(tmp_path / "host"), api, host, backend, issues)


def _tools(folder: Path) -> Path:
    """The `gh` and `reconciler` that the drift workflow's steps call."""
    (folder / "bin").mkdir(parents=True)
    for name, text in (("gh", GH), ("reconciler", RECONCILER)):
        (folder / "bin" / name).write_text(text, encoding="utf-8")
        (folder / "bin" / name).chmod(0o755)
    return folder


def test_from_a_branch_to_production_and_back_from_the_dashboard(story: Story) -> None:
    alice = started(story)
    plan = reviewed(story, alice)
    merged(story, alice, plan)
    edited_by_hand_and_pulled(story, alice)


def started(story: Story) -> Clone:
    """Alice commits a project, and the first merge applies it."""
    environment = {"api": story.api.url, "api_key": {"env": "SLNG_API_KEY"}}
    alice = story.origin.people("alice", environment, LEDGERS[story.backend])
    alice.spec("desk")
    alice.spec("hall")
    alice.commit("voice agents")
    with story.job("first apply") as clone:
        assert clone.apply().code == 0
    assert set(story.api.agents()) == {"Desk", "Hall"}
    return alice


def reviewed(story: Story, alice: Clone) -> Path:
    """A branch, its pull request with the plan as a comment, and the plan as an artefact."""
    alice.branch("greeting")
    alice.spec("desk", greeting="Good morning!")
    alice.commit("a new greeting")
    plan = story.origin.folder / "plan.json"
    seen = story.api.since()
    with story.job("pull request", "greeting") as clone:
        assert clone.run("plan", "--out", str(plan)).code == 0
        story.comment(clone, plan)
    assert seen.writes() == []
    (body,) = story.host.bodies
    assert "Good morning!" in body
    assert "1 to update" in body
    return plan


def merged(story: Story, alice: Clone, plan: Path) -> None:
    """What was reviewed is what is applied, from a checkout that never saw the branch."""
    alice.merge("greeting")
    seen = story.api.since()
    with story.job("apply") as clone:
        said = clone.run("apply", str(plan))
        assert said.code == 0, said.err
        last = clone.run("history", "--format", "json").json["runs"][0]
    assert seen.writes() == ["PUT"]
    assert story.api.agents()["Desk"]["greeting"] == "Good morning!"
    assert (last["actions"], last["commit"]) == ({"update": 1}, alice.git("rev-parse", "main"))


def edited_by_hand_and_pulled(story: Story, alice: Clone) -> None:
    assert story.scheduled_drift("drift before") == 0
    story.api.click("Hall", greeting="Changed by hand")
    assert story.scheduled_drift("drift") == 2
    (issue,) = story.issues.issues
    assert issue["open"]
    assert "Changed by hand" in issue["body"]

    alice.branch("from-the-dashboard")
    story.take_memory_to(alice)
    assert alice.run("pull").code == 0
    alice.commit("what the dashboard says")
    alice.merge("from-the-dashboard")

    seen = story.api.since()
    with story.job("plan") as clone:
        assert clone.plan()["changes"] == []
        assert clone.run("plan", "--detailed-exitcode").code == 0
    with story.job("apply the pull") as clone:
        assert clone.apply().code == 0
    assert story.scheduled_drift("drift after") == 0
    assert [issue["open"] for issue in story.issues.issues] == [False]
    assert seen.writes() == []
    assert story.api.agents()["Hall"]["greeting"] == "Changed by hand"
