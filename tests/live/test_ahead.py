"""A list that is asked for ahead is the list that would have been asked for."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest

from reconciler.errors import LiveError, MissingSecret, UsageError
from reconciler.live import Ahead, ApiClient, LookingStore
from reconciler.live.listing import Listing, read_list
from reconciler.model.live import LiveAgent
from reconciler.model.waiting import finished
from tests.processes import in_a_process_of_its_own

LIST = b'[{"id": "a", "name": "A", "text": "\\u00fc"}, {"id": "b", "name": "B\xc3\xbc"}]'
PARENT = os.getpid()


class Memory:
    """A memo that lives as long as a test."""

    def __init__(self, **kept: Any) -> None:
        self.kept = kept
        self.new: dict[str, Any] = {}

    def get(self, name: str) -> Any:
        return self.kept.get(name)

    def put(self, name: str, value: Any) -> None:
        self.new[name] = value

    def save(self) -> None: ...


class Client:
    """What a client answers to a list, and in which process."""

    def __init__(self, answer: Callable[[], Listing | list[LiveAgent]]) -> None:
        self.answer = answer
        self.asked = 0

    async def listing(self) -> Listing | list[LiveAgent]:
        return self.answer()

    async def list_agents(self) -> list[str]:
        self.asked += 1
        return ["asked here"]

    async def __aexit__(self, *_error: object) -> None:
        self.asked = -1


def store(client: Client, memo: Memory | None = None) -> LookingStore:
    def make() -> ApiClient:
        return cast("ApiClient", client)

    ahead = Ahead(lambda told: make() if told == b"now" else client_of(told))
    ahead.ask(b"now")
    return LookingStore(make, ahead, memo)


def client_of(told: bytes) -> ApiClient:
    raise AssertionError(told)


def listed(client: Client, memo: Memory | None = None) -> Any:
    async def main() -> Any:
        async with store(client, memo) as looking:
            return await looking.list_agents()

    return finished(main())


@in_a_process_of_its_own
def test_a_helper_lists_the_agents_and_what_it_found_is_remembered() -> None:
    client, memo = Client(lambda: read_list(LIST, [])), Memory()
    found = listed(client, memo)
    assert [(a.id, a.name, a.document.get("text")) for a in found] == [
        ("a", "A", "ü"),
        ("b", "Bü", None),
    ]
    assert client.asked == 0
    again = Client(lambda: read_list(LIST, memo.new["list"]))
    assert listed(again, memo) == found
    nothing_new = Memory(list=memo.new["list"])
    assert listed(again, nothing_new) == found
    assert nothing_new.new == {}


@in_a_process_of_its_own
def test_what_the_api_refuses_is_told_as_if_it_had_been_asked_here() -> None:
    def refuses(error: Exception) -> Callable[[], Listing]:
        def answer() -> Listing:
            raise error

        return answer

    live = LiveError(
        "no", status=401, code="AUTH", fields=["a"], request_id="r", unclear=True, hint="key"
    )
    for error in (live, UsageError("bad address", hint="write one"), MissingSecret("unset")):
        client = Client(refuses(error))
        with pytest.raises(type(error)) as caught:
            listed(client)
        assert vars(caught.value) == vars(error)
        assert client.asked == 0


@in_a_process_of_its_own
def test_a_helper_that_dies_or_is_at_a_loss_leaves_the_question_to_its_parent() -> None:
    def dies() -> Listing:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError

    def has_a_bug() -> Listing:
        raise ZeroDivisionError

    def is_odd() -> list[LiveAgent]:
        return []

    for answer in (dies, has_a_bug, is_odd):
        client = Client(answer)
        assert listed(client) == ["asked here"]
        assert client.asked == -1  # once, and it was closed


def test_beside_threads_the_question_is_asked_here() -> None:
    async def main() -> Any:
        await asyncio.to_thread(os.getpid)
        return await store(client).list_agents()

    client = Client(lambda: read_list(LIST, []))
    assert asyncio.run(main()) == ["asked here"]


@in_a_process_of_its_own
def test_a_list_is_asked_for_ahead_once() -> None:
    client = Client(lambda: read_list(LIST, []))
    looking = store(client)
    ask: Callable[[], Awaitable[Any]] = looking.list_agents
    assert len(finished(ask())) == 2  # type: ignore[arg-type]  # it is a coroutine
    assert finished(ask()) == ["asked here"]  # type: ignore[arg-type]  # as above


@in_a_process_of_its_own
def test_nobody_is_left_behind() -> None:
    def waits() -> Listing:
        signal.pause()
        raise AssertionError

    async def main() -> None:
        async with store(Client(waits)):
            pass

    finished(main())
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
