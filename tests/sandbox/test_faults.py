"""Failures to order, in-process."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.sandbox import ConnectionCut, Fault, SandboxOptions, parse_fault
from tests.sandbox.api import Api, agent, answered


def with_faults(database: Path, *texts: str) -> Api:
    return Api(database, SandboxOptions(faults=tuple(parse_fault(text) for text in texts)))


def test_a_drop_before_leaves_nothing_behind(database: Path) -> None:
    api = with_faults(database, "1:drop_before")
    with pytest.raises(ConnectionCut):
        api.create()
    assert api.list() == []


def test_a_drop_after_leaves_the_agent_behind(database: Path) -> None:
    api = with_faults(database, "1:drop_after")
    with pytest.raises(ConnectionResetError):
        api.create()
    assert [one["name"] for one in api.list()] == ["Desk"]


def test_an_ordered_error_is_answered_before_the_commit(database: Path) -> None:
    api = with_faults(database, "1:error", "2:error:502", "3:error:429:2")
    bodies = [api.call("POST", "/v1/agents", agent()) for _ in range(3)]
    assert [response.status_code for response in bodies] == [500, 502, 429]
    assert answered(bodies[0], 500) == {"detail": "An unexpected internal error occurred."}
    assert bodies[2].headers["retry-after"] == "2"
    assert api.list() == []


def test_garbage_comes_after_the_commit_and_is_no_json(database: Path) -> None:
    api = with_faults(database, "1:garbage")
    response = api.call("POST", "/v1/agents", agent())
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    with pytest.raises(ValueError, match="Expecting value"):
        response.json()
    assert len(api.list()) == 1


def test_html_comes_in_place_of_the_api(database: Path) -> None:
    api = with_faults(database, "1:html")
    response = api.call("POST", "/v1/agents", agent())
    assert (response.status_code, response.text[:9]) == (200, "<!doctype")
    assert response.headers["content-type"].startswith("text/html")
    assert api.list() == []


def test_half_a_list_is_no_json(database: Path) -> None:
    api = with_faults(database, "GET@1:half_list")
    api.create()
    response = api.call("GET", "/v1/agents")
    assert (response.status_code, response.text[:2]) == (200, "[{")
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        response.json()
    assert len(api.list()) == 1


def test_a_list_can_be_empty_by_order(database: Path) -> None:
    api = with_faults(database, "GET@1:empty_list")
    api.create()
    assert api.list() == []
    assert len(api.list()) == 1


def test_a_delayed_answer_comes_whole(database: Path) -> None:
    api = with_faults(database, "1:delay:0.05")
    assert api.create() == api.list()[0]


def test_a_fault_with_a_method_counts_that_method_alone(database: Path) -> None:
    api = with_faults(database, "POST@2:error:503")
    api.list()
    api.create(name="first")
    api.list()
    assert api.call("POST", "/v1/agents", agent()).status_code == 503
    api.create()


def test_requests_to_the_control_endpoints_count_for_nothing(database: Path) -> None:
    api = with_faults(database, "2:error")
    api.list()
    api.call("GET", "/_sandbox/requests")
    assert api.call("GET", "/v1/agents").status_code == 500


def test_above_the_rate_limit_requests_are_refused_with_a_time_to_wait(database: Path) -> None:
    api = Api(database, SandboxOptions(rate_limit=2))
    responses = api.calls([("GET", "/v1/agents", None)] * 20)
    limited = [response for response in responses if response.status_code == 429]
    assert limited
    assert len(limited) < 19
    assert int(limited[0].headers["retry-after"]) >= 1
    assert limited[0].json() == {"detail": "Rate limit exceeded"}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("3:drop_after", Fault(at=3, kind="drop_after")),
        ("POST@2:error:502", Fault(at=2, kind="error", method="POST", status=502)),
        ("get@1:error:429:1.5", Fault(at=1, kind="error", method="GET", status=429, seconds=1.5)),
        (" 5:delay:1.5 ", Fault(at=5, kind="delay", seconds=1.5)),
        ("1:empty_list", Fault(at=1, kind="empty_list")),
    ],
)
def test_a_fault_is_read_from_a_text(text: str, fault: Fault) -> None:
    assert parse_fault(text) == fault


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "cannot read the fault ''"),
        ("drop_after", "3:drop_after, POST@2:error:502"),
        ("1:explode", "unknown fault 'explode'; known: drop_before"),
        ("0:html", "counts requests from 1, not 0"),
        ("1:error:teapot", "cannot read the fault"),
        ("1:error:999", "status is 200 to 599, not 999"),
        ("1:delay:-1", "seconds are 0 or more"),
        ("1:delay:nan", "seconds are 0 or more"),
        ("1:html:5", "cannot read the fault"),
    ],
)
def test_a_fault_that_cannot_be_read_says_why(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_fault(text)
