"""Write-only secrets: kept or asked again, never given back, never on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reconciler.sandbox import SandboxOptions
from tests.sandbox.api import Api, Json, agent, answered, bearer, hangup, tool_id, webhook, wrong

HMAC = {"type": "hmac", "secret": "hmac-canary"}
AUTH = ["body", "tools", 0, "webhook", "auth", "bearer"]


def kept(api: Api, agent_id: str) -> Any:
    return api.stored(agent_id)["document"]["tools"][0]["auth"]


@pytest.mark.parametrize("auth", [bearer("bearer-canary"), HMAC])
def test_a_webhook_s_secret_is_seen_nowhere_again(api: Api, auth: Json, database: Path) -> None:
    made = api.create(tools=[webhook(auth=auth)])
    assert made["tools"][0]["auth_type"] == auth["type"]
    assert "auth" not in made["tools"][0]
    assert kept(api, made["id"])["digest"]
    files = [file.read_bytes() for file in database.parent.iterdir()]
    assert files
    assert not any(b"canary" in content for content in files)


def test_a_changed_secret_is_a_change_and_the_same_one_is_none(api: Api) -> None:
    made = api.create(tools=[webhook(auth=bearer())])
    assert api.put(made["id"], tools=[webhook(auth=bearer())]) == made
    after = api.put(made["id"], tools=[webhook(auth=bearer("another"))])
    assert after["updated_at"] > made["updated_at"]


@pytest.mark.parametrize("auth", [{"type": "bearer"}, {"type": "bearer", "token": None}])
def test_a_put_must_send_the_secret_again(api: Api, auth: Json) -> None:
    made = api.create(tools=[webhook(auth=bearer())])
    response = api.call("PUT", f"/v1/agents/{made['id']}", agent(tools=[webhook(auth=auth)]))
    assert [place for place, _ in wrong(response)] == [[*AUTH, "token"]]
    assert api.get(made["id"]) == made


def test_a_put_without_auth_takes_it_away(api: Api) -> None:
    made = api.create(tools=[webhook(auth=bearer())])
    assert api.put(made["id"], tools=[webhook()])["tools"][0]["auth_type"] is None


@pytest.mark.parametrize(
    "auth", [{}, {"auth": {"type": "bearer"}}, {"auth": {"type": "bearer", "token": None}}]
)
def test_a_patch_keeps_the_secret_of_the_same_tool(api: Api, auth: Json) -> None:
    made = api.create(tools=[webhook(auth=bearer())])
    before = kept(api, made["id"])
    tools = [webhook(description="Changed.", **auth), hangup()]
    after = api.patch(made["id"], tools=tools)
    assert after["tools"][0]["auth_type"] == "bearer"
    assert kept(api, made["id"]) == before


def test_a_patch_has_no_secret_to_keep_for_another_tool_or_type(api: Api) -> None:
    made = api.create(tools=[webhook(auth=HMAC)])
    path = f"/v1/agents/{made['id']}"
    for tool in (
        webhook(auth={"type": "bearer"}),
        webhook(id=tool_id(8), auth={"type": "bearer"}),
    ):
        response = api.call("PATCH", path, {"tools": [tool]})
        assert wrong(response) == [([*AUTH, "token"], "missing")]
    fresh = api.patch(made["id"], tools=[webhook(id=tool_id(8))])
    assert fresh["tools"][0]["auth_type"] is None


def test_a_patch_may_send_a_new_secret_of_another_type(api: Api) -> None:
    made = api.create(tools=[webhook(auth=HMAC)])
    assert (
        api.patch(made["id"], tools=[webhook(auth=bearer())])["tools"][0]["auth_type"] == "bearer"
    )


@pytest.mark.parametrize(
    "auth",
    [{"token": "x"}, {"type": "basic"}, {"type": "hmac", "token": "x"}, bearer() | {"a": 1}],
)
def test_auth_is_closed_and_of_two_types(api: Api, auth: Json) -> None:
    assert wrong(api.call("POST", "/v1/agents", agent(tools=[webhook(auth=auth)])))


def test_an_echoed_auth_type_says_nothing(api: Api) -> None:
    assert api.create(tools=[webhook(auth_type="hmac")])["tools"][0]["auth_type"] is None


def test_the_reference_era_asks_for_a_runtime_key_on_every_whole_write(reference: Api) -> None:
    missing = [(["body", "slng_api_key"], "missing")]
    assert wrong(reference.call("POST", "/v1/agents", agent())) == missing
    made = reference.create(slng_api_key="runtime-canary")
    path = f"/v1/agents/{made['id']}"
    assert wrong(reference.call("PUT", path, agent())) == missing
    assert wrong(reference.call("POST", f"{path}/duplicate", {"name": "x"})) == missing
    copy = {"name": "x", "slng_api_key": "runtime-canary"}
    answered(reference.call("POST", f"{path}/duplicate", copy), 201)
    assert reference.patch(made["id"], greeting="Hi")["greeting"] == "Hi"


def test_a_runtime_key_is_kept_as_a_digest_and_never_shown(reference: Api, database: Path) -> None:
    made = reference.create(slng_api_key="runtime-canary")
    before = reference.stored(made["id"])["runtime_key"]
    assert "slng_api_key" not in made
    rotated = reference.patch(made["id"], slng_api_key="another-canary")
    assert rotated["updated_at"] > made["updated_at"]
    assert reference.stored(made["id"])["runtime_key"] not in {before, None}
    files = [file.read_bytes() for file in database.parent.iterdir()]
    assert not any(b"canary" in content for content in files)


@pytest.mark.parametrize("value", [None, 7])
def test_a_runtime_key_is_a_string(reference: Api, value: object) -> None:
    response = reference.call("POST", "/v1/agents", agent(slng_api_key=value))
    assert wrong(response) == [(["body", "slng_api_key"], "string_type")]


def test_the_openapi_era_refuses_a_runtime_key_on_every_write(api: Api) -> None:
    made = api.create()
    path = f"/v1/agents/{made['id']}"
    key = {"slng_api_key": "k"}
    for method, place, body in (
        ("POST", "/v1/agents", agent(name="b") | key),
        ("PUT", path, agent() | key),
        ("PATCH", path, key),
        ("POST", f"{path}/duplicate", {"name": "b"} | key),
    ):
        response = api.call(method, place, body)
        assert wrong(response) == [(["body", "slng_api_key"], "extra_forbidden")]


def test_whether_a_runtime_key_is_asked_can_be_ordered(database: Path) -> None:
    api = Api(database, SandboxOptions(runtime_key="optional"))
    api.create(name="with", slng_api_key="k")
    api.create(name="without")
    strict = Api(database, SandboxOptions(era="openapi", runtime_key="required"))
    assert strict.call("POST", "/v1/agents", agent()).status_code == 422
