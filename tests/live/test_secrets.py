import html
import json
import logging
import traceback
from types import FrameType
from typing import Any
from urllib.parse import quote, quote_plus

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse

from reconciler.errors import LiveError, MissingSecret
from reconciler.live import ApiClient
from reconciler.live.masking import MASKED, Mask
from reconciler.model.values import Document, SecretRef
from tests.live.servers import (
    AGENT,
    AGENT_ID,
    KEY,
    Scripted,
    ask,
    ask_port,
    get,
    last_call,
    list_agents,
    raw,
    said,
)

TOKEN, RUNTIME = SecretRef("env", "CRM_TOKEN"), SecretRef("file", "/run/secrets/runtime")
CANARIES = {
    "regex": r"a.b*c+(d|e)[f]\g<0>$^?{2}",
    "lines": "first-canary-line\nsecond-canary-line\n",
    "percent": "100%41 %s %(x)s/canary",
    "words": "söme pässwörd ☎ kanarie",
    "quotes": "qu'ote\"d\\canary\tend",
    "markup": "<b>canary&co</b>",
    "spaces": "two  spaces  canary",
}
WITH_SECRETS: Document = {
    "name": "Desk",
    "slng_api_key": RUNTIME,
    "tools": [{"type": "webhook", "auth": {"type": "bearer", "token": TOKEN}}, (TOKEN,)],
}


def send(client: ApiClient) -> Any:
    return client.create_agent(WITH_SECRETS)


def resolving(value: str) -> Any:
    return {TOKEN: value, RUNTIME: "runtime-key-1"}.get


def test_references_are_resolved_at_every_depth_and_the_body_stays_as_it_was() -> None:
    app = Scripted(said(AGENT, 201))
    before = repr(WITH_SECRETS)
    ask(app, send, resolve=resolving("tok☎"))
    assert app.seen[0].json == {
        "name": "Desk",
        "slng_api_key": "runtime-key-1",
        "tools": [{"type": "webhook", "auth": {"type": "bearer", "token": "tok☎"}}, ["tok☎"]],
    }
    assert app.seen[0].headers["content-type"] == "application/json"
    assert repr(WITH_SECRETS) == before


@pytest.mark.parametrize("nothing", [None, ""])
def test_all_secrets_without_a_value_are_named_and_nothing_is_sent(nothing: str | None) -> None:
    app = Scripted(said(AGENT, 201))
    with pytest.raises(MissingSecret) as caught:
        ask(app, send, resolve=lambda _: nothing)
    assert "file:/run/secrets/runtime (slng_api_key)" in caught.value.message
    assert "env:CRM_TOKEN (tools.0.auth.token)" in caught.value.message
    assert caught.value.hint
    assert app.seen == []


@pytest.mark.parametrize(
    "body", [{"a": float("nan")}, {"a": b"bytes"}, {"a": TOKEN, "b": {1, 2}}], ids=repr
)
def test_a_body_that_is_not_json_is_not_sent(body: Document) -> None:
    app = Scripted(said(AGENT, 201))
    told = ask(app, lambda c: c.replace_agent(AGENT_ID, body), resolve=resolving("canary-canary"))
    assert (told.failure.code, told.failure.unclear, app.seen) == ("BAD_BODY", False, [])
    assert_clean(told.failure, "canary-canary")


def test_a_secret_that_is_no_text_is_refused_without_showing_it() -> None:
    told = ask(Scripted(said(AGENT, 201)), send, resolve=resolving("canary-\udcff-canary"))
    assert told.failure.code == "BAD_BODY"
    assert_clean(told.failure, "canary-")


def spellings(value: str) -> list[str]:
    return [
        value,
        json.dumps(value),
        json.dumps(value, ensure_ascii=False),
        json.dumps(value).replace("/", "\\/"),
        quote(value),
        quote(value, safe=""),
        quote(value, safe="").lower() if value.islower() else quote_plus(value),
        repr(value),
        html.escape(value),
    ]


@pytest.mark.parametrize("value", CANARIES.values(), ids=CANARIES)
@pytest.mark.parametrize("shape", ["text", "page", "detail", "fields", "garbage"])
def test_an_answer_that_echoes_a_secret_is_masked(value: str, shape: str) -> None:
    for spelling in spellings(value):
        text = f"bad value {spelling} and Bearer {KEY}."
        error = {"code": text, "message": text, "request_id": text}
        error["fields"] = [{"path": text, "message": text}]  # type: ignore[assignment]
        answer = {
            "text": PlainTextResponse(text, 400),
            "page": PlainTextResponse(f"<title>{text}</title>", 400),
            "detail": said({"detail": [{"loc": ["body", text], "msg": text}]}, 422),
            "fields": said({"detail": text, "error": error}, 422),
            "garbage": PlainTextResponse(text, 201, {"x-request-id": quote(text)}),
        }[shape]
        told = ask(Scripted(answer), send, resolve=resolving(value))
        assert_clean(told.failure, value, KEY)
        if shape != "garbage":
            assert "(secret)" in told.failure.message


