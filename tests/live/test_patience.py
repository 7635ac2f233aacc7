"""How long an apply waits for an API that says nothing, or never ends."""

import asyncio
import socket
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from reconciler.errors import LiveError
from reconciler.live import ApiClient, RetryPolicy
from reconciler.model.live import LiveAgent
from tests.live import servers
from tests.live.servers import KEY, no_secret, raw
from tests.live.test_blocking import LIST, SLOWLY, port

ONCE = RetryPolicy(attempts=1)


def listed(base: str, **options: Any) -> Sequence[LiveAgent]:
    async def main() -> Sequence[LiveAgent]:
        async with ApiClient(base, KEY, resolve=no_secret, **options) as client:
            return await client.list_agents()

    return asyncio.run(main())


def test_silence_ends_it() -> None:
    with port(None) as api, pytest.raises(LiveError, match="no answer in time"):
        listed(api.base, retry=ONCE, timeout=0.2)


def test_who_speaks_slowly_is_not_silent() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(raw(LIST, length=len(LIST) + 6))
        for _ in range(6):
            await writer.drain()
            await asyncio.sleep(0.1)
            writer.write(b" ")

    async def main() -> Sequence[LiveAgent]:
        settings: dict[str, Any] = {"resolve": no_secret, "retry": ONCE, "timeout": 0.4}
        async with servers.port(serve) as base, ApiClient(base, KEY, **settings) as client:
            return await client.list_agents()

    assert len(asyncio.run(main())) == 1


def test_who_never_ends_is_cut_off() -> None:
    patience = RetryPolicy(attempts=1, deadline=0.3)
    slow = raw(LIST + SLOWLY, length=500)
    with port(slow) as api, pytest.raises(LiveError, match="no answer in time"):
        listed(api.base, retry=patience, timeout=5)


@pytest.fixture
def deaf() -> Iterator[str]:
    """A port whose queue is full: it takes no connection, and refuses none."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        name = server.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(name)
        yield f"http://127.0.0.1:{name[1]}"
        for each in waiting:
            each.close()


def test_where_no_connection_comes_about_nothing_was_sent(deaf: str) -> None:
    async def main() -> None:
        async with ApiClient(deaf, KEY, resolve=no_secret, retry=ONCE, timeout=0.4) as client:
            await client.create_agent({"name": "Desk"})

    with pytest.raises(LiveError, match="ConnectTimeout") as failed:
        asyncio.run(main())
    assert not failed.value.unclear
