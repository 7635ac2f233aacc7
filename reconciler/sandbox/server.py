"""The same application on a port."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from reconciler.sandbox.app import create_app
from reconciler.sandbox.options import SandboxOptions
from reconciler.sandbox.wire import CUT, Receive, Scope, Send


class CuttableProtocol(H11Protocol):
    """Hands the application a way to sever its connection; ASGI itself has none."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        inner = self.app

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            extensions = {**(scope.get("extensions") or {}), CUT: self._sever}
            await inner({**scope, "extensions": extensions}, receive, send)

        self.app = app

    def _sever(self) -> None:
        transport: asyncio.Transport = self.transport
        transport.abort()


def server_for(database: Path, host: str, port: int, options: SandboxOptions) -> uvicorn.Server:
    config = uvicorn.Config(
        create_app(database, replace(options, host=host)),
        host=host,
        port=port,
        http=CuttableProtocol,
        lifespan="on",
        # Standard output belongs to results; uvicorn would write its access log there.
        log_level="warning",
        access_log=False,
    )
    return uvicorn.Server(config)


def serve(
    database: Path,
    host: str,
    port: int,
    options: SandboxOptions,
    listening: Callable[[str], None] | None = None,
) -> None:
    """Serve until stopped; Ctrl-C lets requests in flight finish, and raises KeyboardInterrupt.

    `listening` is called with the base URL, whose port is the real one, once connections are taken.

    Raises:
        OSError: the address can not be had.
    """
    with _listener(host, port) as listener:
        server = server_for(database, host, port, options)
        if listening is not None:
            listening(_url(host, listener.getsockname()[1]))
        server.run([listener])


def _listener(host: str, port: int) -> socket.socket:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, _, _, _, address = found[0]
    return socket.create_server(address[:2], family=family, backlog=2048)


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
