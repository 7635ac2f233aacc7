import asyncio
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import PlainTextResponse, Response

from reconciler.live import ApiClient, RetryPolicy
from reconciler.live.retry import retry_after
from tests.live.servers import (
    AGENT,
    Action,
    Scripted,
    ask,
    ask_port,
    create,
    delete,
    get,
    list_agents,
    patch,
    raw,
    replace,
    said,
)

DOWN = Response(status_code=503)
REPEATABLE = pytest.mark.parametrize("action", [list_agents, get, replace, patch, delete])
WRITES = pytest.mark.parametrize("action", [replace, patch, delete])


def good(action: Action) -> Response:
    return said([AGENT] if action is list_agents else AGENT)


@REPEATABLE
@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 524])
def test_what_may_be_repeated_is_repeated_after_a_passing_failure(
    action: Action, status: int
) -> None:
    app = Scripted(said({"detail": "busy"}, status), good(action))
    told = ask(app, action)
    assert told.error is None
    assert (len(app.seen), told.waits) == (2, [0.25])
    assert app.seen[0].body == app.seen[1].body


@REPEATABLE
@pytest.mark.parametrize("status", [400, 401, 402, 403, 405, 409, 422])
def test_a_refusal_is_never_repeated(action: Action, status: int) -> None:
    app = Scripted(said({"detail": "no"}, status), good(action))
    told = ask(app, action)
    assert (told.failure.status, told.failure.unclear, len(app.seen)) == (status, False, 1)


@REPEATABLE
def test_what_may_be_repeated_is_repeated_after_a_cut_connection(action: Action) -> None:
    whole = bytes(good(action).body)
    told, connections = ask_port([b"", raw(b"{", length=50), raw(whole)], action)
    assert (told.error, connections) == (None, 3)


def test_the_waits_double_up_to_a_ceiling_and_the_tries_end() -> None:
    app = Scripted(DOWN)
    told = ask(app, get, retry=RetryPolicy(attempts=8))
    assert told.waits == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0]
    assert told.failure.message.endswith("tried 8 times")
    assert str(told.failure) == told.failure.message
    assert not told.failure.unclear


def test_jitter_spreads_the_waits() -> None:
    rolls = iter([0.5, 0.0, 1.0, 0.25])
    told = ask(Scripted(DOWN), get, jitter=lambda: next(rolls), retry=RetryPolicy(attempts=4))
    assert told.waits == [0.125, 0.0, 1.0]


def test_one_attempt_means_one_attempt() -> None:
    for status in (429, 503):
        app = Scripted(said({}, status))
        assert ask(app, get, retry=RetryPolicy(attempts=1)).waits == []
        assert len(app.seen) == 1


def test_retry_after_is_honoured_in_seconds_and_up_to_a_ceiling() -> None:
    app = Scripted(said({}, 429, retry_after="7"), said({}, 503, retry_after="3600"), said([AGENT]))
    told = ask(app, list_agents)
    assert told.waits == [7.25, 60.25]  # a little more, so that not all workers come back at once


