"""Time that passes when everybody waits: minutes of pauses in no time, and the same every run."""

import asyncio
import heapq
from collections.abc import Coroutine
from typing import Any

_STEPS = 50
"""More than any task here takes from one wait to the next."""


class VirtualTime:
    def __init__(self) -> None:
        self._now = 0.0
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._number = 0

    def clock(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        self._number += 1
        awake: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (self._now + seconds, self._number, awake))
        await awake

    async def run(self, *deeds: Coroutine[Any, Any, None]) -> None:
        tasks = [asyncio.ensure_future(deed) for deed in deeds]
        while not all(task.done() for task in tasks):
            for _ in range(_STEPS):
                await asyncio.sleep(0)
            if self._waiting:
                self._now, _, awake = heapq.heappop(self._waiting)
                if not awake.done():
                    awake.set_result(None)
        await asyncio.gather(*tasks)
