"""Cutting a connection, over a real server and in-process alike.

`serve` puts a function under the scope extension `CUT` that severs the TCP connection: the client
reads nothing at all. Without it (another server, or httpx's ASGI transport) an answer is begun that
promises more bytes than will come, and `ConnectionCut` is raised: a server closes the connection in
the middle of the answer, the in-process transport hands the exception to the caller.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

CUT = "reconciler.sandbox.cut"


class ConnectionCut(ConnectionResetError):  # noqa: N818  # says what happened
    """What a caller in the same process sees in place of an answer that was cut off."""


async def cut(scope: Scope, receive: Receive, send: Send) -> None:
    sever = (scope.get("extensions") or {}).get(CUT)
    if sever is None:
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [(b"content-length", b"1048576")],
            }
        )
        raise ConnectionCut("the sandbox was ordered to cut this connection")
    sever()
    # The server would answer 500 for an application that returns before it saw the disconnect.
    while (await receive())["type"] != "http.disconnect":
        pass
