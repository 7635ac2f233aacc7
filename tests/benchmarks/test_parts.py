"""The parts of a plan one by one: `pytest tests/benchmarks --benchmark-enable`.

Without that flag each runs once and is checked, so that none of them rots.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from reconciler.live.decoding import decode_list
from reconciler.model.values import digest, same
from reconciler.planning import make_plan, normalise
from reconciler.planning.diff import differences
from reconciler.planning.normal import keyed
from reconciler.specs import load_project, load_specs
from reconciler.specs.caching import CachePlace
from reconciler.specs.yaml_values import plain_value
from tests.benchmarks.fleet import answer_of, spec, write_project
from tests.world import Fleet

_COUNT = 100
_ENVIRONMENT = "bench"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fleet")
    (folder / ".reconciler").mkdir()
    write_project(folder, _COUNT, "http://127.0.0.1:1")
    return folder


@pytest.fixture(scope="module")
def fleet(project: Path) -> tuple[Fleet, Any]:
    specs, _ = load_specs(load_project(project), _ENVIRONMENT)
    made = Fleet()
    assert made.apply(*specs.agents).exit_code == 0
    return made, specs.agents


@pytest.fixture(scope="module")
def answers(fleet: tuple[Fleet, Any]) -> list[dict[str, Any]]:
    return [
        answer_of(json.loads(json.dumps(agent.declared)), f"agent-{number}")
        for number, agent in enumerate(fleet[1])
    ]


def test_a_spec_is_parsed(benchmark: BenchmarkFixture) -> None:
    value = benchmark(plain_value, spec(1), depth=100, nodes=50_000)
    assert value["name"] == "Shop 00001"


@pytest.mark.parametrize("known", [False, True], ids=["cold", "warm"])
def test_a_hundred_specs_are_loaded(
    benchmark: BenchmarkFixture, project: Path, *, known: bool
) -> None:
    place = CachePlace(project / ".reconciler" / "cache.db", b"k" * 32) if known else None
    load_specs(load_project(project, place), _ENVIRONMENT)
    specs, _ = benchmark(lambda: load_specs(load_project(project, place), _ENVIRONMENT))
    assert len(specs.agents) == _COUNT


def test_an_answer_of_a_hundred_agents_is_decoded(
    benchmark: BenchmarkFixture, answers: list[dict[str, Any]]
) -> None:
    content = json.dumps(answers).encode()
    assert len(benchmark(decode_list, content)) == _COUNT


def test_a_hundred_agents_in_sync_are_planned(
    benchmark: BenchmarkFixture, fleet: tuple[Fleet, Any]
) -> None:
    made, agents = fleet
    assert benchmark(make_plan, made.inputs(agents)).changes == ()


def test_a_document_is_normalised(
    benchmark: BenchmarkFixture, answers: list[dict[str, Any]]
) -> None:
    assert benchmark(normalise, answers[0])["name"] == "Shop 00000"


def test_equal_documents_are_compared(
    benchmark: BenchmarkFixture, answers: list[dict[str, Any]]
) -> None:
    assert benchmark(same, answers[0], json.loads(json.dumps(answers[0])))


def test_a_changed_prompt_is_diffed(
    benchmark: BenchmarkFixture, answers: list[dict[str, Any]]
) -> None:
    before = keyed(normalise(answers[0]))
    after = {**before, "system_prompt": before["system_prompt"] + "Be kind. " * 900}
    found = benchmark(differences, before, after, {})
    assert [difference.path for difference in found] == [("system_prompt",)]


def test_a_document_is_digested(benchmark: BenchmarkFixture, answers: list[dict[str, Any]]) -> None:
    assert len(benchmark(digest, answers[0])) == 64
