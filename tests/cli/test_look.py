"""`plan` and `drift` as their own processes: with a second core or without, the same is found."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.program import KEY, Checkout
from tests.sandbox.served import REPO, serve

CORES = sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []
ALONE, TOGETHER = 1, max(2, len(CORES))
everywhere = pytest.mark.parametrize("cores", [ALONE, TOGETHER])


class Place(Checkout):
    """A checkout whose program runs as a process of its own, on some of the cores."""

    def look(self, cores: int, *arguments: str, key: str = KEY) -> tuple[int, str, str]:
        command = [sys.executable, "-m", "reconciler", "-C", str(self.folder), *arguments]
        before = set(CORES)
        os.sched_setaffinity(0, CORES[:cores])
        try:
            ended = subprocess.run(
                command,
                cwd=REPO,
                env={**os.environ, "LOOK_KEY": key},
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
        finally:
            os.sched_setaffinity(0, before)
        return ended.returncode, ended.stdout, ended.stderr

    def cache(self) -> bytes:
        return (self.folder / ".reconciler" / "cache.db").read_bytes()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with (
        serve(tmp_path_factory.mktemp("sandbox")) as sandbox,
        httpx.Client(base_url=sandbox.url, headers={"Authorization": f"Bearer {KEY}"}) as http,
    ):
        yield http


@pytest.fixture
def place(tmp_path: Path, served: httpx.Client) -> Iterator[Place]:
    """Three agents, applied."""
    if not CORES:
        pytest.skip("cores can not be chosen here")
    made = Place(tmp_path, {"api": str(served.base_url), "api_key": {"env": "LOOK_KEY"}})
    for key in ("desk", "night", "away"):
        made.spec(key)
    assert made.look(TOGETHER, "apply", "--auto-approve")[0] == 0
    yield made
    for key in ("desk", "night", "away"):
        made.remove(key)
    made.look(TOGETHER, "apply", "--auto-approve", "--allow-empty", "--allow-deletes", "9")


def requests(served: httpx.Client) -> list[str]:
    return [f"{r['method']} {r['path']}" for r in served.get("/_sandbox/requests").json()]


def click(served: httpx.Client, name: str, **fields: Any) -> None:
    (found,) = (a for a in served.get("/v1/agents").json() if a["name"] == name)
    served.post(f"/_sandbox/agents/{found['id']}", json=fields).raise_for_status()


@everywhere
def test_a_plan_of_a_fleet_in_sync_is_one_request_and_the_next_one_reads_nothing_anew(
    place: Place, served: httpx.Client, cores: int
) -> None:
    place.look(cores, "plan")
    known, before = place.cache(), len(requests(served))
    code, out, err = place.look(cores, "plan")
    assert (code, err) == (0, "")
    assert "No changes. 3 agents are as their specs say." in out
    assert requests(served)[before:] == ["GET /v1/agents"]
    assert place.cache() == known


@everywhere
def test_what_changes_anywhere_is_seen_by_the_next_look(
    place: Place, served: httpx.Client, cores: int
) -> None:
    assert "No changes" in place.look(cores, "plan")[1]
    click(served, "Desk", greeting="By hand.")
    assert "changed live since the last apply; git wins" in place.look(cores, "plan")[1]
    assert place.look(cores, "drift")[0] == 2
    click(served, "Desk", greeting="Hello!")
    assert "No changes" in place.look(cores, "plan")[1]
    place.spec("night", greeting="In git.")
    code, out, _ = place.look(cores, "plan", "--format", "json")
    assert code == 0
    assert [c["key"] for c in json.loads(out)["changes"]] == ["night"]
    assert json.loads(out)["summary"]["unchanged"] == 2


@everywhere
def test_a_key_that_the_api_refuses_is_told_after_one_request(
    place: Place, served: httpx.Client, cores: int
) -> None:
    before = len(requests(served))
    code, out, err = place.look(cores, "plan", key="invalid-key")
    assert (code, out) == (1, "")
    assert "the API key of this environment was not accepted" in err
    assert len(requests(served)) - before == 1


@everywhere
@pytest.mark.parametrize(
    ("environment", "code", "told"),
    [
        ({"api": "http://127.0.0.1:9"}, 1, "no connection"),
        ({"api_key": {"env": "NOT_SET"}}, 4, "the API key is not set: NOT_SET"),
    ],
)
def test_what_keeps_it_from_asking_is_told_in_the_same_words(
    place: Place, cores: int, environment: dict[str, Any], code: int, told: str
) -> None:
    place.environment = {**place.environment, **environment}
    place.configure()
    ended, out, err = place.look(cores, "plan")
    assert (ended, out) == (code, "")
    assert told in err
    assert "bug" not in err


@everywhere
def test_what_is_wrong_with_a_spec_is_told_first(place: Place, cores: int) -> None:
    place.write("agents/desk.yaml", "nmae: Desk\n")
    code, _, err = place.look(cores, "plan", key="invalid-key")
    assert code == 4
    assert "did you mean `name`?" in err
    assert "not accepted" not in err


@everywhere
def test_a_memo_that_is_damaged_or_foreign_is_no_memo(place: Place, cores: int) -> None:
    expected = place.look(cores, "plan", "--format", "json")
    for damage in (b"", b"no database", place.cache()[:5000], os.urandom(20_000)):
        (place.folder / ".reconciler" / "cache.db").write_bytes(damage)
        assert place.look(cores, "plan", "--format", "json") == expected
