"""A transport for each request in flight.

One for all looks through every connection of its pool, and asks the system about each idle one,
whenever a request begins or ends: with 16 that is as much work as all the rest of HTTP. A client
of httpx around it would add cookies, redirects and the headers of each request: an API's key goes
nowhere else, and the headers are always the same.
"""

from collections.abc import Callable
from contextlib import AsyncExitStack

from reconciler.live.lean import httpx


class Lanes:
    """As many transports as there are requests at once. `make` may give one twice."""

    def __init__(self, make: Callable[[], httpx.AsyncBaseTransport]) -> None:
        self._make = make
        self._free: list[httpx.AsyncBaseTransport] = []
        self._stack = AsyncExitStack()
        self._entered: set[httpx.AsyncBaseTransport] = set()

    async def take(self) -> httpx.AsyncBaseTransport:
        """One that nobody else has until it is given back, the one used last if there is."""
        if self._free:
            return self._free.pop()
        transport = self._make()
        if transport not in self._entered:
            self._entered.add(transport)
            await self._stack.enter_async_context(transport)
        return transport

    def give_back(self, transport: httpx.AsyncBaseTransport) -> None:
        self._free.append(transport)

    async def close(self) -> None:
        await self._stack.aclose()


class Proxied(httpx.AsyncBaseTransport):
    """By way of a proxy that the environment names: which one, httpx's own client knows best."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._client.send(request, stream=True)

    async def aclose(self) -> None:
        await self._client.aclose()
