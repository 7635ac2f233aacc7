"""Disturb one apply, apply again, and look at what came of it."""

import asyncio
import json
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from tests.chaos import fleet
from tests.chaos.client import HASTY, PATIENT, Ended, applied
from tests.chaos.points import Kill, Point, Setting, Steps
from tests.chaos.stage import Play, Stage, stage
from tests.chaos.template import Template, template
from tests.chaos.verdict import complaints

_MEMORY = Path("/dev/shm")  # noqa: S108  # a place in memory, where there is one
SCRATCH = _MEMORY if _MEMORY.is_dir() else None
"""Kills lose nothing of what a file system holds in memory, and nobody waits for a disk."""

_KILLED = -9
_MOST_APPLIES = 2


@dataclass(frozen=True)
class Verdict:
    """`applies`: how many it took after the disturbed one; `complaints`: none when all is well."""

    point: Point
    disturbed: Ended
    applies: int
    complaints: tuple[str, ...]


class NoSuchStep(Exception):  # noqa: N818  # says what is so
    """The apply ended before it came to the step at which it should have died."""


@dataclass
class Harness:
    """A port, a template for each setting and number of workers, and processes to kill."""

    folder: Path
    stage: Stage
    templates: dict[tuple[Setting, int], Template]
    zygote: asyncio.subprocess.Process
    count: int = 0

    async def verdict(self, point: Point) -> Verdict:
        self.count += 1
        before = self.templates[point.setting, point.workers]
        place = before.copy(self.folder / f"point-{self.count}")
        try:
            async with self.stage.playing(place / "api.db", before.options) as play:
                disturbed = await self._disturbed(point, place, play)
                await self.stage.settled()
                play.order()
                applies, last = 0, Ended(1)
                while last.code and applies < _MOST_APPLIES:
                    last = await applied(place, self.stage.url, fleet.SECRETS_AFTER)
                    applies += 1
                wrong = [f"still {last.code}: {last.why}"] if last.code else []
                wrong += await complaints(place, play, before.truth)
        finally:
            shutil.rmtree(place)
        return Verdict(point, disturbed, applies, tuple(wrong))

    async def _disturbed(self, point: Point, place: Path, play: Play) -> Ended:
        if isinstance(point, Kill):
            status = await self._killed(point, point.at, place)
            if status != _KILLED:
                raise NoSuchStep(str(point))
            if point.again:
                await self.stage.settled()
                await self._killed(Kill("request", "before", point.again, 1), point.again, place)
            return Ended(status, "killed")
        play.order(*point.orders)
        retry = HASTY if point.hasty else PATIENT
        return await applied(place, self.stage.url, fleet.SECRETS_AFTER, retry=retry)

    async def _killed(self, point: Kill, at: int, place: Path) -> int:
        order = {
            "folder": str(place),
            "url": self.stage.url,
            "secrets": fleet.SECRETS_AFTER,
            "step": point.step,
            "when": point.when,
            "at": at,
        }
        assert self.zygote.stdin is not None
        assert self.zygote.stdout is not None
        self.zygote.stdin.write(f"{json.dumps(order)}\n".encode())
        return int(await self.zygote.stdout.readline())


@asynccontextmanager
async def harness(folder: Path) -> AsyncIterator[Harness]:
    """Everything that is made once for many points."""
    zygote = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.chaos.zygote",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    try:
        async with stage() as standing:
            templates = {
                (setting, workers): await template(
                    standing, folder / f"{setting}-{workers}", workers, setting
                )
                for setting in get_args(Setting)
                for workers in (1, 4)
            }
            yield Harness(folder, standing, templates, zygote)
    finally:
        assert zygote.stdin is not None
        zygote.stdin.close()
        await zygote.wait()


def steps_of(standing: Harness) -> Steps:
    """How many there are, with one worker."""
    truths = {s: t.truth for (s, workers), t in standing.templates.items() if workers == 1}
    return {setting: (truth.requests, truth.commits) for setting, truth in truths.items()}
