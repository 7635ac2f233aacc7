"""The list of all agents, asked for ahead by a process of its own.

To load httpx and to wait for the API takes as long as all else that a look at a fleet in sync
does, and a second core has nothing to do meanwhile. The helper sends the request, with all
patience that it may need, finds out what it can of the answer, and hands it over as bytes. Where
it can not be had, or dies, the list is asked for here.
"""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Self

from reconciler.errors import ReconcilerError
from reconciler.forked import Hear, Helper, Say, free_cores
from reconciler.live.listing import Listing, agents_kept, rows_of
from reconciler.model.live import LiveAgent
from reconciler.model.memo import Memo
from reconciler.model.values import Document
from reconciler.model.waiting import finished

if TYPE_CHECKING:
    from reconciler.live.client import ApiClient


class Ahead:
    """The list that a helper is asking for.

    It loads what it needs at once; `make` makes its client of what `ask` says.
    """

    def __init__(self, make: Callable[[bytes], "ApiClient"]) -> None:
        self._helper: Helper | None = None
        if free_cores():
            with suppress(OSError):
                self._helper = Helper(lambda say, hear: _tell(make, say, hear))

    def ask(self, of: bytes) -> None:
        """Whom to ask, and how."""
        if self._helper is not None:
            try:
                self._helper.tell(of)
            except OSError:
                self.end()

    def listing(self) -> Listing | None:
        """What came of it; None where somebody else must ask. Raises what asking raised."""
        if self._helper is None:
            return None
        heard = self._helper.heard()
        try:
            kind = next(heard)
            if kind == _ERROR:
                raise _error(next(heard))
            rows = rows_of(json.loads(next(heard)))
            return Listing(rows, next(heard).decode(), {}, is_new=kind == _NEW)
        except (EOFError, OSError):
            return None
        finally:
            self.end()

    def end(self) -> None:
        if self._helper is not None:
            self._helper.end()
            self._helper = None


_ERROR, _NEW, _SAME = b"error", b"new", b"same"


def _tell(make: Callable[[bytes], "ApiClient"], say: Say, hear: Hear) -> None:
    import reconciler.live.client  # noqa: F401, PLC0415  # long, so before there is a word

    try:
        listing = finished(make(hear()).listing())
    except ReconcilerError as error:
        import pickle  # noqa: PLC0415  # rarely

        say(_ERROR)
        say(pickle.dumps(error))
        return
    if not isinstance(listing, Listing):
        raise TypeError  # an answer so odd that it is best read where it is needed
    say(_NEW if listing.is_new else _SAME)
    say(json.dumps(listing.rows).encode())
    say(listing.text.encode())


def _error(said: bytes) -> ReconcilerError:
    import pickle  # noqa: PLC0415  # as above

    error: ReconcilerError = pickle.loads(said)  # noqa: S301  # from a process of our own
    return error


class LookingStore:
    """An `AgentStore` for who looks once: the list is asked for ahead, all else by a client."""

    def __init__(self, make: Callable[[], "ApiClient"], ahead: Ahead, memo: Memo | None) -> None:
        self._make = make
        self._ahead = ahead
        self._memo = memo
        self._made: ApiClient | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        self._ahead.end()
        if self._made is not None:
            await self._made.__aexit__()

    @property
    def _client(self) -> "ApiClient":
        if self._made is None:
            self._made = self._make()
        return self._made

    async def list_agents(self) -> Sequence[LiveAgent]:
        listing = self._ahead.listing()
        if listing is None:
            return await self._client.list_agents()
        return agents_kept(listing, self._memo)

    async def get_agent(self, agent_id: str) -> LiveAgent | None:
        return await self._client.get_agent(agent_id)

    async def create_agent(self, body: Document) -> LiveAgent:
        return await self._client.create_agent(body)

    async def replace_agent(self, agent_id: str, body: Document) -> LiveAgent:
        return await self._client.replace_agent(agent_id, body)

    async def patch_agent(self, agent_id: str, body: Document) -> LiveAgent:
        return await self._client.patch_agent(agent_id, body)

    async def delete_agent(self, agent_id: str) -> None:
        await self._client.delete_agent(agent_id)

    async def last_call_at(self, agent_id: str) -> datetime | None:
        return await self._client.last_call_at(agent_id)
