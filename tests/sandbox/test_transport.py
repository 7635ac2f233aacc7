from __future__ import annotations

import uuid

import pytest

from tests.sandbox.api import Api, agent, answered, wrong

NOBODY = "99999999-9999-4999-8999-999999999999"


def test_a_request_without_a_key_is_refused(api: Api) -> None:
    response = api.call("GET", "/v1/agents", headers={})
    assert answered(response, 401) == {"detail": "Missing bearer token"}


def test_a_key_that_begins_with_invalid_is_refused(api: Api) -> None:
    response = api.call("GET", "/v1/agents", headers={"authorization": "Bearer invalid-key"})
    assert answered(response, 401) == {"detail": "Invalid API key"}


def test_a_key_is_also_taken_from_its_own_header(api: Api) -> None:
    made = api.create()
    response = api.call("GET", "/v1/agents", headers={"x-slng-api-key": "slng_test"})
    assert answered(response) == [made]


def test_another_key_sees_an_empty_organisation(api: Api) -> None:
    made = api.create()
    other = {"authorization": "Bearer slng_other"}
    assert answered(api.call("GET", "/v1/agents", headers=other)) == []
    assert api.call("GET", f"/v1/agents/{made['id']}", headers=other).status_code == 404
    theirs = answered(api.call("POST", "/v1/agents", agent(), headers=other), 201)
    assert theirs["organisation_id"] != made["organisation_id"]


def test_every_answer_has_a_request_id_of_its_own(api: Api) -> None:
    responses = [
        api.call("GET", "/v1/agents"),
        api.call("GET", "/v1/agents", headers={}),
        api.call("GET", "/nowhere"),
        api.call("POST", "/v1/agents", {}),
    ]
    ids = {uuid.UUID(response.headers["x-request-id"]) for response in responses}
    assert len(ids) == 4


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v2/agents", 404),
        ("GET", "/v1/agents/", 404),
        ("PUT", "/v1/agents", 405),
        ("POST", f"/v1/agents/{NOBODY}", 405),
        ("GET", f"/v1/agents/{NOBODY}", 404),
        ("DELETE", f"/v1/agents/{NOBODY}", 404),
        ("PUT", "/v1/agents/tools", 404),
        ("GET", "/v1/agents/secrets", 404),
        ("GET", "/v1/agents/mcp-servers/anything", 404),
        ("GET", "/v1/agents/client-models", 404),
        ("POST", "/v1/agents/import", 404),
    ],
)
def test_what_is_not_there_is_said_by_status(api: Api, method: str, path: str, status: int) -> None:
    response = api.call(method, path, agent())
    assert isinstance(answered(response, status)["detail"], str)


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT", "PATCH"])
def test_an_agent_id_that_is_no_uuid_is_a_validation_error(api: Api, method: str) -> None:
    response = api.call(method, "/v1/agents/desk", agent())
    assert wrong(response) == [(["path", "agent_id"], "uuid_parsing")]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"{not json", "json_invalid"),
        (b'{"name": NaN}', "json_invalid"),
        (b"\xff\xfe", "json_invalid"),
        (b"[" * 100_000, "json_invalid"),
        (b"[]", "model_attributes_type"),
        (b"", "missing"),
    ],
)
def test_a_body_that_is_no_json_object_is_a_validation_error(
    api: Api, content: bytes, kind: str
) -> None:
    response = api.call("POST", "/v1/agents", content=content)
    assert wrong(response) == [(["body"], kind)]


def test_a_lone_surrogate_is_refused_and_breaks_nothing(api: Api) -> None:
    response = api.call("POST", "/v1/agents", agent(name="\ud800"))
    assert response.status_code == 422
    api.create(
        template_defaults={"a": "x"}, models=agent()["models"] | {"stt_kwargs": {"\ud800": 1}}
    )
    assert len(api.list()) == 1
