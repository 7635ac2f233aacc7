"""Many workers at one rate limit: what one of them is told, all hear."""

import asyncio
from collections import deque
from collections.abc import Iterator

import pytest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from reconciler.live import ApiClient
from reconciler.live.flow import Flow, Turn
from tests.live.servers import AGENT, AGENT_ID, KEY, no_secret, said
from tests.live.virtual_time import VirtualTime

WORKERS = 16
LATENCY = 0.05


class Limited:
    """An API that takes so many requests within any second, and asks for a second's patience."""

    def __init__(
        self, time: VirtualTime, per_second: int, *, retry_after: str | None = "1"
    ) -> None:
        self.time = time
        self.per_second = per_second
        self.headers = {} if retry_after is None else {"retry_after": retry_after}
        self.taken: list[float] = []
        self.refused: list[float] = []
        self._window: deque[float] = deque()

    def _answer(self) -> Response:
        now = self.time.clock()
        while self._window and self._window[0] <= now - 1:
            self._window.popleft()
        if len(self._window) >= self.per_second:
            self.refused.append(now)
            return said({"detail": "Rate limit exceeded"}, 429, **self.headers)
        self._window.append(now)
        self.taken.append(now)
        return said(AGENT)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self._answer()
        await self.time.sleep(LATENCY)
        await answer(scope, receive, send)


def work_off(api: Limited, requests: int, *, workers: int = WORKERS, thinking: float = 0) -> None:
    """So many requests by so many workers, after a first one and some thinking."""

    async def main() -> None:
        time = api.time
        client = ApiClient(
            "http://api",
            KEY,
            resolve=no_secret,
            app=api,
            connections=workers,
            sleep=time.sleep,
            clock=time.clock,
            jitter=lambda: 0.5,
        )

        async def work(queue: Iterator[int]) -> None:
            for _ in queue:
                await client.get_agent(AGENT_ID)

        async with client:
            await time.run(work(iter(range(1))))
            await time.run(time.sleep(thinking))
            queue = iter(range(requests))
            await time.run(*(work(queue) for _ in range(workers)))

    asyncio.run(main())


@pytest.mark.parametrize("limit", [5, 10, 20, 50, 100])
def test_a_steady_limit_is_met_seldom_and_used_well(limit: int) -> None:
    api = Limited(VirtualTime(), limit)
    requests = 20 * limit
    work_off(api, requests)
    assert len(api.taken) == requests + 1
    assert len(api.refused) <= 20
    assert api.time.clock() <= 20 * 1.5


def test_without_a_word_about_how_long_the_limit_is_kept_too() -> None:
    api = Limited(VirtualTime(), 10, retry_after=None)
    work_off(api, 200)
    assert len(api.taken) == 201
    assert len(api.refused) <= 100
    assert api.time.clock() <= 40


def test_while_one_was_asked_to_wait_nobody_asks() -> None:
    api = Limited(VirtualTime(), 10, retry_after="7")
    work_off(api, 40)
    first = api.refused[0]
    quiet = [t for t in (*api.taken, *api.refused) if first + LATENCY < t < first + 7]
    assert quiet == []


def test_a_limit_that_was_met_once_is_forgotten() -> None:
    class Passing(Limited):
        def _answer(self) -> Response:
            if self.refused and self.time.clock() > self.refused[0] + 1:
                self.per_second = 10_000
            return super()._answer()

    api = Passing(VirtualTime(), 40)
    work_off(api, 4000)
    assert api.time.clock() < 40  # at the pace that was learned, two minutes
    last = [t for t in api.taken if t > api.taken[-1] - 1]
    assert len(last) > 0.8 * WORKERS / LATENCY


def test_a_person_who_thinks_is_not_taken_for_a_slow_api() -> None:
    hasty, thoughtful = Limited(VirtualTime(), 50), Limited(VirtualTime(), 50)
    work_off(hasty, 500)
    work_off(thoughtful, 500, thinking=600)
    assert thoughtful.time.clock() - 600 <= hasty.time.clock() + 1


def test_no_more_than_so_many_are_in_flight() -> None:
    time = VirtualTime()
    flow = Flow(3, sleep=time.sleep, clock=time.clock)
    now: set[int] = set()
    most = 0

    async def request(number: int) -> None:
        nonlocal most
        await flow.enter(Turn())
        now.add(number)
        most = max(most, len(now))
        await time.sleep(1)
        now.discard(number)
        flow.leave()

    asyncio.run(time.run(*map(request, range(10))))
    assert (most, time.clock()) == (3, 4.0)


def test_who_gives_up_waiting_leaves_no_gap() -> None:
    time = VirtualTime()
    flow = Flow(1, sleep=time.sleep, clock=time.clock)

    async def main() -> None:
        await flow.enter(Turn())
        queued = [asyncio.create_task(flow.enter(Turn())) for _ in range(3)]
        await asyncio.sleep(0)
        queued[0].cancel()
        flow.leave()
        queued[1].cancel()  # it has its place already, and gives it on
        await asyncio.gather(*queued, return_exceptions=True)
        assert [task.cancelled() for task in queued] == [True, True, False]
        flow.leave()
        await asyncio.wait_for(flow.enter(Turn()), 1)

    asyncio.run(main())
