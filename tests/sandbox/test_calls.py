from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.api import TRUNK, Api, answered, violations, wrong

MISSING = "Outbound telephony is not configured for this agent (missing outbound connection)."


def path_of(made: dict[str, Any], rest: str = "calls") -> str:
    return f"/v1/agents/{made['id']}/{rest}"


def test_a_call_is_recorded_and_listed(api: Api) -> None:
    made = api.create(
        sip_outbound_trunk_id=TRUNK,
        system_prompt="Call {{name}} of {{shop}} {{x}}",
        template_defaults={"shop": "us"},
    )
    body = {"phone_number": "+15551234567", "arguments": {"name": "Sam"}}
    response = answered(api.call("POST", path_of(made), body))
    assert violations(response, "AgentCallResponse") == []
    page = answered(api.call("GET", path_of(made)))
    assert violations(page, "PaginatedAgentCallListOut") == []
    assert page["meta"] == {"page": 1, "page_size": 20, "total": 1, "pages": 1}
    call = page["items"][0]
    assert (call["id"], call["agent_id"]) == (response["call_id"], made["id"])
    assert call["rendered_prompt"] == "Call Sam of us {{x}}"
    detail = answered(api.call("GET", path_of(made, f"calls/{call['id']}")))
    assert violations(detail, "AgentCallDetailOut") == []


def test_a_call_needs_an_outbound_connection(api: Api) -> None:
    made = api.create()
    response = api.call("POST", path_of(made), {"phone_number": "+15551234567"})
    assert answered(response, 400) == {"detail": MISSING}


@pytest.mark.parametrize(
    ("body", "field", "kind"),
    [
        ({"phone_number": "5551234"}, "phone_number", "string_pattern_mismatch"),
        ({}, "phone_number", "missing"),
        ({"phone_number": "+15551234567", "agent": 1}, "agent", "extra_forbidden"),
        (
            {"phone_number": "+15551234567", "arguments": {str(n): "" for n in range(33)}},
            "arguments",
            "too_long",
        ),
        (
            {"phone_number": "+15551234567", "arguments": {str(n): "x" * 1024 for n in range(9)}},
            "arguments",
            "value_error",
        ),
    ],
)
def test_a_wrong_call_is_refused(api: Api, body: Any, field: str, kind: str) -> None:
    made = api.create(sip_outbound_trunk_id=TRUNK)
    assert wrong(api.call("POST", path_of(made), body)) == [(["body", field], kind)]


def test_a_web_session_is_a_call_too(api: Api) -> None:
    made = api.create()
    session = answered(api.call("POST", path_of(made, "web-sessions"), {}))
    assert violations(session, "AgentWebSessionResponse") == []
    page = answered(api.call("GET", path_of(made)))
    assert violations(page, "PaginatedAgentCallListOut") == []
    assert page["items"][0]["web_session_origin"] == "api"


def test_calls_are_paged_newest_first_and_filtered_by_status(api: Api) -> None:
    made = api.create()
    for day in range(1, 6):
        given = {
            "agent_id": made["id"],
            "created_at": f"2026-01-0{day}T00:00:00Z",
            "status": "completed" if day % 2 else "failed",
        }
        answered(api.call("POST", "/_sandbox/calls", given), 201)
    page = answered(api.call("GET", path_of(made, "calls?page=2&page_size=2")))
    assert page["meta"] == {"page": 2, "page_size": 2, "total": 5, "pages": 3}
    assert [call["created_at"][:10] for call in page["items"]] == ["2026-01-03", "2026-01-02"]
    failed = answered(api.call("GET", path_of(made, "calls?status=failed")))
    assert failed["meta"]["total"] == 2
    assert answered(api.call("GET", path_of(made, "calls?status=nope")))["meta"]["pages"] == 0


@pytest.mark.parametrize("query", ["page=0", "page_size=0", "page=x", "page=-1"])
def test_a_wrong_page_is_refused(api: Api, query: str) -> None:
    made = api.create()
    response = api.call("GET", path_of(made, f"calls?{query}"))
    assert wrong(response)[0][0] == ["query", query.partition("=")[0]]


def test_calls_of_an_agent_that_is_not_there_are_not_there(api: Api) -> None:
    made = api.create()
    assert api.call("GET", path_of(made, f"calls/{made['id']}")).status_code == 404
    api.call("DELETE", f"/v1/agents/{made['id']}")
    for method, rest in (("GET", "calls"), ("POST", "calls"), ("POST", "web-sessions")):
        assert api.call(method, path_of(made, rest), {}).status_code == 404
