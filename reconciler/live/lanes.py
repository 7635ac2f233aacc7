"""A client for each request in flight.

One client for all looks through every connection of its pool, and asks the system about each idle
one, whenever a request begins or ends: with 16 that is as much work as all the rest of HTTP.
"""

from collections.abc import Callable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from reconciler.live.lean import httpx


class Lanes:
    """As many clients as there are requests at once. `make` may give one client twice."""

    def __init__(self, make: Callable[[], httpx.AsyncClient]) -> None:
        self._make = make
        self._free: list[httpx.AsyncClient] = []
        self._stack = AsyncExitStack()
        self._entered: set[httpx.AsyncClient] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._stack.__aexit__(kind, error, traceback)

    async def take(self) -> httpx.AsyncClient:
        """A client that nobody else has until it is given back, the one used last if there is."""
        if self._free:
            return self._free.pop()
        client = self._make()
        if client not in self._entered:
            self._entered.add(client)
            await self._stack.enter_async_context(client)
        return client

    def give_back(self, client: httpx.AsyncClient) -> None:
        self._free.append(client)
