import asyncio
import gzip
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.responses import Response

from reconciler import __version__
from reconciler.errors import LiveError, UsageError
from reconciler.live import ApiClient
from reconciler.live.call_pages import further_pages
from tests.live.servers import (
    AGENT,
    AGENT_ID,
    KEY,
    Scripted,
    ask,
    ask_port,
    create,
    get,
    last_call,
    list_agents,
    no_secret,
    port,
    raw,
    replace,
    said,
)


def test_a_request_names_the_key_the_program_and_the_compression_it_reads() -> None:
    app = Scripted(said(AGENT))
    ask(app, get, key=f" {KEY}\n")
    headers = app.seen[0].headers
    assert headers["authorization"] == f"Bearer {KEY}"
    assert headers["user-agent"] == f"reconciler/{__version__}"
    assert "gzip" in headers["accept-encoding"]


def test_without_a_key_none_is_sent() -> None:
    app = Scripted(said([]))
    ask(app, list_agents, key="")
    assert "authorization" not in app.seen[0].headers


def test_a_compressed_answer_is_read() -> None:
    packed = gzip.compress(b'[{"id": "a1", "name": "Desk"}]')
    app = Scripted(Response(packed, headers={"content-encoding": "gzip"}))
    assert ask(app, list_agents).value[0].name == "Desk"


@pytest.mark.parametrize("base", ["http://api/pre/fix", "http://api/pre/fix/"])
def test_the_address_may_have_a_path_with_or_without_a_slash(base: str) -> None:
    app = Scripted(said([]))

    async def scenario() -> None:
        async with ApiClient(base, KEY, resolve=no_secret, app=app) as client:
            await client.list_agents()

    asyncio.run(scenario())
    assert app.seen[0].path == "/pre/fix/v1/agents"


def test_an_id_is_one_step_of_the_path_whatever_it_holds() -> None:
    app = Scripted(said(AGENT))
    ask(app, lambda client: client.get_agent("../a?b#c"))
    assert (app.seen[0].path, app.seen[0].query) == ("/v1/agents/..%2Fa%3Fb%23c", "")


@pytest.mark.parametrize("odd", ["", ".", ".."])
def test_an_id_that_would_address_something_else_is_refused(odd: str) -> None:
    app = Scripted(said(AGENT))
    assert ask(app, lambda client: client.delete_agent(odd)).failure.code == "BAD_AGENT_ID"
    assert app.seen == []


@pytest.mark.parametrize(
    "base",
    [
        "http://api.agents.slng.ai",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://10.0.0.1",
        "ftp://127.0.0.1",
        "https://",
        "api.agents.slng.ai",
        "",
        "http://[::1",
        "https://user:canary@api.example",
        "https://api.example?x=canary",
        "https://api.example#canary",
    ],
)
def test_an_address_that_would_show_the_key_or_is_none_is_refused(base: str) -> None:
    with pytest.raises(UsageError) as caught:
        ApiClient(base, KEY, resolve=no_secret)
    assert "canary" not in f"{caught.value} {caught.value.hint}"
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "base", ["http://127.0.0.1:1", "http://localhost", "http://[::1]:80", "https://api.example/x"]
)
def test_loopback_and_https_are_taken(base: str) -> None:
    async def scenario() -> None:
        async with ApiClient(base, KEY, resolve=no_secret):
            pass

    asyncio.run(scenario())


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "schlüssel", "nul\0"])
def test_a_key_that_no_header_can_hold_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(UsageError) as caught:
        ApiClient("https://api.example", key, resolve=no_secret)
    assert key not in str(caught.value)


