"""The agents of one organisation, over HTTP (API.md 1 and 2)."""

import asyncio
import random
import ssl
import time
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Self, TypeAlias

from reconciler import __version__
from reconciler.errors import LiveError, UsageError
from reconciler.live.address import agent_path, checked_base, checked_key
from reconciler.live.call_pages import CallPage, decode_page, further_pages
from reconciler.live.calls import Caller
from reconciler.live.decoding import GARBLED, decode_agent, decode_list, json_value
from reconciler.live.exchange import Answer, Exchange, Method, Request
from reconciler.live.flow import Clock, Flow, Sleep
from reconciler.live.lanes import Lanes
from reconciler.live.lean import httpx
from reconciler.live.masking import Mask
from reconciler.live.retry import RetryPolicy
from reconciler.live.secrets import SecretResolver, Secrets
from reconciler.live.wording import is_api_answer
from reconciler.model.live import LiveAgent
from reconciler.model.values import Document

_Message: TypeAlias = MutableMapping[str, Any]
AsgiApp: TypeAlias = Callable[
    [Any, Callable[[], Awaitable[_Message]], Callable[[_Message], Awaitable[None]]], Awaitable[None]
]
"""What the embedded sandbox is: an app that is called in this process, without a port."""

MIB: Final = 1 << 20
_AGENTS: Final = "/v1/agents"
_GONE: Final = 404


class ApiClient:
    """An `AgentStore` over the API, or over an app in this process. Use it with `async with`.

    `timeout` is the longest silence in seconds; `connections` are the requests in flight at most,
    and fewer while the API asks for patience. `list_bytes` and `answer_bytes` bound answers after
    decompression. `transport`, `sleep`, `clock` (seconds) and `jitter` (0 to 1) are for tests.
    Raises `UsageError` for an address or a key that can not be used.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        resolve: SecretResolver,
        transport: httpx.AsyncBaseTransport | None = None,
        app: AsgiApp | None = None,
        timeout: float = 30.0,
        connections: int = 16,
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008  # frozen
        list_bytes: int = 512 * MIB,
        answer_bytes: int = 16 * MIB,
        sleep: Sleep = asyncio.sleep,
        clock: Clock = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        base = checked_base(base_url, in_process=app is not None)
        key = checked_key(api_key)
        mask = Mask()
        mask.add(key)
        self._secrets = Secrets(resolve, mask)
        self._list_bytes = list_bytes
        self._answer_bytes = answer_bytes
        # An app that raises is a server that breaks off, and `Exchange` says so. Were exceptions
        # turned into answers here, one raised after "200" would pass for a delete that is done.
        in_process = None if app is None else httpx.ASGITransport(app)
        self._lanes = _lanes(base, key, transport or in_process, timeout)
        exchange = Exchange(self._lanes, base, mask)
        flow = Flow(connections, sleep=sleep, clock=clock)
        self._caller = Caller(exchange, flow, mask, retry, sleep=sleep, clock=clock, jitter=jitter)

    async def __aenter__(self) -> Self:
        await self._lanes.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._lanes.__aexit__(kind, error, traceback)

    async def list_agents(self) -> Sequence[LiveAgent]:
        """All agents that are not deleted, in the API's order."""
        request = Request("GET", _AGENTS, "list the agents", self._list_bytes)
        return await self._caller.call(request, lambda answer: decode_list(answer.content))

    async def get_agent(self, agent_id: str) -> LiveAgent | None:
        """The agent; None when the API says that there is none, or that it is deleted."""
        request = self._request("GET", agent_path(agent_id), f"read agent {agent_id}")
        agent = await self._caller.call(request, _agent_or_none, expects=_success_or_gone)
        return None if agent is None or agent.raw.get("deleted_at") is not None else agent

    async def create_agent(self, body: Document) -> LiveAgent:
        """POST, once but for refusals that surely created nothing."""
        return await self._write("POST", _AGENTS, "create the agent", body)

    async def replace_agent(self, agent_id: str, body: Document) -> LiveAgent:
        """PUT of the whole writable document."""
        return await self._write("PUT", agent_path(agent_id), f"replace agent {agent_id}", body)

    async def patch_agent(self, agent_id: str, body: Document) -> LiveAgent:
        """PATCH of some top-level fields, each whole: sent twice it does the same."""
        return await self._write("PATCH", agent_path(agent_id), f"change agent {agent_id}", body)

    async def delete_agent(self, agent_id: str) -> None:
        """DELETE; the API's own 404 is a success, whoever deleted the agent.

        If it tells the truth: an agent that "is not there" is looked for.
        """
        request = self._request("DELETE", agent_path(agent_id), f"delete agent {agent_id}")
        status = await self._caller.call(request, _deleted, expects=_success_or_gone)
        if status == _GONE and await self.get_agent(agent_id) is not None:
            raise LiveError(
                f"could not delete agent {agent_id}: the API says that it is not there, and still "
                f"answers with it (HTTP {_GONE})",
                status=_GONE,
                code="NOT_DELETED",
                hint="apply again",
            )

    async def last_call_at(self, agent_id: str) -> datetime | None:
        """The latest `created_at` of the agent's calls on the pages of `further_pages`."""
        first = await self._call_page(agent_id, 1)
        pages = [first, *[await self._call_page(agent_id, n) for n in further_pages(first.pages)]]
        return max((page.latest for page in pages if page.latest), default=None)

    async def _call_page(self, agent_id: str, number: int) -> CallPage:
        # No page_size: what the API allows is not documented, and two pages decide.
        path = f"{agent_path(agent_id, 'calls')}?page={number}"
        request = self._request("GET", path, f"read the calls of agent {agent_id}")
        return await self._caller.call(request, lambda answer: decode_page(answer.content))

    async def _write(self, method: Method, path: str, purpose: str, body: Document) -> LiveAgent:
        return await self._caller.call(self._request(method, path, purpose, body), _agent)

    def _request(
        self, method: Method, path: str, purpose: str, body: Document | None = None
    ) -> Request:
        sealed = None if body is None else self._secrets.seal(body)
        return Request(method, path, purpose, self._answer_bytes, body, sealed)


