"""Who may talk to a sandbox that is served: programs and its own page, no other web page.

The sandbox asks for no password, so a browser must not become the door to it. A page elsewhere can
make a browser send forms here (the `Origin` gives it away), and it can point a name of its own at
127.0.0.1 and read answers too (DNS rebinding; the `Host` gives it away).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from reconciler.sandbox.requests import answered

STAGE = "/_sandbox"
_PAGES = f"{STAGE}/page"
_SAFE = frozenset({"GET", "HEAD"})
_OWN_FETCHES = frozenset({"same-origin", "none"})
_WRONG_HOST = (
    "The sandbox does not answer to the name {name!r}: open it by the address that `sandbox serve` "
    "printed. (Names of others may point here without your knowing.)"
)
_WRONG_ORIGIN = "The sandbox takes changes from its own page only, not from other web pages."


def is_page(path: str) -> bool:
    return path in {"/", STAGE, f"{STAGE}/"} or path.startswith(_PAGES)


class Guard:
    """host: the one that the sandbox is bound to, None when it runs inside a program."""

    def __init__(self, app: ASGIApp, host: str | None) -> None:
        self._app = app
        self._host = host.lower() if host is not None else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(Request(scope)) if scope["type"] == "http" else None
        await (refusal or self._app)(scope, receive, send)

    def _refusal(self, request: Request) -> Response | None:
        path, headers = request.url.path, request.headers
        name = _name_in(headers.get("host", ""))
        # Bound to other addresses the API may have any name, such as a container's.
        watched = self._host is not None and is_loopback(self._host)
        if (watched or is_page(path)) and not self._is_ours(name, request):
            return _refused(path, 421, _WRONG_HOST.format(name=name))
        writes = request.method not in _SAFE and path.startswith(STAGE)
        if writes and not _from_its_own_page(headers):
            return _refused(path, 403, _WRONG_ORIGIN)
        return None

    def _is_ours(self, name: str, request: Request) -> bool:
        server = (request.scope.get("server") or ("",))[0]
        # Only an address counts: no name can be made to look like one.
        return is_loopback(name) or name == self._host or (_is_address(name) and name == server)


def is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    return _is_address(host) and ipaddress.ip_address(host).is_loopback


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _name_in(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _from_its_own_page(headers: Mapping[str, str]) -> bool:
    """Return whether a write comes from this sandbox's page, or from no page at all."""
    if headers.get("sec-fetch-site", "none") not in _OWN_FETCHES:
        return False
    return headers.get("origin") in {None, f"http://{headers.get('host', '')}"}


def _refused(path: str, status: int, message: str) -> Response:
    if path.startswith(STAGE) or path == "/":
        return PlainTextResponse(message, status)
    return answered({"detail": message}, status)
