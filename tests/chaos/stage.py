"""One port on which a sandbox stands after the other, in the event loop of the harness."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from reconciler.sandbox import Fault, SandboxOptions, create_app
from reconciler.sandbox.requests import Sandbox, organisation_of
from reconciler.sandbox.server import CuttableProtocol
from reconciler.sandbox.store import Record

KEY = "slng_chaos_key_1"
ORGANISATION = organisation_of(KEY)
PLAIN = SandboxOptions()
DEPLOYED = SandboxOptions(era="deployed")


class Stage:
    """The application of the port: whichever sandbox plays now."""

    def __init__(self) -> None:
        self.url = ""
        self._app: ASGIApp | None = None
        self._in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self._app is not None
        self._in_flight += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._in_flight -= 1

    @asynccontextmanager
    async def playing(
        self, database: Path, options: SandboxOptions = PLAIN
    ) -> "AsyncIterator[Play]":
        app = create_app(database, options)
        self._app = app
        play = Play(self, app.state.sandbox)
        try:
            yield play
        finally:
            await self.settled()
            self._app = None
            play.sandbox.store.close()

    async def settled(self) -> None:
        """Until the requests of a client that is dead by now have come to their end."""
        while self._in_flight:  # noqa: ASYNC110  # nobody is told when it ends
            await asyncio.sleep(0.002)


@dataclass(frozen=True)
class Play:
    """A sandbox behind the port, looked at from behind."""

    stage: Stage
    sandbox: Sandbox

    def order(self, *faults: Fault) -> None:
        """From now on; the count of requests begins anew."""
        self.sandbox.order.replace(faults)

    def seen(self) -> list[dict[str, Any]]:
        return self.sandbox.journal.shown()

    def agents(self) -> list[Record]:
        return [row.record for row in self.sandbox.store.agents(ORGANISATION)]

    def by_name(self) -> dict[str, Record]:
        return {record.document["name"]: record for record in self.agents()}


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    """A free port for as long as the block runs."""
    standing = Stage()
    config = uvicorn.Config(
        standing,
        http=CuttableProtocol,
        lifespan="off",
        log_level="critical",  # a killed client is no news
        access_log=False,
    )
    server = uvicorn.Server(config)
    # asyncio turns Nagle's waiting off only where a socket says that it is TCP: 40 ms a request.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        standing.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        running = asyncio.create_task(server.serve([listener]))
        while not server.started:  # noqa: ASYNC110  # uvicorn has no event for it
            await asyncio.sleep(0.005)
        try:
            yield standing
        finally:
            server.should_exit = True
            await running