def _lanes(
    base: str, key: str, transport: httpx.AsyncBaseTransport | None, timeout: float
) -> Lanes:
    encrypted = base.startswith("https:")
    headers = {"User-Agent": f"reconciler/{__version__}", "Accept": "application/json"}
    if key:  # the sandbox in this process may do without
        headers["Authorization"] = f"Bearer {key}"
    # Plain http to loopback: no proxy of the environment may see the key, and a context that
    # trusts nobody saves the 20 ms of loading certificates. One is enough for all connections.
    nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trust = _certificates() if encrypted else nobody

    def client() -> httpx.AsyncClient:
        return httpx.AsyncClient(
            headers=headers,  # Accept-Encoding is httpx's own: it names what it can unpack
            transport=transport,
            timeout=timeout,
            limits=httpx.Limits(max_connections=1),
            follow_redirects=False,
            trust_env=encrypted,
            verify=trust,
        )

    if transport is None:
        return Lanes(client)
    shared = client()
    return Lanes(lambda: shared)


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


def _success_or_gone(answer: Answer) -> bool:
    # A 404 of an edge or of another server is no word of the API about an agent.
    gone = answer.status == _GONE and is_api_answer(answer)
    return gone or 200 <= answer.status < 300  # noqa: PLR2004  # a success


def _agent(answer: Answer) -> LiveAgent:
    return decode_agent(json_value(answer.content))


def _agent_or_none(answer: Answer) -> LiveAgent | None:
    return None if answer.status == _GONE else _agent(answer)


def _deleted(answer: Answer) -> int:
    # The API answers 204; the page of an edge that says 200 to everything deleted nothing.
    if answer.content.strip() and not isinstance(json_value(answer.content), dict):
        raise LiveError("the answer is no answer to a delete", code=GARBLED)
    return answer.status
