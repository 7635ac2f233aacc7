"""The agents of one organisation, over HTTP (API.md 1 and 2)."""

import random
import time
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Self, TypeAlias

from reconciler.errors import LiveError
from reconciler.live.address import agent_path, checked_base, checked_key
from reconciler.live.blocking import BlockingExchange
from reconciler.live.calls import Caller
from reconciler.live.decoding import GARBLED, decode_agent, json_value
from reconciler.live.exchange import Answer, Exchange, Method, Request
from reconciler.live.flow import Clock, Flow, Sleep
from reconciler.live.lean import httpx
from reconciler.live.listing import Listing, agents_kept, known_rows, read_list
from reconciler.live.masking import Mask
from reconciler.live.retry import RetryPolicy
from reconciler.live.secrets import SecretResolver, Secrets
from reconciler.live.wire import Wire
from reconciler.model.live import LiveAgent
from reconciler.model.memo import Memo
from reconciler.model.values import Document

if TYPE_CHECKING:
    from reconciler.live.call_pages import CallPage

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
    and fewer while the API asks for patience. With `blocking` there is one at a time, and what is
    awaited here never waits for an event loop, so it needs none. `list_bytes` and `answer_bytes`
    bound answers after decompression. `memo` knows the last list. `transport`, `sleep`, `clock`
    (seconds) and `jitter` (0 to 1) are for tests.
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
        blocking: bool = False,
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008  # frozen
        list_bytes: int = 512 * MIB,
        answer_bytes: int = 16 * MIB,
        sleep: Sleep | None = None,
        clock: Clock = time.monotonic,
        jitter: Callable[[], float] = random.random,
        memo: Memo | None = None,
    ) -> None:
        base = checked_base(base_url, in_process=app is not None)
        key = checked_key(api_key)
        mask = Mask()
        mask.add(key)
        self._secrets = Secrets(resolve, mask)
        self._list_bytes = list_bytes
        self._memo = memo
        self._answer_bytes = answer_bytes
        wire = Wire(base, key, timeout)
        if blocking:
            self._exchange: Exchange = BlockingExchange(wire, mask)
        else:
            # An app that raises is a server that breaks off, and the exchange says so. Were
            # exceptions turned into answers here, one raised after "200" would pass for a delete
            # that is done.
            in_process = None if app is None else httpx.ASGITransport(app)
            self._exchange = _concurrent(wire, mask, transport or in_process)
        pause = sleep or self._exchange.pause
        flow = Flow(connections, sleep=pause, clock=clock)
        self._caller = Caller(
            self._exchange, flow, mask, retry, sleep=pause, clock=clock, jitter=jitter
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._exchange.close()

    async def list_agents(self) -> Sequence[LiveAgent]:
        """All agents that are not deleted, in the API's order."""
        listing = await self.listing()
        return agents_kept(listing, self._memo) if isinstance(listing, Listing) else listing

    async def listing(self) -> Listing | list[LiveAgent]:
        """The same; where most are as they were, as a `Listing` that tells little of them."""
        before = known_rows(self._memo)
        request = Request("GET", _AGENTS, "list the agents", self._list_bytes)
        return await self._caller.call(request, lambda answer: read_list(answer.content, before))

    async def get_agent(self, agent_id: str) -> LiveAgent | None:
        """The agent; None when the API says that there is none, or that it is deleted."""
        request = self._request("GET", agent_path(agent_id), f"read agent {agent_id}")
        agent = await self._caller.call(request, _agent_or_none, expects=_success_or_gone)
        return None if agent is None or agent.is_deleted else agent

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
        from reconciler.live.call_pages import further_pages  # noqa: PLC0415  # few deletes wait

        first = await self._call_page(agent_id, 1)
        pages = [first, *[await self._call_page(agent_id, n) for n in further_pages(first.pages)]]
        return max((page.latest for page in pages if page.latest), default=None)

    async def _call_page(self, agent_id: str, number: int) -> "CallPage":
        from reconciler.live.call_pages import decode_page  # noqa: PLC0415  # as above

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


def _concurrent(wire: Wire, mask: Mask, transport: httpx.AsyncBaseTransport | None) -> Exchange:
    from reconciler.live.concurrent import (  # noqa: PLC0415  # a look needs no event loop
        ConcurrentExchange,
        lanes_to,
    )

    return ConcurrentExchange(lanes_to(wire, transport), wire, mask)


def _success_or_gone(answer: Answer) -> bool:
    from reconciler.live.wording import is_api_answer  # noqa: PLC0415  # not for a list

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
