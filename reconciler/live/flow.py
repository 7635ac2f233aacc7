"""How many requests are in flight, and how fast they follow: what one is told, all hear.

Without it, each of 16 workers runs into the same rate limit, and after the pause all of them at
once. An API that asks for patience has said how much it takes: the requests that it answered since
it last did, over that time and the pause it asks for. Later requests keep that pace, which grows
slowly at first, because a steady limit costs a pause each time it is met, and then fast: a
passing trouble is forgotten after half a minute.
"""

import math
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from asyncio import Future

Sleep: TypeAlias = Callable[[float], Awaitable[object]]
Clock: TypeAlias = Callable[[], float]

_SLOWEST: Final = 0.5  # requests a second
_SLOWLY, _FAST = 0.02, 8.5e-5  # in 10 seconds a third more, in 30 near twentyfold
_FORGOTTEN: Final = 60.0  # seconds
_IDLE: Final = 0.2
"""After so many seconds with nothing in flight the count begins anew: somebody was thinking."""


class Turn:
    """One request's place in the flow: how often the pace had been cut when it was sent."""

    __slots__ = ("since",)

    def __init__(self) -> None:
        self.since = 0


class Flow:
    """Each request is sent between `enter` and `leave`, and one of the other two tells how it was.

    `most` are in flight at once; `clock` gives seconds.
    """

    def __init__(self, most: int, *, sleep: Sleep, clock: Clock) -> None:
        self._most = self._room = most
        self._queue: deque[Future[None]] = deque()
        self._sleep = sleep
        self._clock = clock
        self._pace: float | None = None  # requests a second, at `_until`
        self._until = self._next = self._began = self._ended = clock()
        self._passed = 0
        self._pauses = 0
        self._cuts = 0

    async def enter(self, turn: Turn) -> None:
        """Wait until there is room, and until it is time."""
        if self._room:
            self._take()
        else:
            await self._queued()
        try:
            await self._in_time()
        except BaseException:
            self.leave()
            raise
        turn.since = self._cuts

    def leave(self) -> None:
        while self._queue:
            waiting = self._queue.popleft()
            if not waiting.done():
                waiting.set_result(None)
                return
        self._room += 1
        if self._room == self._most:
            self._ended = self._clock()

    def went_well(self) -> None:
        """An answer that asks for no patience."""
        self._passed += 1

    def slow_down(self, turn: Turn, seconds: float) -> None:
        """An answer that asks for so much patience, of everybody."""
        until = self._clock() + seconds
        if turn.since == self._cuts:  # what was sent before the last cut says nothing new
            self._cuts += 1
            self._pace = self._slower(until)
            self._passed, self._began = 0, until
        if until > self._until:
            self._pauses += 1
            self._until = self._next = until

    def _slower(self, until: float) -> float | None:
        now = self._paced()
        if not self._passed:  # that says little: somebody else may have used up the limit
            return None if now is None else max(_SLOWEST, now / 2)
        taken = self._passed / max(until - self._began, 0.001)
        return max(_SLOWEST, taken if now is None else min(taken, now))

    def _paced(self) -> float | None:
        """Requests a second at this moment; None for as many as there are."""
        went = max(0.0, self._clock() - self._until)
        if self._pace is None or went > _FORGOTTEN:
            return None
        return self._pace * math.exp(_SLOWLY * went + _FAST * went**3)

    async def _in_time(self) -> None:
        while True:
            pauses, now = self._pauses, self._clock()
            at = max(now, self._next)
            pace = self._paced()
            if pace is not None:
                self._next = at + 1 / pace
            if at > now:
                await self._sleep(at - now)
            if pauses == self._pauses:
                return

    def _take(self) -> None:
        if self._room == self._most and self._clock() - self._ended > _IDLE:
            self._passed, self._began = 0, self._clock()
        self._room -= 1

    async def _queued(self) -> None:
        from asyncio import CancelledError, get_running_loop  # noqa: PLC0415  # only where many are

        waiting: Future[None] = get_running_loop().create_future()
        self._queue.append(waiting)
        try:
            await waiting
        except CancelledError:
            if waiting.done() and not waiting.cancelled():
                self.leave()
            raise
