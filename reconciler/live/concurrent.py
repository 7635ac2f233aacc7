"""Many requests at once, over httpx's transports: what an apply needs."""

import asyncio
from typing import Any

from reconciler.live.exchange import Answer, Reading, Request, Trouble, trouble_of
from reconciler.live.lanes import Lanes, Proxied
from reconciler.live.lean import httpx
from reconciler.live.masking import Mask
from reconciler.live.wire import ONE_CONNECTION, Wire, through_a_proxy


class ConcurrentExchange:
    """A transport for each request in flight.

    Silence is timed here, once for each part that comes: the layers below would set an alarm for
    every step, which is a tenth of all that a request costs.
    """

    def __init__(self, lanes: Lanes, wire: Wire, mask: Mask) -> None:
        self._lanes = lanes
        self._wire = wire
        self._mask = mask

    async def send(self, request: Request, *, within: float) -> Answer | Trouble:
        patience = _Patience(within, self._wire.timeout)
        try:
            async with patience.timer:
                lane = await self._lanes.take()
                try:
                    return await self._answer(lane, request, patience)
                finally:
                    self._lanes.give_back(lane)
        except Exception as error:  # noqa: BLE001  # any frame below holds secrets
            return trouble_of(error, self._mask)

    async def _answer(
        self, lane: httpx.AsyncBaseTransport, request: Request, patience: "_Patience"
    ) -> Answer | Trouble:
        # To know that nothing was sent, the end of this one must come first.
        sent = self._wire.request(request, connect=self._wire.timeout / 2)
        response = await lane.handle_async_request(sent)
        try:
            reading = Reading(request, response)
            async for part in response.aiter_bytes():
                if reading.is_enough(part):
                    break
                patience.renew()
        finally:
            await response.aclose()
        return reading.end()

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def close(self) -> None:
        await self._lanes.close()


class _Patience:
    """It ends after so many seconds `within` which all must be done, or so many of `silence`."""

    def __init__(self, within: float, silence: float) -> None:
        self._clock = asyncio.get_running_loop().time
        self._end = self._clock() + within
        self._silence = silence
        self.timer = asyncio.timeout_at(self._next())

    def renew(self) -> None:
        """Something was heard."""
        self.timer.reschedule(self._next())

    def _next(self) -> float:
        return min(self._end, self._clock() + self._silence)


def lanes_to(wire: Wire, given: httpx.AsyncBaseTransport | None) -> Lanes:
    """Transports to an API, or the one that is given."""
    if given is not None:
        return Lanes(lambda: given)
    settings: Any = {"limits": ONE_CONNECTION, "verify": wire.trust}
    if wire.is_proxied:
        first = [through_a_proxy(lambda: httpx.AsyncClient(**settings))]  # now, to hear of it
        return Lanes(lambda: Proxied(first.pop() if first else httpx.AsyncClient(**settings)))
    return Lanes(lambda: httpx.AsyncHTTPTransport(**settings, trust_env=False))
