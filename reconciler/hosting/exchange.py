"""Requests to a code host, tried again where that is safe.

What httpx raises stays in here: its exceptions hold the request, and the request the token.
"""

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import field
from types import TracebackType
from typing import Any, Final, Literal, Self
from urllib.parse import urlsplit

import httpx

from reconciler.errors import ReconcilerError, UsageError
from reconciler.nouns import noun

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

_ATTEMPTS: Final = 5
_LONGEST_WAIT: Final = 60.0  # seconds
_LONGEST_MESSAGE: Final = 300
_FORBIDDEN: Final = 403
_THROTTLED: Final = 429
_SERVER_ERRORS: Final = 500
_LOOPBACK: Final = re.compile(r"localhost|127(\.\d{1,3}){3}|::1")


class HostingError(ReconcilerError):
    """The code host refused, failed or could not be reached.

    `unclear` says that the request may have taken effect all the same.
    """

    default_code = "HOSTING"

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        unclear: bool = False,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.unclear = unclear


@noun
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)

    def json(self) -> Any:
        try:
            return json.loads(self.content)
        except ValueError as error:
            raise HostingError("the host's answer is no JSON", status=self.status) from error


class Rest:
    """One host with one token. Use it with `with`."""

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str],
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.base_url = _checked(base_url)
        self._sleep = sleep
        self._http = httpx.Client(
            headers={"User-Agent": "reconciler", **headers},
            timeout=30.0,
            follow_redirects=False,  # the token would go along
            trust_env=self.base_url.startswith("https:"),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._http.close()

    def ask(self, method: Method, path: str, *, body: Mapping[str, str] | None = None) -> Answer:
        """The last answer, whatever its status; `path` is below the base URL, or a full URL of it.

        A POST is sent again only when the first one surely did nothing.
        """
        url = self._url(path)
        answer = self._tried(method, url, body)
        for attempt in range(1, _ATTEMPTS):
            wait = _wait(answer, attempt)
            if wait is None or (method == "POST" and not _surely_refused(answer)):
                break
            self._sleep(wait)
            answer = self._tried(method, url, body)
        if isinstance(answer, _Silence):
            raise HostingError(
                f"no answer from {urlsplit(self.base_url).hostname}: {answer.reason}",
                unclear=answer.reached,
                hint="check the base URL and the network",
            )
        return answer

    def _tried(
        self, method: Method, url: str, body: Mapping[str, str] | None
    ) -> "Answer | _Silence":
        try:
            response = self._http.request(method, url, json=None if body is None else dict(body))
        except httpx.HTTPError as error:
            sure = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
            return _Silence(type(error).__name__, reached=not sure)
        return Answer(response.status_code, response.headers, response.content)

    def _url(self, path: str) -> str:
        if not path.startswith(("http://", "https://")):
            return self.base_url + path
        if not path.startswith(self.base_url + "/"):
            raise HostingError("the host's next page is on another host; the token stays here")
        return path


@noun
class _Silence:
    reason: str
    reached: bool


def message_of(answer: Answer) -> str:
    """The host's own words, on one short line."""
    try:
        said = json.loads(answer.content)
    except ValueError:
        return ""
    words = (said.get("message") or said.get("error")) if isinstance(said, dict) else None
    text = words if isinstance(words, str) else json.dumps(words) if words else ""
    return " ".join(text.split())[:_LONGEST_MESSAGE]


def _checked(base_url: str) -> str:
    """The base URL without its last slash; the URL itself is never repeated in an error."""
    parts = urlsplit(base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        raise UsageError("the host's base URL is no http or https URL", hint="see --base-url")
    if parts.scheme == "http" and not _LOOPBACK.fullmatch(parts.hostname):
        raise UsageError(
            "the token must not go over plain http", hint="write the base URL with https"
        )
    return base_url.rstrip("/")


def _limited(answer: Answer) -> bool:
    """GitHub says 403 for its secondary rate limits, and means 429."""
    told = "retry-after" in answer.headers or answer.headers.get("x-ratelimit-remaining") == "0"
    return answer.status == _THROTTLED or (answer.status == _FORBIDDEN and told)


def _surely_refused(answer: "Answer | _Silence") -> bool:
    return not answer.reached if isinstance(answer, _Silence) else _limited(answer)


def _wait(answer: "Answer | _Silence", attempt: int) -> float | None:
    """Seconds to wait before the next attempt; None when there is no point in one."""
    if isinstance(answer, _Silence):
        return 2.0 ** (attempt - 1)
    if not (_limited(answer) or answer.status >= _SERVER_ERRORS):
        return None
    asked = answer.headers.get("retry-after", "")
    seconds = float(asked) if re.fullmatch(r"\d{1,6}", asked, re.ASCII) else 2.0 ** (attempt - 1)
    return min(seconds, _LONGEST_WAIT)
