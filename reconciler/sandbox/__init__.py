"""The embedded SLNG Voice Agents API: what API.md documents, over one SQLite file.

It stands in for a remote service, so it shares nothing with the rest of the package: no models,
no errors, no client. A mistake made on one side must not be repeated by the other.

Importing this package is cheap: the web framework and the validators come with the first call.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.sandbox.options import PROJECT_KEY, Fault, SandboxOptions, parse_fault
from reconciler.sandbox.wire import ConnectionCut

if TYPE_CHECKING:
    from starlette.applications import Starlette

__all__ = [
    "PROJECT_KEY",
    "ConnectionCut",
    "Fault",
    "SandboxOptions",
    "create_app",
    "is_loopback",
    "parse_fault",
    "reset",
    "serve",
]

_DEFAULTS = SandboxOptions()


def create_app(database: Path, options: SandboxOptions = _DEFAULTS) -> Starlette:
    """Return the API as an ASGI application over the SQLite file `database`, made when missing."""
    from reconciler.sandbox.app import create_app as create  # noqa: PLC0415  # cheap to import

    return create(database, options)


def serve(
    database: Path,
    host: str,
    port: int,
    options: SandboxOptions = _DEFAULTS,
    listening: Callable[[str], None] | None = None,
) -> None:
    """Serve the API and its page on a port until the process is told to stop.

    `listening` is called with the base URL, whose port is the real one, once connections are taken.

    Raises:
        OSError: the address can not be had.
        sqlite3.Error: the file can not be used.
        KeyboardInterrupt: Ctrl-C; requests in flight were finished.
    """
    from reconciler.sandbox.server import serve as run  # noqa: PLC0415  # cheap to import

    run(database, host, port, options, listening)


def is_loopback(host: str) -> bool:
    """Return whether only programs on this machine reach a server that is bound to `host`."""
    from reconciler.sandbox.page.guard import is_loopback as is_one  # noqa: PLC0415  # as above

    return is_one(host.lower())


def reset(database: Path) -> None:
    """Forget every agent and call; a server that runs on the same file stays usable."""
    from reconciler.sandbox.store import reset as forget  # noqa: PLC0415  # cheap to import

    forget(database)