def test_retry_after_as_a_date_is_taken_against_the_answers_own_clock() -> None:
    app = Scripted(
        said(
            {},
            429,
            retry_after="Wed, 21 Oct 2015 07:28:30 GMT",
            date="Wed, 21 Oct 2015 07:28:00 GMT",
        ),
        said([AGENT]),
    )
    assert ask(app, list_agents).waits == [30.25]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:30 GMT"}, None),
        (
            {"retry-after": "Wed, 21 Oct 2015 07:28:30 GMT", "date": "Wed, 21 Oct 2015 07:28:30"},
            None,
        ),
        (
            {
                "retry-after": "Wed, 21 Oct 2015 07:28:30 GMT",
                "date": "Thu, 22 Oct 2015 00:00:00 GMT",
            },
            0,
        ),
        ({}, None),
    ],
)
def test_retry_after_is_read_or_ignored(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


@given(st.text(), st.text() | st.datetimes().map(format_datetime))
def test_any_retry_after_is_read_or_ignored(value: str, date: str) -> None:
    seconds = retry_after({"retry-after": value, "date": date})
    assert seconds is None or seconds >= 0


def test_the_deadline_ends_a_call_before_a_wait_that_would_pass_it() -> None:
    app = Scripted(said({}, 429, retry_after="50"))
    told = ask(app, get)
    assert told.waits == [50.25, 50.25]
    assert told.failure.status == 429


def test_a_limited_rate_is_waited_for_longer_than_a_failure() -> None:
    app = Scripted(*[said({}, 429, retry_after="0")] * 20, said([AGENT]))
    assert ask(app, list_agents).error is None
    endless = Scripted(said({}, 429, retry_after="0"))
    assert ask(endless, list_agents, jitter=lambda: 0.0).failure.status == 429
    assert len(endless.seen) == 41


def test_limits_in_between_do_not_use_up_the_attempts() -> None:
    limited = said({}, 429, retry_after="0")
    app = Scripted(limited, DOWN, limited, DOWN, limited, DOWN, limited, DOWN, said([AGENT]))
    assert ask(app, list_agents).error is None


def test_garbage_where_a_read_expects_json_is_read_again() -> None:
    app = Scripted(PlainTextResponse("<html>hello"), said({"not": "a list"}), said([AGENT]))
    told = ask(app, list_agents)
    assert [live.name for live in told.value] == ["Desk"]
    assert ask(Scripted(PlainTextResponse("x")), list_agents).failure.code == "GARBLED_ANSWER"


@pytest.mark.parametrize("action", [replace, patch])
def test_a_write_with_a_garbled_answer_is_repeated_and_stays_unclear(action: Action) -> None:
    for answer in (PlainTextResponse("ok"), said({"ok": True}), Response(status_code=204)):
        app = Scripted(answer)
        told = ask(app, action)
        assert (told.failure.unclear, len(app.seen)) == (True, 5)
        assert ask(Scripted(answer, said(AGENT)), action).value.id == AGENT["id"]


def test_a_delete_that_a_page_answers_is_unclear_and_an_empty_success_is_done() -> None:
    assert ask(Scripted(PlainTextResponse("<title>Just a moment")), delete).failure.unclear
    for done in (Response(status_code=204), Response(status_code=200), said({"deleted": True})):
        assert ask(Scripted(done), delete).error is None


@WRITES
def test_a_write_that_keeps_failing_may_have_taken_effect(action: Action) -> None:
    assert ask(Scripted(DOWN), action).failure.unclear
    assert ask_port([b""], action)[0].failure.unclear


@WRITES
def test_a_write_that_a_limit_kept_out_did_not_take_effect(action: Action) -> None:
    told = ask(Scripted(said({}, 429)), action, retry=RetryPolicy(attempts=2))
    assert not told.failure.unclear


def test_an_unclear_try_stays_unclear_when_the_next_ones_are_kept_out() -> None:
    app = Scripted(DOWN, said({}, 429))
    assert ask(app, replace, retry=RetryPolicy(attempts=2)).failure.unclear


def test_a_clear_refusal_of_the_same_body_makes_an_unclear_try_clear() -> None:
    told = ask(Scripted(DOWN, said({"detail": "no"}, 422)), replace)
    assert (told.failure.status, told.failure.unclear) == (422, False)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408, 303])
def test_a_create_is_not_sent_again_after_an_answer_that_leaves_it_open(status: int) -> None:
    app = Scripted(said({"detail": "hm"}, status), said(AGENT, 201))
    told = ask(app, create)
    assert (told.failure.unclear, len(app.seen), told.waits) == (True, 1, [])


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 307])
def test_a_create_that_is_refused_did_not_happen(status: int) -> None:
    app = Scripted(said({"detail": "no"}, status))
    told = ask(app, create)
    assert (told.failure.unclear, len(app.seen)) == (False, 1)


@pytest.mark.parametrize(
    "answer",
    [
        PlainTextResponse("<html>"),
        said({"name": "Desk"}, 201),
        said([], 201),
        Response(status_code=204),
        Response(b'{"id": "a1", "na', 201),
    ],
)
def test_a_create_with_a_garbled_answer_is_unclear_and_not_repeated(answer: Response) -> None:
    app = Scripted(answer, said(AGENT, 201))
    told = ask(app, create)
    assert (told.failure.unclear, len(app.seen)) == (True, 1)


