from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from reconciler.live.exchange import Answer
from reconciler.live.wording import field_path, read_error
from tests.live.servers import (
    AGENT,
    AGENT_ID,
    BODY,
    Action,
    Scripted,
    ask,
    create,
    delete,
    get,
    list_agents,
    patch,
    replace,
    said,
)
from tests.live.test_decoding import JSON

ENVELOPE = {
    "detail": "Voice agent config is invalid.",
    "error": {
        "code": "AGENT_VALIDATION_FAILED",
        "message": "other words",
        "request_id": "req-1",
        "fields": [
            {"path": "body.tools.0.url", "message": "bad address"},
            {"path": "body.region"},
            "odd",
        ],
    },
}


@pytest.mark.parametrize(
    ("answer", "message", "code", "fields", "request_id"),
    [
        (said({"error": "nope"}, 400), "nope", "API400", (), None),
        (said({"detail": "nope"}, 400, x_request_id="h"), "nope", "API400", (), "h"),
        (
            said({"detail": [{"loc": ["body", "language"], "msg": "a string", "type": "t"}]}, 422),
            "language: a string",
            "API422",
            ("language",),
            None,
        ),
        (
            said(ENVELOPE, 422, x_request_id="h"),
            "Voice agent config is invalid. tools.0.url: bad address; region",
            "AGENT_VALIDATION_FAILED",
            ("tools.0.url", "region"),
            "req-1",
        ),
        (said({"error": {"code": "C", "message": "only here"}}, 400), "only here", "C", (), None),
        (said({"error": "flat", "slng_request_id": "s"}, 400), "flat", "API400", (), "s"),
        (said({"message": "gateway"}, 403), "gateway", "API403", (), None),
        (said({"odd": 1}, 400), '{"odd": 1}', "API400", (), None),
        (said(["odd"], 400), '["odd"]', "API400", (), None),
        (PlainTextResponse("Forbidden\n here", 403), "Forbidden here", "API403", (), None),
        (
            HTMLResponse("<html><TITLE>Bad &amp; Gone</TITLE>", 403),
            "a web page, not the API: Bad & Gone",
            "API403",
            (),
            None,
        ),
        (HTMLResponse("<p>x", 403), "a web page, not the API: without a title", "API403", (), None),
        (Response(status_code=409), "Conflict", "API409", (), None),
        (Response(status_code=499), "no explanation", "API499", (), None),
    ],
)
def test_every_shape_of_error_is_read(
    answer: Response, message: str, code: str, fields: tuple[str, ...], request_id: str | None
) -> None:
    error = ask(Scripted(answer), replace).failure
    assert error.message == f"could not replace agent {AGENT_ID}: {message} (HTTP {error.status})"
    assert (error.code, error.fields, error.request_id) == (code, fields, request_id)


@given(JSON, st.sampled_from(["detail", "error", "fields", "odd"]))
def test_any_error_answer_is_read(value: Any, key: str) -> None:
    for content in ({key: value}, {"error": {key: value}}, value):
        answer = said(content, 400)
        assert read_error(Answer(400, {}, bytes(answer.body))).message


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (["body", "tools", 0, "url"], "tools.0.url"),
        ("body.tools[0].url", "tools.0.url"),
        ("path.agent_id", "path.agent_id"),
        ("bodyguard", "bodyguard"),
        (["body"], ""),
        (7, ""),
    ],
)
def test_field_paths_are_dotted_and_lose_the_body(path: Any, shown: str) -> None:
    assert field_path(path) == shown


def test_a_strangers_long_text_is_cut() -> None:
    error = ask(Scripted(PlainTextResponse("x" * 3_000_000, 400)), get).failure
    assert len(error.message) < 800
    assert "…" in error.message


def test_a_404_is_no_agent_only_where_an_agent_was_read_or_deleted() -> None:
    gone = said({"detail": "The requested resource was not found."}, 404)
    assert ask(Scripted(gone), get).value is None
    assert ask(Scripted(gone), delete).error is None
    for action in (list_agents, create, replace, patch):
        assert ask(Scripted(gone), action).failure.status == 404


def test_a_delete_of_an_agent_that_is_said_to_be_gone_and_is_there_has_failed() -> None:
    gone = said({"detail": "The requested resource was not found."}, 404)
    told = ask(Scripted(gone, said(AGENT)), delete)
    assert told.failure.code == "NOT_DELETED"
    assert "still answers with it" in told.failure.message


@pytest.mark.parametrize("action", [get, delete])
def test_a_404_of_an_edge_says_nothing_about_the_agent(action: Action) -> None:
    for page in (HTMLResponse("<title>nginx</title>", 404), Response(status_code=404)):
        assert ask(Scripted(page), action).failure.status == 404


def test_a_deleted_agent_that_is_still_answered_is_no_agent() -> None:
    assert ask(Scripted(said(AGENT | {"deleted_at": "2026-01-01T00:00:00Z"})), get).value is None


@pytest.mark.parametrize(
    ("action", "status", "hint"),
    [
        (list_agents, 401, "the API key of this environment"),
        (list_agents, 403, "which organisation"),
        (create, 404, "`region`"),
        (create, 409, "an agent of this name exists"),
        (replace, 404, "the agent is gone"),
        (patch, 404, "the agent is gone"),
        (get, 429, "concurrency"),
    ],
)
def test_a_refusal_comes_with_a_way_out(action: Action, status: int, hint: str) -> None:
    error = ask(Scripted(said({"detail": "no"}, status)), action).failure
    assert hint in (error.hint or "")


@pytest.mark.parametrize("action", [create, replace, patch])
@pytest.mark.parametrize(
    "message",
    [
        "No runtime is configured for region 'us-east'",
        "No default LiveKit deployment configured for region 'eu-central' and orchestrator 'x'",
    ],
)
def test_a_404_about_the_region_does_not_send_anybody_to_look_for_the_agent(
    action: Action, message: str
) -> None:
    answer = said({"detail": message, "error": {"code": "AGENT_NOT_FOUND"}}, 404)
    error = ask(Scripted(answer), action).failure
    assert "about the spec's `region`, not a missing agent" in (error.hint or "")


def test_the_hint_about_the_runtime_key_says_which_era_this_is() -> None:
    def missing(message: str) -> Scripted:
        return Scripted(said({"detail": [{"loc": ["body", "slng_api_key"], "msg": message}]}, 422))

    keyed = BODY | {"slng_api_key": "a literal for this test"}
    asked = ask(missing("Field required"), create).failure
    refused = ask(
        missing("Extra inputs are not permitted"), lambda c: c.create_agent(keyed)
    ).failure
    wrong = ask(missing("Invalid key"), lambda c: c.create_agent(keyed)).failure
    assert "declare `slng_api_key: {env: NAME}` in `defaults:`" in (asked.hint or "")
    assert "remove `slng_api_key`" in (refused.hint or "")
    assert "but not this one" in (wrong.hint or "")


@pytest.mark.parametrize("action", [list_agents, create, delete])
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_an_error_and_is_not_followed(action: Action, status: int) -> None:
    app = Scripted(RedirectResponse("https://elsewhere.example/x?token=t", status))
    error = ask(app, action).failure
    assert "redirects to https://elsewhere.example/x (HTTP" in error.message
    assert (error.code, error.status, len(app.seen)) == ("REDIRECT", status, 1)
