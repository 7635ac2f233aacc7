"""`comment` as a CI job runs it: against a sandbox and a code host that listen on real ports."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.sandbox import SandboxOptions
from tests.hosting.fake_hosts import TOKEN, Host, Ordered, github, gitlab
from tests.program import KEY, Api, Checkout, serving

VARIABLES = ("GITHUB_ACTIONS", "GITLAB_CI", "GITHUB_TOKEN", "GH_TOKEN", "GITLAB_TOKEN", "CI")


@pytest.fixture(autouse=True)
def _no_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*VARIABLES, "GITHUB_STEP_SUMMARY", "GITHUB_EVENT_PATH", "GITHUB_REF"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with serving(tmp_path / "api.db", SandboxOptions()) as served:
        yield served


@pytest.fixture
def repo(tmp_path: Path, api: Api, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    monkeypatch.setenv("SLNG_API_KEY", KEY)
    return Checkout(tmp_path / "repo", {"api": api.url, "api_key": {"env": "SLNG_API_KEY"}})


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    """A GitHub, and the variables of a run for its pull request 7."""
    with github() as served:
        event = tmp_path / "event.json"
        head = {"sha": "c0ffee" * 6 + "c0ff"}
        event.write_text(json.dumps({"pull_request": {"number": 7, "head": head}}))
        for name, value in {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": served.url,
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_REPOSITORY": "acme/voice",
            "GITHUB_RUN_ID": "1",
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
            "GITHUB_TOKEN": TOKEN,
        }.items():
            monkeypatch.setenv(name, value)
        yield served


def test_a_pull_request_gets_one_comment_that_follows_the_plan(repo: Checkout, host: Host) -> None:
    repo.spec("desk", greeting="One")
    assert repo.run("comment").code == 0
    repo.spec("desk", greeting="Two")
    said = repo.run("comment")
    assert (said.code, said.out) == (
        0,
        "The comment of test on pull request 7 of acme/voice: 1 updated.\n",
    )
    (body,) = host.bodies
    assert "Two" in body
    assert "One" not in body


def test_the_comment_says_commit_digest_and_run(repo: Checkout, host: Host) -> None:
    repo.spec("desk")
    repo.run("comment")
    digest = repo.plan()["digest"]
    last = host.bodies[0].strip().splitlines()[-1]
    assert last == (
        f"<sub>commit c0ffeec0ffee · plan <code>{digest}</code> · "
        "[run](https://github.example/acme/voice/actions/runs/1)</sub>"
    )


def test_a_saved_plan_is_shown_as_it_was_made(
    repo: Checkout, host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.spec("desk", greeting="One")
    repo.spec("old")
    repo.apply()
    repo.remove("old")
    repo.spec("desk", greeting="Two", template_defaults={"a": "1"})
    repo.spec("new")
    repo.run("comment")
    repo.run("plan", "--out", str(tmp_path / "plan.json"))
    monkeypatch.delenv("SLNG_API_KEY")
    said = repo.run("comment", "--plan", str(tmp_path / "plan.json"))
    assert "1 unchanged" in said.out


def test_nothing_to_do_means_no_comment_where_that_is_asked_for(repo: Checkout, host: Host) -> None:
    repo.spec("desk")
    repo.run("comment")
    repo.apply()
    assert repo.run("comment").code == 0
    assert "No changes" in host.bodies[0]
    assert repo.run("comment", "--delete-if-empty").code == 0
    assert host.comments == []


def test_a_plan_that_a_guard_refuses_is_posted_and_exits_with_3(repo: Checkout, host: Host) -> None:
    for key in ("a", "b", "c", "d"):
        repo.spec(key)
    repo.apply()
    for key in ("a", "b", "c"):
        repo.remove(key)
    said = repo.run("comment", "--delete-if-empty")
    assert said.code == 3
    assert "guard" in said.err
    assert "Refused by 1 guard" in host.bodies[0]


def test_a_failed_post_exits_with_1_and_still_says_the_guard(repo: Checkout, host: Host) -> None:
    for key in ("a", "b"):
        repo.spec(key)
    repo.apply()
    repo.remove("a")
    repo.remove("b")
    host.may_write = False
    said = repo.run("comment")
    assert said.code == 1
    assert "guard" in said.err
    assert "pull-requests: write" in said.err


def test_a_plan_that_can_not_be_made_takes_the_place_of_the_old_one(
    repo: Checkout, host: Host, tmp_path: Path
) -> None:
    repo.spec("desk")
    repo.run("comment")
    repo.spec("desk", greeting=["not", "text"])
    said = repo.run("comment")
    assert said.code == 4
    (body,) = host.bodies
    assert "There is no plan" in body
    assert "agents/desk.yaml" in body
    assert "There is no plan" in (tmp_path / "summary.md").read_text()


def test_problems_are_annotations_and_the_plan_is_the_jobs_summary(
    repo: Checkout, host: Host, tmp_path: Path
) -> None:
    repo.spec("desk", region="mars-1")
    said = repo.run("comment")
    assert re.search(r"^::warning file=agents/desk.yaml,", said.out, re.MULTILINE)
    assert "Plan for" in (tmp_path / "summary.md").read_text()


def test_a_huge_plan_is_split_and_shrinks_again(repo: Checkout, host: Host) -> None:
    for number in range(40):
        repo.spec(
            f"a{number}", system_prompt="\n".join(f"line {n} of {number}" * 8 for n in range(60))
        )
    assert repo.run("comment").code == 0
    assert len(host.comments) > 1
    assert max(map(len, host.bodies)) <= 65_536
    for number in range(1, 40):
        repo.remove(f"a{number}")
    assert repo.run("comment").code == 0
    assert len(host.comments) == 1


def test_hostile_text_stays_inert_in_the_comment(repo: Checkout, host: Host) -> None:
    repo.spec("desk", system_prompt="x ``` </details> @everyone \u202e --> <!-- reconciler plan")
    repo.run("comment")
    head, _, body = host.bodies[0].partition("\n")
    assert head == "<!-- reconciler plan environment=test project=. part=1 -->"
    assert "\u202e" not in body


def test_a_dry_run_needs_no_host_and_no_token(repo: Checkout) -> None:
    repo.spec("desk")
    said = repo.run("comment", "--dry-run")
    assert said.code == 0
    assert said.out.startswith("### Plan for")


def test_on_gitlab_the_merge_request_is_found_in_the_jobs_variables(
    repo: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.spec("desk")
    with gitlab() as host:
        for name, value in {
            "GITLAB_CI": "true",
            "CI_API_V4_URL": host.url,
            "CI_PROJECT_PATH": "acme/voice",
            "CI_MERGE_REQUEST_IID": "7",
            "GITLAB_TOKEN": TOKEN,
        }.items():
            monkeypatch.setenv(name, value)
        said = repo.run("comment")
        assert (said.code, len(host.comments)) == (0, 1)


def test_outside_ci_the_flags_say_where(repo: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.spec("desk")
    monkeypatch.setenv("MY_TOKEN", TOKEN)
    with github() as host:
        place = [
            "--host",
            "github",
            "--base-url",
            host.url,
            "--repo",
            "acme/voice",
            "--number",
            "7",
        ]
        said = repo.run("comment", *place, "--token-env", "MY_TOKEN")
        assert (said.code, len(host.comments)) == (0, 1)


def test_without_ci_and_flags_it_says_what_is_missing(repo: Checkout) -> None:
    said = repo.run("comment")
    assert said.code == 4
    assert "--host, --repo, --number" in said.err


def test_without_a_token_no_plan_is_made(
    repo: Checkout, host: Host, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    before = len(api.requests())
    said = repo.run("comment")
    assert said.code == 4
    assert "GITHUB_TOKEN" in said.err
    assert len(api.requests()) == before


def test_the_token_is_in_no_output_whatever_fails(repo: Checkout, host: Host) -> None:
    repo.spec("desk")
    for trouble in (Ordered("GET", 401), Ordered("POST", 403), Ordered("GET", 404)):
        host.trouble = [trouble]
        said = repo.run("comment")
        assert TOKEN not in said.out + said.err


def test_a_plan_that_fails_with_thousands_of_words_still_fits_the_host(
    repo: Checkout, host: Host
) -> None:
    for number in range(300):
        repo.spec(f"a{number}", greeting=["x" * 80], region=3, language=4, system_prompt=5)
    assert repo.run("comment").code == 4
    assert host.comments
    assert max(map(len, host.bodies)) <= 65_536


def test_a_saved_plan_with_secrets_and_vanished_agents_reads_the_same(
    repo: Checkout, host: Host, api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_TOKEN", "first canary value")
    hook = {
        "type": "webhook",
        "name": "look",
        "description": "Look.",
        "url": "https://x.example",
        "parameters": {"type": "object", "properties": {}},
    }
    auth = {"type": "bearer", "token": {"env": "CRM_TOKEN"}}
    repo.spec("desk", tools=[{**hook, "auth": auth}])
    for key in ("gone", "gone-too", "kept"):
        repo.spec(key)
    assert repo.apply().code == 0
    for name in ("Gone", "Gone-Too"):
        api.http.delete(f"/v1/agents/{api.agents()[name]['id']}").raise_for_status()
    repo.remove("gone-too")
    monkeypatch.setenv("CRM_TOKEN", "second canary value")
    allowed = ("--allow-vanished", "2")
    repo.run("comment", *allowed)
    (body,) = host.bodies
    assert "(secret)" in body
    assert "canary" not in body
    repo.run("plan", *allowed, "--out", str(tmp_path / "plan.json"))
    said = repo.run("comment", "--plan", str(tmp_path / "plan.json"))
    assert (said.code, host.bodies[0].splitlines()) == (0, body.splitlines())
