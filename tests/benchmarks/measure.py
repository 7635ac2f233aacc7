"""Processes, measured: wall time, CPU time of user and system, peak memory; medians of several."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

_NOTHING: Callable[[], object] = lambda: None  # noqa: E731  # a default


_COMPILED: Final = {"PYTHONPYCACHEPREFIX": f"{tempfile.gettempdir()}/reconciler-bench-pyc"}
"""As an installed program is; a checkout may be read-only, or told to stay clean."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of CPU, those of its children too, and of the clock; MB at the peak of itself."""

    cpu: float
    wall: float
    peak: float


def once(arguments: Sequence[str]) -> Cost:
    """One run of `python ARGUMENTS`, which must succeed."""
    started = time.perf_counter()
    environment = {**os.environ, "BENCH_KEY": "bench-key-of-no-account", **_COMPILED}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    process = subprocess.Popen(
        [sys.executable, *arguments], env=environment, stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, arguments
    wall = time.perf_counter() - started
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024)


def side_by_side(*commands: tuple[Sequence[str], Callable[[], object]], rounds: int) -> list[Cost]:
    """Medians of several commands, run in turn so that a busy machine is busy for all of them.

    Beside each command is what to do before every run of it.
    """
    runs: list[list[Cost]] = [[] for _ in commands]
    for _ in range(rounds):
        for index, (arguments, before) in enumerate(commands):
            before()
            runs[index].append(once(arguments))
    return [
        Cost(
            statistics.median(cost.cpu for cost in costs),
            statistics.median(cost.wall for cost in costs),
            max(cost.peak for cost in costs),
        )
        for costs in runs
    ]


def plain(*arguments: str) -> tuple[Sequence[str], Callable[[], object]]:
    return arguments, _NOTHING
