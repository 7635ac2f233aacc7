"""One request after the other, over httpx's blocking transport: what a look needs.

It needs no event loop. To load one, and the layer that httpx has above it, takes longer than to
list a thousand agents.
"""

import time

from reconciler.live.exchange import Answer, Reading, Request, Trouble, trouble_of
from reconciler.live.lean import httpx
from reconciler.live.masking import Mask
from reconciler.live.wire import ONE_CONNECTION, Wire, through_a_proxy


class BlockingExchange:
    """`send` is a coroutine that never waits for another one."""

    def __init__(self, wire: Wire, mask: Mask) -> None:
        self._wire = wire
        self._mask = mask
        # By way of a proxy that the environment names: which one, httpx's own client knows best.
        self._http = through_a_proxy(
            lambda: httpx.Client(
                limits=ONE_CONNECTION,
                verify=wire.trust,
                trust_env=wire.is_proxied,
                follow_redirects=False,
            )
        )

    async def send(self, request: Request, *, within: float) -> Answer | Trouble:
        try:
            return self._answer(request, within)
        except Exception as error:  # noqa: BLE001  # any frame below holds secrets
            return trouble_of(error, self._mask)

    def _answer(self, request: Request, within: float) -> Answer | Trouble:
        until = time.monotonic() + within
        silence = min(within, self._wire.timeout)
        sent = self._wire.request(
            request, connect=silence, read=silence, write=silence, pool=silence
        )
        response = self._http.send(sent, stream=True)
        try:
            reading = Reading(request, response)
            for part in response.iter_bytes():
                if reading.is_enough(part):
                    break
                if time.monotonic() > until:
                    raise TimeoutError
        finally:
            response.close()
        return reading.end()

    async def pause(self, seconds: float) -> None:
        time.sleep(seconds)  # noqa: ASYNC251  # nobody else is waiting here

    async def close(self) -> None:
        self._http.close()
