"""A fixed sample of the fault points; `python -m tests.chaos --full` runs them all."""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.chaos.harness import SCRATCH, Harness, harness, points_of
from tests.chaos.points import Kill, Point, every_point

_REQUESTS, _COMMITS = 45, 75
"""Not more than an undisturbed apply makes (a test holds it so)."""

SAMPLE = [*every_point(_REQUESTS, _COMMITS)][::37]


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as shared:
        yield shared


@pytest.fixture(scope="module")
def standing(runner: asyncio.Runner) -> Iterator[Harness]:
    stack = AsyncExitStack()
    with tempfile.TemporaryDirectory(dir=SCRATCH, prefix="chaos-") as folder:
        yield runner.run(stack.enter_async_context(harness(Path(folder))))
        runner.run(stack.aclose())


@pytest.mark.parametrize("point", SAMPLE, ids=str)
def test_one_more_apply_converges(runner: asyncio.Runner, standing: Harness, point: Point) -> None:
    found = runner.run(standing.verdict(point))
    assert found.complaints == (), found.disturbed


def test_the_sample_has_both_kinds_of_points() -> None:
    kills = [point for point in SAMPLE if isinstance(point, Kill)]
    assert 6 < len(kills) < len(SAMPLE) - 6


def test_the_full_run_has_at_least_500_points(standing: Harness) -> None:
    requests, commits = points_of(standing)
    assert requests >= _REQUESTS
    assert commits >= _COMMITS
    everything = {str(point) for point in every_point(requests, commits)}
    assert len(everything) == len([*every_point(requests, commits)]) >= 500