def test_a_secret_at_the_place_where_a_long_text_is_cut_is_masked() -> None:
    for offset in range(560, 610):
        answer = PlainTextResponse("x" * offset + KEY, 400)
        assert "slng" not in ask(Scripted(answer), get).failure.message


@given(st.text(min_size=8).filter(lambda s: len(s.strip()) >= 8 and s.strip() not in MASKED))
def test_any_long_value_is_masked_as_it_is_and_escaped(value: str) -> None:
    mask = Mask()
    mask.add(value)
    for text in (value, json.dumps(value)[1:-1], quote(value, safe="")):
        assert value.strip() not in mask.text(f"<{text}>")
        assert "(secret)" in mask.text(f"<{text}>")


def test_short_values_are_not_searched_for() -> None:
    mask = Mask()
    mask.add("1234567")
    assert mask.text("call 1234567") == "call 1234567"


def test_a_value_that_contains_another_is_masked_whole() -> None:
    mask = Mask()
    mask.add("secret-word")
    mask.add("secret-word-tail")
    assert mask.text("x secret-word-tail y secret-word") == "x (secret) y (secret)"


class Leaky(httpx.AsyncBaseTransport):
    """Fails as a library might: with everything it knows in the message and in its frames."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        everything = f"{request.headers.raw} {(await request.aread()).decode()}"
        raise httpx.ReadError(everything, request=request)


@pytest.mark.parametrize("value", CANARIES.values(), ids=CANARIES)
def test_a_failing_connection_shows_no_secret_in_error_cause_or_frames(value: str) -> None:
    told = ask(Scripted(said({})), send, resolve=resolving(value), transport=Leaky())
    assert_clean(told.failure, value, KEY)
    assert "ReadError" in told.failure.message


@pytest.mark.parametrize("answer", [b"", raw(b"<html>"), raw(b"{", b"HTTP/1.1 500 Oops")])
def test_a_failing_create_over_a_real_connection_shows_no_secret(answer: bytes) -> None:
    told, _ = ask_port([answer], send, resolve=resolving(CANARIES["words"]))
    assert_clean(told.failure, CANARIES["words"], KEY)


def test_a_secret_missing_beside_others_shows_none_of_them() -> None:
    with pytest.raises(MissingSecret) as caught:
        ask(Scripted(said({})), send, resolve={TOKEN: CANARIES["regex"]}.get)
    assert_clean(caught.value, CANARIES["regex"], KEY)


def test_nothing_secret_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    ask_port([raw(json.dumps(AGENT).encode())], send, resolve=resolving("canary-token-1"))
    assert caplog.records
    assert "canary-token-1" not in caplog.text
    assert "runtime-key-1" not in caplog.text
    assert KEY not in caplog.text


def test_an_echo_in_a_read_is_masked_too() -> None:
    class Echo(Scripted):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            headers = Request(scope, receive).headers
            answer = JSONResponse({"detail": headers["authorization"]}, 401)
            await answer(scope, receive, send)

    for action in (get, list_agents, last_call):
        error = ask(Echo(said({})), action).failure
        assert "Bearer (secret)" in error.message


def assert_clean(error: BaseException, *values: str) -> None:
    """No value in the error, in what it is chained to, or in a frame of ours or of a library."""
    shown = [
        *traceback.TracebackException.from_exception(error).format(),
        str(error),
        repr(error),
        repr(vars(error)),
    ]
    link: BaseException | None = error
    while link is not None:
        shown += [repr(vars(link)), *(map(repr, locals_of(link)))]
        link = link.__cause__ or link.__context__
    everything = "\n".join(shown)
    for value in values:
        for line in {value, " ".join(value.split()), *value.splitlines()}:
            for spelling in (*spellings(line), *(repr(s.encode(errors="replace")) for s in [line])):
                assert spelling.strip("'\"b") not in everything


def locals_of(error: BaseException) -> list[dict[str, object]]:
    frames: list[FrameType] = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    # The frames of the tests hold the canaries themselves; pytest's come below them.
    return [
        f.f_locals
        for f in frames
        if "/reconciler/live/" in f.f_code.co_filename or "http" in f.f_code.co_filename
    ]


def test_the_check_itself_would_see_a_leak() -> None:
    with pytest.raises(AssertionError):
        assert_clean(LiveError(f"oh {KEY}"), KEY)
    with pytest.raises(AssertionError):
        assert_clean(chained(), KEY)


def chained() -> BaseException:
    with pytest.raises(LiveError) as caught:
        raise LiveError("outer") from httpx.ReadError(KEY)
    return caught.value
