"""A fixed sample of the fault points; `python -m tests.chaos --full` runs them all."""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import AsyncExitStack
from operator import ge
from pathlib import Path

import pytest

from tests.chaos.harness import SCRATCH, Harness, harness, steps_of
from tests.chaos.points import Kill, Point, Steps, every_point

_STEPS: Steps = {"plain": (45, 30), "deployed era": (45, 30), "git ledger": (45, 4)}
"""Not more than an undisturbed apply makes (a test holds it so); a busy machine commits less often."""

SAMPLE = [
    point
    for point in [*every_point(_STEPS)][::31]
    # What comes together with four workers is a matter of the moment, and so is how much.
    if not (isinstance(point, Kill) and point.step == "commit" and point.workers > 1)
]


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
    steps = steps_of(standing)
    for setting, least in _STEPS.items():
        assert all(map(ge, steps[setting], least)), setting
    points = [str(point) for point in every_point(steps)]
    assert len({*points}) == len(points) >= 500


def test_the_sample_has_every_setting() -> None:
    assert {point.setting for point in SAMPLE} == {*_STEPS}
