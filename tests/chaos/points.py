"""Where and how an apply is disturbed: every fault point of the suite."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from reconciler.sandbox import Fault

Step = Literal["request", "commit"]
Setting = Literal["plain", "deployed era", "git ledger"]
"""What an apply plays in; `plain` is the documented API with a SQLite ledger."""

Steps = Mapping[Setting, tuple[int, int]]
"""How many requests, and commits to the ledger (pushes, with git), an undisturbed apply makes."""
When = Literal["before", "after"]

_FAULTS: tuple[tuple[str, Fault], ...] = (
    ("drop_before", Fault(at=1, kind="drop_before")),
    ("drop_after", Fault(at=1, kind="drop_after")),
    ("delay", Fault(at=1, kind="delay", seconds=0.6)),
    ("429", Fault(at=1, kind="error", status=429, seconds=1)),
    ("500", Fault(at=1, kind="error", status=500)),
    ("502", Fault(at=1, kind="error", status=502)),
    ("503", Fault(at=1, kind="error", status=503, seconds=1)),
    ("garbage", Fault(at=1, kind="garbage")),
    ("html", Fault(at=1, kind="html")),
    ("half_list", Fault(at=1, kind="half_list")),
    ("empty_list", Fault(at=1, kind="empty_list")),
)
_LONG = 400
"""More requests than an apply makes: until its end."""

_SAMPLED: Mapping[Setting, int] = {"deployed era": 7, "git ledger": 11}
"""One point of so many; numbers that no round of `_points` divides."""


@dataclass(frozen=True)
class HttpFault:
    """A failure at the n-th request, and `until` which; `hasty`: the client tries but once."""

    name: str
    fault: Fault
    at: int
    workers: int
    lasting: bool = False
    hasty: bool = False
    setting: Setting = "plain"

    def __str__(self) -> str:
        how = "from" if self.lasting else "at"
        client = ", client tries once" if self.hasty else ""
        return f"{self.name} {how} request {self.at} ({_world(self)}{client})"

    @property
    def orders(self) -> list[Fault]:
        last = self.at + (_LONG if self.lasting else 0)
        f = self.fault
        return [
            Fault(at=at, kind=f.kind, status=f.status, seconds=f.seconds)
            for at in range(self.at, last + 1)
        ]


@dataclass(frozen=True)
class Kill:
    """SIGKILL around the n-th request or commit; `again`: and so once more in the next apply.

    With more than one worker it depends on the moment what a commit holds, and how many there are.
    """

    step: Step
    when: When
    at: int
    workers: int
    again: int = 0
    setting: Setting = "plain"

    def __str__(self) -> str:
        twice = f", then before request {self.again} of the next apply" if self.again else ""
        return f"SIGKILL {self.when} {self.step} {self.at}{twice} ({_world(self)})"


Point = HttpFault | Kill


def every_point(steps: Steps) -> Iterator[Point]:
    """All of them in the plain setting, and a sample in each of the others."""
    yield from _points(*steps["plain"])
    for setting in sorted(steps.keys() - {"plain"}):
        for number, point in enumerate(_points(*steps[setting])):
            if number % _SAMPLED[setting] == 0:
                yield replace(point, setting=setting)


def _points(requests: int, commits: int) -> Iterator[Point]:
    for at in range(1, requests + 1):
        yield from _http(at)
        yield from _kills("request", at)
        yield Kill("request", "after", at, workers=1, again=at * 7 % 19 + 2)
        yield Kill("request", "after", at, workers=4)
    for at in range(1, commits + 1):
        yield from _kills("commit", at)
        yield Kill("commit", "before", at, workers=4)
        yield Kill("commit", "after", at, workers=4)


def _http(at: int) -> Iterator[Point]:
    for name, fault in _FAULTS:
        yield HttpFault(name, fault, at, workers=1)
        if name in {"drop_before", "drop_after", "502", "garbage"}:
            yield HttpFault(name, fault, at, workers=1, hasty=True)
            yield HttpFault(name, fault, at, workers=1, lasting=True, hasty=True)
            yield HttpFault(name, fault, at, workers=4, lasting=True, hasty=True)
        if name in {"drop_after", "empty_list"}:
            yield HttpFault(name, fault, at, workers=1, lasting=True)


def _kills(step: Step, at: int) -> Iterator[Kill]:
    yield Kill(step, "before", at, workers=1)
    yield Kill(step, "after", at, workers=1)


def _world(point: Point) -> str:
    setting = "" if point.setting == "plain" else f", {point.setting}"
    return f"{point.workers} workers{setting}"
