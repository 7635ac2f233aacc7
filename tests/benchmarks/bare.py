"""What an apply can not do without, over httpx and with nothing of ours: read, list, write.

`python -m tests.benchmarks.bare FOLDER URL METHOD`, where METHOD is POST or PUT. Nothing is
checked, compared, shown or remembered. A PUT is preceded by the GET of its agent.
"""

import asyncio
import gc
import json
import ssl
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click  # noqa: F401  # every command line has one
import httpx

from tests.benchmarks.floor import parsed, read

_WORKERS: Final = 16
_NO_TLS: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # certificates are long to load
_ONE: Final = httpx.Limits(max_connections=1)
_HEADERS: Final = {"Content-Type": "application/json"}


class _Lane:
    """One connection, kept."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/v1/agents"
        self._transport = httpx.AsyncHTTPTransport(verify=_NO_TLS, limits=_ONE)

    async def send(self, method: str, agent_id: str = "", document: Any = None) -> Any:
        request = httpx.Request(
            method,
            f"{self._url}/{agent_id}" if agent_id else self._url,
            headers=_HEADERS,
            content=None if document is None else json.dumps(document).encode(),
        )
        response = await self._transport.handle_async_request(request)
        assert response.is_success, response
        return json.loads(await response.aread())


async def _work(lane: _Lane, todo: Iterator[tuple[str, Any]]) -> None:
    for agent_id, document in todo:
        if agent_id:
            await lane.send("GET", agent_id)
        await lane.send("PUT" if agent_id else "POST", agent_id, document)


async def main(folder: str, url: str, method: str) -> None:
    documents = parsed(read(Path(folder) / "agents"))
    lanes = [_Lane(url) for _ in range(_WORKERS)]
    ids = [agent["id"] for agent in await lanes[0].send("GET")]
    if method == "POST":
        ids = [""] * len(documents)
    todo = iter(list(zip(ids, documents, strict=True)))
    await asyncio.gather(*(_work(lane, todo) for lane in lanes))


if __name__ == "__main__":
    gc.disable()
    asyncio.run(main(*sys.argv[1:]))
