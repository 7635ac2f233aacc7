"""One request and its answer, as values: what httpx raises does not leave this file.

An exception of httpx or of the layers below holds, in its attributes and in the locals of its
frames, the headers with the key and the body with the secrets. So it is turned into a `Trouble`
where it is caught, and dropped; no later exception has it as cause or context.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from reconciler.live.lanes import Lanes
from reconciler.live.lean import httpx
from reconciler.live.masking import Mask
from reconciler.live.secrets import Sealed
from reconciler.model.values import Document

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

_NOT_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_LARGEST_ERROR: Final = 1 << 20
"""An error's text is cut there rather than refused, so that its status is not lost."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to send. `purpose` completes "could not …"; `limit` bounds the answer, in bytes.

    `path` is below the base URL, percent-encoded. `body` holds references, `sealed` the secrets.
    """

    method: Method
    path: str
    purpose: str
    limit: int
    body: Document | None = None
    sealed: Sealed | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, read whole and decompressed. It may echo secrets, so its repr is short."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Trouble:
    """No answer, and why. `reached`: the server may have seen the request."""

    reason: str
    reached: bool
    final: bool = False


class Exchange:
    """Sends requests over httpx clients."""

    def __init__(self, lanes: Lanes, base: str, mask: Mask) -> None:
        self._lanes = lanes
        self._base = base
        self._mask = mask

    async def send(self, request: Request, *, within: float) -> Answer | Trouble:
        """The answer, or why there is none after so many seconds."""
        try:
            async with asyncio.timeout(within):
                http = await self._lanes.take()
                try:
                    return await self._send(http, request)
                finally:
                    self._lanes.give_back(http)
        except _NOT_SENT as error:
            reason = self._told(error)
            # Asking again changes no certificate.
            return Trouble(reason, reached=False, final="CERTIFICATE_VERIFY_FAILED" in reason)
        except Exception as error:  # noqa: BLE001  # any other frame below holds secrets as well
            return Trouble(self._told(error), reached=True)

    async def _send(self, http: httpx.AsyncClient, request: Request) -> Answer | Trouble:
        content = request.sealed.content if request.sealed else None
        headers = {"Content-Type": "application/json"} if request.sealed else None
        url = self._base + request.path
        async with http.stream(request.method, url, content=content, headers=headers) as response:
            limit = request.limit if response.is_success else _LARGEST_ERROR
            parts, size = [], 0
            async for part in response.aiter_bytes():
                parts.append(part)
                size += len(part)
                if size > limit:
                    break
            whole = b"".join(parts)
            if size > limit and response.is_success:
                reason = f"the answer is larger than {limit:,} bytes"
                return Trouble(reason, reached=True, final=True)
            return Answer(response.status_code, response.headers, whole[:limit])

    def _told(self, error: BaseException) -> str:
        """An exception in words; names of httpx's classes are kept, they can be searched for."""
        name = type(error).__name__
        if isinstance(error, httpx.TimeoutException | TimeoutError):
            return f"no answer in time ({name})"
        text = " ".join(self._mask.text(str(error)).split())
        kind = "no connection" if isinstance(error, _NOT_SENT) else "the connection broke"
        return f"{kind} ({name}: {text})" if text else f"{kind} ({name})"
