"""One request and its answer, as values: what httpx raises does not leave this package.

An exception of httpx or of the layers below holds, in its attributes and in the locals of its
frames, the headers with the key and the body with the secrets. So it is turned into a `Trouble`
where it is caught, and dropped; no later exception has it as cause or context.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import Final, Literal, Protocol

from reconciler.live.lean import httpx
from reconciler.live.masking import Mask
from reconciler.live.secrets import Sealed
from reconciler.model.values import Document
from reconciler.nouns import noun

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

_NOT_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_LARGEST_ERROR: Final = 1 << 20
"""An error's text is cut there rather than refused, so that its status is not lost."""


@noun
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


@noun
class Answer:
    """What came back, read whole and decompressed. It may echo secrets, so its repr is short."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)


@noun
class Trouble:
    """No answer, and why. `reached`: the server may have seen the request."""

    reason: str
    reached: bool
    final: bool = False


class Exchange(Protocol):
    """Sends requests."""

    async def send(self, request: Request, *, within: float) -> Answer | Trouble:
        """The answer, or why there is none after so many seconds."""
        ...

    async def pause(self, seconds: float) -> None:
        """Wait before the next one."""
        ...

    async def close(self) -> None: ...


class Reading:
    """An answer as it comes, part by part, up to the limit of its request."""

    def __init__(self, request: Request, response: httpx.Response) -> None:
        self._response = response
        self._limit = request.limit if response.is_success else _LARGEST_ERROR
        self._parts: list[bytes] = []
        self._size = 0

    def is_enough(self, part: bytes) -> bool:
        """Take one more part; whether the rest is not wanted."""
        self._parts.append(part)
        self._size += len(part)
        return self._size > self._limit

    def end(self) -> Answer | Trouble:
        if self._size > self._limit and self._response.is_success:
            reason = f"the answer is larger than {self._limit:,} bytes"
            return Trouble(reason, reached=True, final=True)
        whole = b"".join(self._parts)[: self._limit]
        return Answer(self._response.status_code, self._response.headers, whole)


def trouble_of(error: BaseException, mask: Mask) -> Trouble:
    """What an exception says, without a secret in it."""
    reason = _told(error, mask)
    if isinstance(error, _NOT_SENT):
        # Asking again changes no certificate.
        return Trouble(reason, reached=False, final="CERTIFICATE_VERIFY_FAILED" in reason)
    return Trouble(reason, reached=True)


def _told(error: BaseException, mask: Mask) -> str:
    """An exception in words; names of httpx's classes are kept, they can be searched for."""
    name = type(error).__name__
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return f"no answer in time ({name})"
    text = " ".join(mask.text(str(error)).split())
    kind = "no connection" if isinstance(error, _NOT_SENT) else "the connection broke"
    return f"{kind} ({name}: {text})" if text else f"{kind} ({name})"
