"""The budgets of the product, each with its floor measured beside it."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.benchmarks.api import Api
from tests.benchmarks.fleet import spec, write_project
from tests.benchmarks.measure import Cost, once, plain, side_by_side

_LATENCY: Final = 0.05
_WORKERS: Final = 16
_LIBRARIES: Final = "import asyncio, click, httpx, pydantic, sqlite3, ruamel.yaml"

_SCRIPT: Final = "from reconciler.__main__ import main; main()"
"""As the installed `reconciler` does it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One budget: `figure` and `floor` in one unit, and what the program held at its peak."""

    work: str
    figure: float
    floor: float
    budget: float
    unit: str = "s"
    peak: float = 0.0
    cpu: float | None = None
    """The same ratio in CPU time of all processes, which a busy machine changes less."""

    @property
    def ratio(self) -> float:
        return self.figure / self.floor


class Bench:
    """A place to work in; `quick` for a look at whether it all still runs."""

    def __init__(self, folder: Path, api: Api, *, quick: bool) -> None:
        self.folder = folder
        self.api = api
        self.many = 100 if quick else 1000
        self.rounds = 2 if quick else 5

    @property
    def sizes(self) -> tuple[int, ...]:
        """Fleets for the curve, each ten times the one before."""
        return tuple(self.many * 10**step // 100 for step in range(4))

    def project(self, count: int) -> Path:
        """A project of so many agents, applied. The API then holds those of all projects made."""
        place = self.folder / f"of-{count}"
        if not place.exists():
            place.mkdir()
            write_project(place, count, self.api.url)
        return place

    def applied(self, count: int) -> Path:
        """The same; afterwards the API holds its agents alone."""
        place = self.project(count)
        self.api.emptied()
        for name in ("ledger.db", "cache.db"):
            (place / ".reconciler" / name).unlink(missing_ok=True)
        once(reconciler(place, "apply", "--auto-approve"))
        return place


def reconciler(place: Path, *arguments: str) -> Sequence[str]:
    return ("-m", "reconciler", "-C", str(place), *arguments)


def _cold(place: Path) -> Callable[[], object]:
    return lambda: (place / ".reconciler" / "cache.db").unlink(missing_ok=True)


def rows(bench: Bench) -> Iterator[Row]:
    """All budgets, measured one after the other."""
    yield from _start_up(bench)
    yield from _one(bench)
    yield from _many(bench)
    yield from _ten_times(bench)
    yield from _writes(bench)


def _start_up(bench: Bench) -> Iterator[Row]:
    floor, version, usage = side_by_side(
        plain("-c", "import click"),
        plain("-c", _SCRIPT, "--version"),
        plain("-c", _SCRIPT, "--help"),
        rounds=3 * bench.rounds,
    )
    yield _row("--version", version, floor, 1.3)
    yield _row("--help", usage, floor, 1.3)


def _one(bench: Bench) -> Iterator[Row]:
    place = bench.applied(1)
    floor, plan, validate = side_by_side(
        plain("-c", _LIBRARIES),
        plain(*reconciler(place, "plan")),
        plain(*reconciler(place, "validate")),
        rounds=2 * bench.rounds,
    )
    yield _row("plan of 1 agent, warm", plan, floor, 1.5)
    yield _row("validate of 1 agent, warm", validate, floor, 1.5)


def _many(bench: Bench) -> Iterator[Row]:
    place, count = bench.applied(bench.many), bench.many
    bench.api.counted()
    once(reconciler(place, "plan"))
    yield Row("requests of an unchanged plan", bench.api.counted(), 1, 1.0, "requests")
    plan, floor = reconciler(place, "plan"), ("-m", "tests.benchmarks.floor", str(place))
    bottom, cold, warm_bottom, warm, read, checked = side_by_side(
        plain(*floor, bench.api.url, "parse", "get", "compare"),
        (plan, _cold(place)),
        plain(*floor, bench.api.url, "get", "compare"),
        plain(*plan),
        plain(*floor, bench.api.url, "parse"),
        (reconciler(place, "validate"), _cold(place)),
        rounds=bench.rounds,
    )
    yield _row(f"plan of {count}, nothing changed, cold", cold, bottom, 2.0)
    yield _row(f"validate of {count}, cold", checked, read, 2.0)
    once(plan)
    yield _row(f"plan of {count}, nothing changed, warm", warm, warm_bottom, 1.5)
    yield from _one_changed(bench, place)


def _one_changed(bench: Bench, place: Path) -> Iterator[Row]:
    """Beside plans of the same agents in a checkout where nothing changes."""
    edited = bench.folder / "edited"
    shutil.copytree(place, edited)
    file = next((edited / "agents").rglob("*.yaml"))
    before = file.read_text("utf-8")
    turns = iter(range(1000))

    def change() -> None:
        text = f"\n  35. {'Be kind. ' * 450}{next(turns)} "
        file.write_text(before.replace("\n  35. ", text), "utf-8")

    once(reconciler(edited, "plan"))
    unchanged, changed = side_by_side(
        plain(*reconciler(place, "plan")),
        (reconciler(edited, "plan"), change),
        rounds=2 * bench.rounds,
    )
    yield _row(f"plan of {bench.many}, 1 changed prompt of 8 KB", changed, unchanged, 1.1)


def _ten_times(bench: Bench) -> Iterator[Row]:
    before: list[Cost] = []
    for count in bench.sizes:
        place = bench.applied(count)
        rounds = max(2, bench.rounds * bench.many // (count + bench.many))
        cold = side_by_side((reconciler(place, "plan"), _cold(place)), rounds=rounds)[0]
        warm = side_by_side(plain(*reconciler(place, "plan")), rounds=rounds)[0]
        for how, cost, less in zip(("cold", "warm"), (cold, warm), before, strict=False):
            yield _row(f"plan of {count} against {count // 10}, {how}", cost, less, 10.5)
        before = [cold, warm]
    yield Row("its peak memory", max(cost.peak for cost in before), 600, 1.0, "MB")


def _writes(bench: Bench) -> Iterator[Row]:
    """Beside the latency of the requests, and beside a script that sends them and does no more."""
    place, apply = bench.project(bench.many), ("apply", "--auto-approve")
    bench.api.emptied()
    (place / ".reconciler" / "ledger.db").unlink(missing_ok=True)
    creates = _timed(bench, reconciler(place, *apply))
    for file in (place / "agents").rglob("*.yaml"):
        file.write_text(spec(int(file.stem[-5:]), greeting="Good day"), "utf-8")
    puts = _timed(bench, reconciler(place, *apply))
    bench.api.emptied()
    runs = (("creates", creates, "POST", 1), ("PUTs", puts, "PUT", 2))
    for what, (cost, requests), method, per_agent in runs:
        assert requests <= per_agent * bench.many + 2
        bare = ("-m", "tests.benchmarks.bare", str(place), bench.api.url, method)
        script, sent = _timed(bench, bare)
        assert sent == per_agent * bench.many + 1
        latency = requests / _WORKERS * _LATENCY
        work = f"apply of {bench.many} {what}, 50 ms, 16 workers"
        yield Row(work, cost.wall, latency, 1.3, peak=cost.peak, cpu=cost.cpu / latency)
        yield _row("the same beside a script of bare httpx", cost, script, 1.3)


def _timed(bench: Bench, arguments: Sequence[str]) -> tuple[Cost, int]:
    """One run while the API takes its time, and the requests that it sent."""
    bench.api.counted(latency=_LATENCY)
    return once(arguments), bench.api.counted()


def _row(work: str, cost: Cost, floor: Cost, budget: float) -> Row:
    return Row(
        work, cost.wall, floor.wall, budget, peak=cost.peak, cpu=cost.cpu / max(floor.cpu, 0.001)
    )
