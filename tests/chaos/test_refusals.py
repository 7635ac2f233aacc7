"""What looks like "delete everything" is refused with exit code 3 and not one write."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from itertools import takewhile
from pathlib import Path

import pytest

from reconciler.live import RetryPolicy
from reconciler.sandbox import Fault, SandboxOptions
from reconciler.sandbox.options import FaultKind
from tests.chaos import fleet
from tests.chaos.client import HASTY, PATIENT, applied, ledger_of
from tests.chaos.stage import stage
from tests.program import KEY, Api, Checkout, serving

_NOBODY = 65534
_TEMPORARY = Path(tempfile.gettempdir())


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with serving(tmp_path / "api.db", SandboxOptions()) as served:
        yield served


@pytest.fixture
def repo(tmp_path: Path, api: Api, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """Eight agents, all applied."""
    monkeypatch.setenv("SLNG_API_KEY", KEY)
    checkout = Checkout(tmp_path / "repo", {"api": api.url, "api_key": {"env": "SLNG_API_KEY"}})
    for number in range(8):
        checkout.spec(f"team/desk-{number}")
    assert checkout.apply().code == 0
    return checkout


def refused(repo: Checkout, api: Api, *code: str) -> None:
    """Neither an apply nor the guard's own JSON may lead to a write."""
    seen, agents = api.since(), api.agents()
    for form in ("text", "json"):
        said = repo.apply("--format", form)
        assert said.code == 3, said.out + said.err
    plan = repo.run("plan", "--format", "json")
    assert plan.code == 3
    assert set(code) <= {guard["code"] for guard in plan.json["guards"]}
    assert seen.writes() == []
    assert api.agents() == agents


def test_all_files_deleted(repo: Checkout, api: Api) -> None:
    for number in range(8):
        repo.remove(f"team/desk-{number}")
    refused(repo, api, "empty_specs", "deletes")


def test_all_files_deleted_but_one(repo: Checkout, api: Api) -> None:
    for number in range(7):
        repo.remove(f"team/desk-{number}")
    refused(repo, api, "deletes")


def test_an_empty_folder(repo: Checkout, api: Api) -> None:
    shutil.rmtree(repo.folder / "agents")
    (repo.folder / "agents").mkdir()
    refused(repo, api, "empty_specs")


def test_no_folder(repo: Checkout, api: Api) -> None:
    shutil.rmtree(repo.folder / "agents")
    refused(repo, api, "empty_specs")


@pytest.mark.parametrize("puts", [Path.touch, lambda path: path.symlink_to("nowhere")])
def test_something_else_in_the_folders_place(
    repo: Checkout, api: Api, puts: Callable[[Path], None]
) -> None:
    shutil.rmtree(repo.folder / "agents")
    puts(repo.folder / "agents")
    refused(repo, api, "empty_specs")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
@pytest.mark.parametrize("locked", ["agents", "agents/team"])
def test_a_folder_that_may_not_be_read(repo: Checkout, api: Api, locked: str) -> None:
    """Permissions do not bind root, so the program runs as nobody.

    In this process, which has everything imported: nobody may not read root's Python.
    """
    elsewhere = (repo.folder / "agents").rename(repo.folder / "elsewhere")
    refused(repo, api)
    elsewhere.rename(repo.folder / "agents")
    for place in (repo.folder, *repo.folder.rglob("*")):
        os.chown(place, _NOBODY, _NOBODY)
    # With workers pytest puts one folder more in between; it makes the uppermost private again.
    for parent in takewhile(lambda place: place != _TEMPORARY, repo.folder.parents):
        parent.chmod(0o711)
    (repo.folder / locked).chmod(0)
    seen = api.since()
    os.setresuid(_NOBODY, _NOBODY, 0)
    try:
        said = repo.apply()
    finally:
        os.setresuid(0, 0, 0)
    assert said.code in ({3} if locked == "agents" else {3, 4}), said.out + said.err
    assert seen.writes() == []


def test_the_key_of_another_organisation(
    repo: Checkout, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLNG_API_KEY", "slng_somebody_elses_key")
    refused(repo, api, "vanished")
    theirs = {"Authorization": "Bearer slng_somebody_elses_key"}
    body = fleet.spec("Theirs")
    api.http.post("/v1/agents", json=body, headers=theirs).raise_for_status()
    refused(repo, api, "organisation", "vanished")


def test_a_first_apply_with_the_key_of_another_organisation_leaves_nothing_there(
    repo: Checkout, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing live tells whose key it is, so one create goes first, and is taken back."""
    organisation = next(iter(api.agents().values()))["organisation_id"]
    repo.environment = {**repo.environment, "organisation_id": organisation}
    repo.configure()
    shutil.rmtree(repo.folder / ".reconciler")
    monkeypatch.setenv("SLNG_API_KEY", "slng_somebody_elses_key")
    seen = api.since()
    assert repo.apply().code == 3
    assert seen.writes() == ["POST", "DELETE"]


def test_a_lost_ledger_and_agents_that_differ(repo: Checkout, api: Api) -> None:
    shutil.rmtree(repo.folder / ".reconciler")
    for number in range(8):
        repo.spec(f"team/desk-{number}", greeting="Other")
    refused(repo, api, "adoption")


def test_a_protected_agent_whose_file_is_gone(repo: Checkout, api: Api) -> None:
    repo.spec("team/desk-1", lifecycle={"prevent_destroy": True})
    assert repo.apply().code == 0
    repo.remove("team/desk-1")
    refused(repo, api, "prevent_destroy")


@pytest.mark.parametrize("kind", ["html", "half_list", "empty_list", "garbage", "drop_after"])
@pytest.mark.parametrize("retry", [PATIENT, HASTY], ids=["patient", "hasty"])
def test_a_list_that_can_not_be_trusted_is_never_no_agents(
    tmp_path: Path, kind: FaultKind, retry: RetryPolicy
) -> None:
    async def main() -> None:
        agents = {f"desk-{n}": fleet.spec(f"Desk {n}") for n in range(3)}
        fleet.write(tmp_path, agents)
        async with stage() as standing, standing.playing(tmp_path / "api.db") as play:
            assert (await applied(tmp_path, standing.url, {})).code == 0
            before, records = play.agents(), ledger_of(tmp_path).read().records
            seen = len(play.seen())
            play.order(*(Fault(at=n, kind=kind) for n in range(1, 99)))
            ended = await applied(tmp_path, standing.url, {}, retry=retry)
            assert ended.code == (3 if kind == "empty_list" else 1), ended
            assert {r["method"] for r in play.seen()[seen:]} == {"GET"}
            assert play.agents() == before
            assert ledger_of(tmp_path).read().records == records

    asyncio.run(main())