@pytest.mark.parametrize("answer", [b"", raw(b'{"id":', length=99)])
def test_a_create_whose_connection_is_cut_is_unclear_and_not_repeated(answer: bytes) -> None:
    told, connections = ask_port([answer, raw(b"{}")], create)
    assert (told.failure.unclear, told.failure.status, connections) == (True, None, 1)


@pytest.mark.parametrize("status", [200, 201])
def test_a_create_is_done_with_either_success(status: int) -> None:
    assert ask(Scripted(said(AGENT, status)), create).value.id == AGENT["id"]


def test_a_create_that_a_limit_kept_out_is_sent_again() -> None:
    app = Scripted(said({}, 429, retry_after="2"), said(AGENT, 201))
    told = ask(app, create)
    assert (told.value.name, told.waits) == ("Desk", [2.25])


class Unreachable(httpx.AsyncBaseTransport):
    """A network that fails in one way for a while, then leads to the app."""

    def __init__(self, app: Any, *failures: Exception) -> None:
        self._inner = httpx.ASGITransport(app)
        self._failures = list(failures)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._failures:
            raise self._failures.pop(0)
        return await self._inner.handle_async_request(request)


@pytest.mark.parametrize(
    "failure", [httpx.ConnectError("refused"), httpx.ConnectTimeout(""), httpx.PoolTimeout("")]
)
def test_a_create_that_found_no_connection_is_sent_again(failure: Exception) -> None:
    app = Scripted(said(AGENT, 201))
    told = ask(app, create, transport=Unreachable(app, failure, failure))
    assert (told.value.name, len(app.seen), len(told.waits)) == ("Desk", 1, 2)


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ReadTimeout(""),
        httpx.WriteTimeout(""),
        httpx.ReadError("reset"),
        httpx.WriteError("broken pipe"),
        httpx.RemoteProtocolError("disconnected"),
        httpx.ProxyError("407"),
        RuntimeError("a bug below us"),
    ],
)
def test_a_create_that_may_have_left_is_not_sent_again(failure: Exception) -> None:
    app = Scripted(said(AGENT, 201))
    told = ask(app, create, transport=Unreachable(app, failure))
    assert (told.failure.unclear, len(app.seen), told.waits) == (True, 0, [])


def test_no_server_at_all_is_a_clear_failure_with_a_hint() -> None:
    async def closed_port() -> str:
        server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        server.close()
        await server.wait_closed()
        return f"http://127.0.0.1:{port}"

    async def scenario(action: Action) -> Any:
        async def sleep(_: float) -> None: ...

        base = await closed_port()
        async with ApiClient(base, "k" * 9, resolve=lambda _: None, sleep=sleep) as client:
            with pytest.raises(Exception, match="no connection") as caught:
                await action(client)
            return caught.value

    for action in (create, replace, list_agents):
        error = asyncio.run(scenario(action))
        assert not error.unclear
        assert "check `api`" in error.hint
        assert error.message.endswith("tried 5 times")


def test_a_server_that_stays_silent_is_given_up_at_the_deadline() -> None:
    async def hanging(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.Event().wait()

    told = ask(hanging, create, retry=RetryPolicy(deadline=0.05))
    assert told.failure.unclear
    assert "no answer in time" in told.failure.message


def test_cancelling_passes_through() -> None:
    async def scenario() -> None:
        arrived = asyncio.Event()

        async def hanging(scope: Any, receive: Any, send: Any) -> None:
            arrived.set()
            await asyncio.Event().wait()

        async with ApiClient("http://api", "key", resolve=lambda _: None, app=hanging) as client:
            task = asyncio.ensure_future(create(client))
            await arrived.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(scenario())


def test_an_app_in_this_process_that_breaks_off_is_a_cut_connection() -> None:
    app = Scripted(ConnectionResetError("cut"), Response(status_code=204))
    assert ask(app, delete).error is None
    assert len(app.seen) == 2
