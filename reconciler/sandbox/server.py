"""The same application on a port."""

from __future__ import annotations

import asyncio
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
        create_app(database, options),
        host=host,
        port=port,
        http=CuttableProtocol,
        lifespan="on",
        # Standard output belongs to results; uvicorn would write its access log there.
        log_level="warning",
        access_log=False,
    )
    return uvicorn.Server(config)


def serve(database: Path, host: str, port: int, options: SandboxOptions) -> None:
    """Serve until stopped; Ctrl-C lets requests in flight finish, and raises KeyboardInterrupt."""
    server_for(database, host, port, options).run()