def test_a_proxy_of_the_environment_does_not_see_the_key_of_a_local_api(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    told, connections = ask_port([raw(b"[]")], list_agents)
    assert (told.value, connections) == ([], 1)


@pytest.mark.parametrize("action", [get, create, replace])
def test_an_answer_beyond_the_limit_is_not_read(action: Any) -> None:
    app = Scripted(said(AGENT | {"system_prompt": "x" * 5000}))
    told = ask(app, action, answer_bytes=1000)
    assert "larger than 1,000 bytes" in told.failure.message
    assert told.failure.unclear is (action is not get)
    assert len(app.seen) == 1


def test_the_limit_counts_what_was_unpacked_and_the_list_has_its_own() -> None:
    packed = gzip.compress(b"[" + b" " * 100_000 + b"]")
    told, _ = ask_port(
        [raw(packed, b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip")], list_agents, list_bytes=50_000
    )
    assert "larger than 50,000 bytes" in told.failure.message
    fits = Scripted(said([AGENT | {"system_prompt": "x" * 5000}]))
    assert ask(fits, list_agents, answer_bytes=10).error is None


def test_an_answer_as_large_as_the_limit_is_read() -> None:
    assert ask(Scripted(Response(b"[]")), list_agents, list_bytes=2).value == []
    assert ask(Scripted(Response(b"[ ]")), list_agents, list_bytes=2).error is not None


def test_an_answer_that_unpacks_to_nothing_sensible_is_an_error() -> None:
    told, _ = ask_port([raw(b"no gzip", b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip")], list_agents)
    assert "DecodingError" in told.failure.message


def test_connections_are_kept_for_every_caller_at_one_time() -> None:
    async def scenario() -> int:
        connections = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connections.append(1)
            while await reader.readuntil(b"\r\n\r\n"):
                await asyncio.sleep(0.01)  # so that all callers are here at one time
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]")

        async with (
            port(serve) as base,
            ApiClient(base, KEY, resolve=no_secret, connections=24) as client,
        ):

            async def work() -> None:
                for _ in range(5):
                    await client.list_agents()

            await asyncio.gather(*[work() for _ in range(24)])
        return len(connections)

    assert asyncio.run(scenario()) <= 24


def page(times: list[str], pages: int = 1) -> Response:
    items = [{"id": "c", "created_at": time} for time in times]
    return said({"items": items, "meta": {"page": 1, "total": len(times), "pages": pages}})


def test_the_last_call_is_the_latest_of_all_pages_in_either_order() -> None:
    app = Scripted(
        page(["2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z"], 3),
        page(["2026-03-01T02:00:00+02:00"], 3),
        page(["2026-02-01T00:00:00"], 3),
    )
    assert ask(app, last_call).value == datetime(2026, 3, 1, tzinfo=UTC)
    assert [seen.query for seen in app.seen] == ["page=1", "page=3", "page=2"]
    assert app.seen[0].path == f"/v1/agents/{AGENT_ID}/calls"


def test_an_agent_without_calls_had_no_last_one() -> None:
    assert ask(Scripted(page([], 0)), last_call).value is None


def test_of_very_many_pages_the_first_and_the_last_ones_are_read() -> None:
    assert list(further_pages(0)) == list(further_pages(1)) == []
    assert list(further_pages(2)) == [2]
    assert list(further_pages(10)) == [10, 9, 8, 7, 6, 5, 4, 3, 2]
    assert list(further_pages(500)) == [500, 499, 498, 497, 496, 495, 494, 493, 492]


@pytest.mark.parametrize(
    "content",
    [
        [],
        {},
        {"items": []},
        {"items": {}, "meta": {"pages": 0}},
        {"items": [], "meta": {}},
        {"items": [], "meta": {"pages": 1, "total": 3}},
        {"items": ["odd"], "meta": {"pages": 1}},
        {"items": [{"created_at": "yesterday"}], "meta": {"pages": 1}},
        {"items": [{}], "meta": {"pages": 1}},
    ],
)
def test_a_page_that_leaves_the_last_call_open_is_an_error(content: Any) -> None:
    assert ask(Scripted(said(content)), last_call).failure.code == "GARBLED_ANSWER"


def test_the_calls_of_an_agent_that_is_gone_are_an_error() -> None:
    assert ask(Scripted(said({"detail": "no"}, 404)), last_call).failure.status == 404


def test_errors_of_reads_are_never_unclear() -> None:
    for answer in (said({}, 500), Response(b"x")):
        error = ask(Scripted(answer), get).failure
        assert isinstance(error, LiveError)
        assert not error.unclear


def test_certificates_that_can_not_be_read_are_an_error_of_the_set_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/ca.pem")
    with pytest.raises(UsageError, match="certificates") as refused:
        ApiClient("https://api.example.com", KEY, resolve=no_secret)
    assert "SSL_CERT_FILE" in (refused.value.hint or "")
