"""`doctor` says what is wrong with a set-up, and writes nothing while it looks."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from reconciler.hosting.probes import is_public, server_time
from reconciler.sandbox import SandboxOptions
from tests.hosting.fake_hosts import TOKEN, github
from tests.program import KEY, Api, Checkout, serving, serving_app

CI = ("CI", "GITHUB_ACTIONS", "GITLAB_CI", "GITHUB_TOKEN", "GH_TOKEN")


@pytest.fixture(autouse=True)
def _no_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in CI:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with serving(tmp_path / "api.db", SandboxOptions()) as served:
        yield served


@pytest.fixture
def repo(tmp_path: Path, api: Api, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """A set-up in which all is well: one agent applied, committed, ignored, organisation named."""
    monkeypatch.setenv("SLNG_API_KEY", KEY)
    environment = {"api": api.url, "api_key": {"env": "SLNG_API_KEY"}}
    checkout = Checkout(tmp_path / "repo", environment)
    checkout.write(".gitignore", ".reconciler/\n")
    checkout.spec("desk")
    assert checkout.apply().code == 0
    checkout.environment = {**environment, "organisation_id": organisation(api)}
    checkout.configure()
    git(checkout.folder, "init", "-q")
    git(checkout.folder, "add", ".")
    git(checkout.folder, "commit", "-qm", "first")
    return checkout


def organisation(api: Api) -> str:
    found: str = api.agents()["Desk"]["organisation_id"]
    return found


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def found(repo: Checkout) -> dict[str, dict[str, Any]]:
    checks = repo.run("doctor", "--format", "json").json["checks"]
    return {check["check"]: check for check in checks}


def statuses(repo: Checkout) -> dict[str, str]:
    return {name: check["status"] for name, check in found(repo).items()}


def test_a_set_up_in_order_is_told_line_by_line(repo: Checkout) -> None:
    said = repo.run("doctor")
    assert said.code == 0
    assert {line[:4] for line in said.out.splitlines()} == {"ok  "}
    assert list(statuses(repo)) == [
        "project",
        "specs",
        "git",
        "ignored files",
        "test API",
        "test organisation",
        "test clock",
        "test ledger",
    ]


def test_one_agent_is_told_in_the_singular(repo: Checkout) -> None:
    told = {name: check["message"] for name, check in found(repo).items()}
    assert told["test API"] == "the key is accepted, 1 agent"
    assert told["test ledger"] == "sqlite, 1 agent remembered"


def test_it_writes_nothing_live_and_nothing_on_disk(repo: Checkout, api: Api) -> None:
    def disk() -> dict[Path, bytes]:
        """All but the cache, which every command fills."""
        paths = [p for p in repo.folder.rglob("*") if p.is_file() and ".git/" not in str(p)]
        return {path: path.read_bytes() for path in paths if path.name != "cache.db"}

    before, since = disk(), api.since()
    repo.run("doctor")
    assert since.writes() == []
    assert disk() == before


def test_a_broken_project_file_ends_it_there(repo: Checkout) -> None:
    repo.write("reconciler.yaml", "version: 2\n")
    said = repo.run("doctor")
    assert said.code == 1
    assert said.out.startswith("fail  project: ")


def test_bad_specs_fail_and_doubtful_ones_warn(repo: Checkout) -> None:
    repo.spec("desk", region="mars-1")
    check = found(repo)["specs"]
    assert (check["status"], check["message"]) == ("warn", "1 warning")
    repo.spec("desk", greeting=3)
    check = found(repo)["specs"]
    assert (check["status"], check["message"]) == ("fail", "1 error")


def test_a_key_that_is_not_set_or_not_accepted_fails(
    repo: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLNG_API_KEY", "")
    missing = found(repo)["test API"]
    assert (missing["status"], "SLNG_API_KEY" in missing["message"]) == ("fail", True)
    assert found(repo)["test ledger"]["status"] == "ok"


def test_an_api_that_can_not_be_reached_fails(repo: Checkout, tmp_path: Path) -> None:
    async def no(_: Request) -> Response:
        return PlainTextResponse('{"detail": "no"}', 401)

    with serving_app(Starlette(routes=[Route("/{path:path}", no)])) as other:
        repo.environment = {"api": other.url, "api_key": {"env": "SLNG_API_KEY"}}
        repo.configure()
        refused = found(repo)["test API"]
        assert refused["status"] == "fail"
        assert "not accepted" in refused["fix"]


def test_a_key_of_another_organisation_fails(repo: Checkout) -> None:
    repo.environment = {**repo.environment, "organisation_id": "another"}
    repo.configure()
    assert found(repo)["test organisation"]["status"] == "fail"


def two_environments(repo: Checkout, **production: Any) -> None:
    staging = {k: v for k, v in repo.environment.items() if k != "organisation_id"}
    repo.configure(environments={"staging": staging, "production": {**staging, **production}})


def test_two_environments_whose_keys_are_of_one_organisation_fail(repo: Checkout, api: Api) -> None:
    two_environments(repo)
    check = found(repo)["organisations"]
    told = f"staging and production are one organisation, {organisation(api)}"
    assert (check["status"], check["message"]) == ("fail", told)
    assert repo.run("doctor").code == 1


def test_environments_of_their_own_organisations_are_in_order(
    repo: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECOND_KEY", "slng_the_key_of_another_organisation")
    two_environments(repo, api_key={"env": "SECOND_KEY"})
    assert repo.run("-e", "production", "apply", "--auto-approve").code == 0
    check = found(repo)["organisations"]
    assert (check["status"], check["message"]) == ("ok", "each environment has its own")


def test_an_organisation_that_only_a_ledger_or_the_project_file_knows_counts_too(
    repo: Checkout, api: Api, tmp_path: Path
) -> None:
    repo.environment = {**repo.environment, "organisation_id": organisation(api)}
    staging = {k: v for k, v in repo.environment.items() if k != "organisation_id"}
    repo.configure(environments={"staging": staging, "production": repo.environment})
    named = repo.run("-e", "staging", "doctor", "--format", "json").json["checks"]
    assert [c["status"] for c in named if c["check"] == "organisations"] == ["fail"]
    assert repo.run("-e", "staging", "apply", "--auto-approve").code == 3  # refused for it
    repo.configure(environments={"staging": staging})
    assert repo.run("-e", "staging", "apply", "--auto-approve").code == 0
    with serving(tmp_path / "gone.db", SandboxOptions()) as gone:
        staging = {**staging, "api": gone.url}  # there is no agent to tell the organisation
        repo.configure(environments={"staging": staging, "production": repo.environment})
        assert found(repo)["organisations"]["status"] == "fail"


def test_an_organisation_that_is_not_named_warns_with_the_line_to_write(
    repo: Checkout, api: Api
) -> None:
    repo.environment = {k: v for k, v in repo.environment.items() if k != "organisation_id"}
    repo.configure()
    check = found(repo)["test organisation"]
    assert check["status"] == "warn"
    assert f"organisation_id: {organisation(api)}" in check["fix"]


def test_a_state_folder_that_git_does_not_ignore_fails(repo: Checkout) -> None:
    repo.write(".gitignore", "")
    assert found(repo)["ignored files"]["status"] == "fail"


def test_a_folder_without_git_warns_and_fails_where_the_ledger_needs_it(
    tmp_path: Path, repo: Checkout
) -> None:
    bare = Checkout(tmp_path / "bare", repo.environment)
    bare.spec("desk")
    assert found(bare)["git"]["status"] == "warn"


def test_a_shallow_checkout_is_deep_enough(repo: Checkout, tmp_path: Path) -> None:
    git(repo.folder, "commit", "-qm", "second", "--allow-empty")
    source = f"file://{repo.folder}"
    git(tmp_path, "clone", "-q", "--depth", "1", source, "clone")
    checkout = Checkout(tmp_path / "clone", repo.environment)
    check = found(checkout)["git"]
    assert (check["status"], "shallow" in check["message"]) == ("ok", True)


def test_sqlite_in_ci_warns_that_nothing_is_remembered(
    repo: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    assert found(repo)["test ledger"]["status"] == "warn"


def test_all_environments_are_checked_unless_one_is_named(repo: Checkout) -> None:
    environments = {"sandbox": {"api": "sandbox"}, "test": dict(repo.environment)}
    repo.configure(environments=environments)
    assert {"sandbox API", "test API"} <= set(found(repo))
    named = repo.run("-e", "sandbox", "doctor")
    assert (named.code, "test API" in named.out) == (0, False)
    assert repo.run("-e", "nowhere", "doctor").code == 1


def test_notification_urls_that_are_not_set_are_named(
    repo: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_SUCH_HOOK", raising=False)
    repo.configure(notify=[{"env": "NO_SUCH_HOOK"}])
    check = found(repo)["notify"]
    assert (check["status"], "NO_SUCH_HOOK" in check["message"]) == ("warn", True)


def test_in_a_pull_request_it_tries_whether_the_token_reads_comments(
    repo: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    with github() as host:
        for name, value in {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": host.url,
            "GITHUB_REF": "refs/pull/7/merge",
            "GITHUB_REPOSITORY": "acme/voice",
        }.items():
            monkeypatch.setenv(name, value)
        assert found(repo)["CI"]["status"] == "warn"
        monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
        assert found(repo)["CI"]["status"] == "ok"
        monkeypatch.setenv("GITHUB_TOKEN", "another_canary_token")
        said = repo.run("doctor")
        assert (said.code, "canary" in said.out + said.err) == (1, False)
        assert set(host.methods()) == {"GET"}


def test_a_public_repo_is_known_by_a_clone_without_credentials() -> None:
    async def refs(request: Request) -> Response:
        assert "authorization" not in request.headers
        return PlainTextResponse("", 200 if "open" in request.url.path else 401)

    with serving_app(Starlette(routes=[Route("/{path:path}", refs)])) as host:
        with_user = host.url.replace("http://", "http://me:canary@")
        assert is_public(f"{with_user}/acme/open.git") is True
        assert is_public(f"{with_user}/acme/closed.git") is False
    assert is_public(f"{host.url}/acme/open.git") is None
    assert is_public("/srv/git/voice.git") is None


def test_a_server_tells_its_time_with_any_answer(api: Api) -> None:
    told = server_time(api.url)
    assert told is not None
    assert told.tzinfo is not None
    assert server_time("http://127.0.0.1:9") is None


def test_the_branch_of_a_git_ledger_must_be_allowed_to_be_pushed(
    repo: Checkout, tmp_path: Path
) -> None:
    repo.configure(ledger={"backend": "git"})
    alone = found(repo)["ledger remote"]
    assert (alone["status"], "only this checkout" in alone["message"]) == ("warn", True)
    git(tmp_path, "init", "-q", "--bare", "origin.git")
    git(repo.folder, "remote", "add", "origin", str(tmp_path / "origin.git"))
    assert found(repo)["ledger remote"]["status"] == "ok"
    branches = subprocess.run(
        ["git", "branch", "-a"], cwd=tmp_path / "origin.git", check=True, capture_output=True
    )
    assert branches.stdout == b""
    git(repo.folder, "remote", "set-url", "origin", str(tmp_path / "nowhere.git"))
    check = found(repo)["ledger remote"]
    assert (check["status"], "contents: write" in check["fix"]) == ("warn", True)


def test_a_git_ledger_in_a_public_repo_warns_that_prompts_are_in_it(repo: Checkout) -> None:
    async def refs(_: Request) -> Response:
        return PlainTextResponse("", 200)

    repo.configure(ledger={"backend": "git"})
    with serving_app(Starlette(routes=[Route("/{path:path}", refs)])) as host:
        git(repo.folder, "remote", "add", "origin", f"{host.url}/acme/voice.git")
        check = found(repo)["ledger privacy"]
    assert (check["status"], "prompts" in check["message"]) == ("warn", True)
