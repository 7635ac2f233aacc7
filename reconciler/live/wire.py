"""Requests as httpx sends them: headers and timeouts that are made once, and whom to trust."""

import ssl
from collections.abc import Callable
from functools import cached_property
from typing import TypeVar
from urllib.request import getproxies

from reconciler import __version__
from reconciler.errors import UsageError
from reconciler.live.exchange import Request
from reconciler.live.lean import httpx

_Client = TypeVar("_Client")

ONE_CONNECTION = httpx.Limits(max_connections=1)


class Wire:
    """To the API at `base`; `timeout` is the longest silence in seconds.

    Raises `UsageError` where https needs certificates that can not be read.
    """

    def __init__(self, base: str, key: str, timeout: float) -> None:
        self._base = base
        self.timeout = timeout
        self._headers = _headers(key)
        self._with_body = httpx.Headers({**self._headers, "Content-Type": "application/json"})
        # Plain http to loopback: a context that trusts nobody saves the 20 ms of loading
        # certificates. One is enough for all connections.
        encrypted = base.startswith("https:")
        self.trust = _certificates() if encrypted else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._encrypted = encrypted

    @cached_property
    def is_proxied(self) -> bool:
        """Whether the environment names a proxy, which must not see the key over plain http."""
        return self._encrypted and bool(getproxies())

    def request(self, request: Request, **timeouts: float) -> httpx.Request:
        """As a transport takes it, with seconds for some of `connect`, `read`, `write`, `pool`."""
        return httpx.Request(
            request.method,
            self._base + request.path,
            content=request.sealed.content if request.sealed else None,
            headers=self._with_body if request.sealed else self._headers,
            extensions={"timeout": timeouts},
        )


def through_a_proxy(make: Callable[[], _Client]) -> _Client:
    """A client that goes where the environment says. Raises `UsageError` where it can not."""
    try:
        return make()
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        # What httpx says of it may repeat a password.
        raise UsageError(
            f"the proxy that the environment names can not be used ({type(error).__name__})",
            hint="check HTTPS_PROXY and ALL_PROXY: `http://host:port` is understood",
        ) from None


def _headers(key: str) -> httpx.Headers:
    headers = {"User-Agent": f"reconciler/{__version__}", "Accept": "application/json"}
    if key:  # the sandbox in this process may do without
        headers["Authorization"] = f"Bearer {key}"
    # Accept-Encoding is httpx's own: it names what it can unpack.
    with httpx.Client(headers=headers, transport=httpx.BaseTransport(), trust_env=False) as client:
        return client.headers


def _certificates() -> ssl.SSLContext:
    """Those of the system's, or of `SSL_CERT_FILE` and `SSL_CERT_DIR`."""
    try:
        return httpx.create_ssl_context()
    except OSError as error:  # that of ssl is one, too
        reason = " ".join(str(part) for part in (error.strerror, error.filename) if part)
        raise UsageError(
            f"the certificates that https needs can not be read: {reason or error}",
            hint="check SSL_CERT_FILE and SSL_CERT_DIR, or unset them",
        ) from error
