"""Text from specs, from the API and from the environment is data: it never acts on a terminal."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.sandbox import SandboxOptions
from tests.program import KEY, Api, Checkout, Said, serving

EVIL = (
    "\x1b[31mred \x1b]0;title\x07 \x1b]8;;http://evil\x1b\\link \x9b2J \x08\x08 \r overwritten\n"
    "::error file=x::pwned\n  ::add-mask::x\n##[command]rm\n##vso[task.complete]\n"
    "```\n# heading\n```\n\u202eright to left\u2066 \u200bzero\u2028sep @everyone"
)
NAME = "Evil\x1b[2J \u202e\n::error::name"
_ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028\u202a-\u202e\u2066-\u2069]")


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with serving(tmp_path / "api.db", SandboxOptions()) as served:
        yield served


@pytest.fixture
def repo(tmp_path: Path, api: Api, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    monkeypatch.setenv("SLNG_API_KEY", KEY)
    monkeypatch.setenv("GITHUB_ACTOR", EVIL)
    monkeypatch.setenv("GITHUB_SHA", EVIL)
    monkeypatch.setenv("CI_JOB_URL", EVIL)
    return Checkout(tmp_path / "repo", {"api": api.url, "api_key": {"env": "SLNG_API_KEY"}})


def raw(said: Said, *, markdown: bool = False) -> list[str]:
    """What would act if these were a terminal's or a CI log's lines."""
    lines = (said.out + said.err).splitlines()
    acting = [line for line in lines if _ACTING.search(line)]
    commands = [line for line in lines if line.lstrip().startswith("::") or "##[" in line]
    commands += [line for line in lines if "##vso[" in line]
    return acting + ([] if markdown else commands)


def looks(repo: Checkout) -> Iterator[Said]:
    for command in (
        ["validate"],
        ["validate", "--format", "json"],
        ["plan"],
        ["plan", "--format", "json"],
        ["plan", "--format", "markdown"],
        ["drift"],
        ["drift", "--strict", "--format", "json"],
        ["drift", "--format", "markdown"],
        ["history"],
        ["history", "--format", "json"],
        ["show", "evil"],
        ["show", "evil", "--format", "json"],
        ["ledger", "show"],
        ["ledger", "show", "evil"],
        ["ledger", "show", "--format", "json"],
        ["ledger", "export"],
        ["ledger", "unlock"],
        ["show", EVIL],
        ["history", EVIL],
        ["ledger", "forget", EVIL, "--yes"],
        ["rollback", EVIL, "--auto-approve"],
    ):
        yield repo.run("-v", *command)


def test_prompts_names_and_actors_come_out_inert(repo: Checkout, api: Api) -> None:
    repo.spec("evil", name=NAME, system_prompt=EVIL, greeting=EVIL)
    said = [*looks(repo), repo.apply()]
    api.click(NAME, greeting=f"{EVIL} again", system_prompt=EVIL[::-1])
    api.http.post(
        "/v1/agents",
        json={**api.agents()[NAME], "name": f"{NAME} unmanaged"},
    )
    said += looks(repo)
    newest = repo.run("history", "--format", "json").json["runs"][0]["id"]
    said += [repo.run("history", newest), repo.run("-v", "rollback", newest, "--auto-approve")]
    repo.remove("evil")
    said += [repo.run("plan", "--allow-empty"), repo.apply("--allow-empty", "--format", "json")]
    assert [raw(s) for s in said if raw(s)] == []


def test_errors_of_the_api_come_out_inert(repo: Checkout, api: Api) -> None:
    """The API repeats the name of an agent in its 409."""
    repo.spec("evil", name=NAME, greeting="{{unbalanced")
    said = [repo.apply(), repo.apply("--format", "json")]
    repo.spec("evil", name=NAME, region=f"xx{EVIL}")
    said += [repo.apply(), repo.apply("--format", "json"), *looks(repo)]
    assert {1, 4} & {s.code for s in said}
    assert [raw(s) for s in said if raw(s)] == []


def test_json_says_exactly_what_was_meant(repo: Checkout) -> None:
    repo.spec("evil", name=NAME, system_prompt=EVIL)
    assert repo.apply().code == 0
    shown = repo.run("show", "evil", "--format", "json")
    assert json.loads(shown.out)["live"]["system_prompt"] == EVIL
    exported = json.loads(repo.run("ledger", "export").out)
    assert exported["runs"][0]["actor"] == EVIL
