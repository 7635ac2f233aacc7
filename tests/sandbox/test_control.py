"""The endpoints behind the stage."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from reconciler.sandbox import SandboxOptions, parse_fault, reset
from tests.sandbox.api import Api, agent, answered, bearer, models, webhook, wrong

KEYLESS: dict[str, str] = {}


def changed(api: Api, agent_id: str, **fields: Any) -> Any:
    return answered(api.call("POST", f"/_sandbox/agents/{agent_id}", fields, headers=KEYLESS))


def requests(api: Api) -> list[tuple[str, str, int | None]]:
    shown = answered(api.call("GET", "/_sandbox/requests", headers=KEYLESS))
    return [(one["method"], one["path"], one["status"]) for one in shown]


def test_requests_are_shown_in_order_with_their_bodies(api: Api) -> None:
    api.list()
    api.create()
    api.call("POST", "/v1/agents", content=b"\xffx")
    api.call("GET", "/v1/agents", headers={})
    assert requests(api) == [
        ("GET", "/v1/agents", 200),
        ("POST", "/v1/agents", 201),
        ("POST", "/v1/agents", 422),
        ("GET", "/v1/agents", 401),
    ]
    shown = answered(api.call("GET", "/_sandbox/requests"))
    assert [one["body"] for one in shown[:3]] == [None, agent(), "\ufffdx"]


def test_a_cut_request_is_shown_without_a_status(database: Path) -> None:
    api = Api(database, SandboxOptions(faults=(parse_fault("1:drop_after"),)))
    with pytest.raises(ConnectionResetError):
        api.create()
    assert requests(api) == [("POST", "/v1/agents", None)]


def test_faults_are_ordered_anew_and_counted_from_there(api: Api) -> None:
    api.list()
    orders = [{"at": 2, "kind": "error", "status": 503}, "GET@3:empty_list"]
    response = api.call("POST", "/_sandbox/faults", orders, headers=KEYLESS)
    assert response.status_code == 204
    statuses = [api.call("GET", "/v1/agents").status_code for _ in range(3)]
    assert statuses == [200, 503, 200]


@pytest.mark.parametrize(
    "orders",
    [
        {},
        [1],
        [{"at": 1}],
        [{"at": 1, "kind": "x"}],
        [{"at": "1", "kind": "html"}],
        ["nope"],
        [{"at": 1, "kind": "html", "more": 1}],
        [{"at": 1, "kind": "error", "status": "x"}],
    ],
)
def test_wrong_orders_are_refused(api: Api, orders: Any) -> None:
    assert api.call("POST", "/_sandbox/faults", orders).status_code == 422


def test_the_dashboard_changes_an_agent_past_every_rule(api: Api) -> None:
    api.create(name="Desk")
    made = api.create(name="other")
    after = changed(api, made["id"], name="Desk", greeting="{{", future={"a": 1}, id="no")
    assert api.get(made["id"]) == after
    assert (after["id"], after["name"], after["greeting"]) == (made["id"], "Desk", "{{")
    assert after["future"] == {"a": 1}
    assert after["updated_at"] > made["updated_at"]
    assert [one["name"] for one in api.list()] == ["Desk", "Desk"]


def test_a_field_from_the_future_survives_writes_and_is_refused_in_them(api: Api) -> None:
    made = api.create()
    changed(api, made["id"], future=1, models=models(voice_age=7))
    path = f"/v1/agents/{made['id']}"
    response = api.call("PUT", path, agent(future=1, models=models(voice_age=7)))
    assert sorted(wrong(response)) == [
        (["body", "future"], "extra_forbidden"),
        (["body", "models", "voice_age"], "extra_forbidden"),
    ]
    assert api.put(made["id"])["future"] == 1
    assert api.patch(made["id"], greeting="Hi")["future"] == 1


def test_the_dashboard_s_tools_keep_their_secrets(api: Api) -> None:
    made = api.create(tools=[webhook(auth=bearer())])
    before = api.stored(made["id"])["document"]["tools"][0]["auth"]
    tools = [made["tools"][0] | {"description": "By hand."}]
    assert changed(api, made["id"], tools=tools)["tools"] == tools
    assert api.stored(made["id"])["document"]["tools"][0]["auth"] == before
    rotated = changed(api, made["id"], tools=[webhook(auth=bearer("new"))])
    assert rotated["tools"][0]["auth_type"] == "bearer"
    assert api.stored(made["id"])["document"]["tools"][0]["auth"] != before
    other = changed(api, made["id"], tools=[made["tools"][0] | {"auth_type": "hmac"}])
    assert other["tools"][0]["auth_type"] == "hmac"


def test_nudges_that_the_dashboard_nulls_are_never_shown_as_null(api: Api) -> None:
    made = api.create()
    assert changed(api, made["id"], idle_nudges=None)["idle_nudges"] == made["idle_nudges"]


def test_the_dashboard_can_delete_an_agent(api: Api) -> None:
    made = api.create()
    changed(api, made["id"], deleted_at="2026-01-01T00:00:00Z")
    assert api.list() == []
    assert api.call("POST", f"/_sandbox/agents/{made['id']}", {}).status_code == 404


def test_a_call_is_added_as_told(api: Api) -> None:
    made = api.create()
    given = {"agent_id": made["id"].upper(), "created_at": "2026-01-01T01:00:00+01:00"}
    call = answered(api.call("POST", "/_sandbox/calls", given, headers=KEYLESS), 201)
    assert (call["agent_id"], call["created_at"]) == (made["id"], "2026-01-01T00:00:00.000000Z")


@pytest.mark.parametrize(
    ("body", "status"), [({}, 404), ([], 422), ({"agent_id": "x", "created_at": "now"}, 404)]
)
def test_a_wrong_call_is_not_added(api: Api, body: Any, status: int) -> None:
    assert api.call("POST", "/_sandbox/calls", body).status_code == status


def test_a_moment_that_is_none_is_refused(api: Api) -> None:
    made = api.create()
    body = {"agent_id": made["id"], "created_at": "yesterday"}
    assert api.call("POST", "/_sandbox/calls", body).status_code == 422


def test_a_reset_forgets_everything_under_a_running_sandbox(api: Api, database: Path) -> None:
    made = api.create()
    reset(database)
    assert api.list() == []
    assert api.call("GET", f"/v1/agents/{made['id']}").status_code == 404
    api.create()


def test_a_reset_mends_a_file_that_is_no_database(database: Path) -> None:
    database.write_bytes(b"not a database at all" * 100)
    reset(database)
    assert Api(database).list() == []


def test_a_reset_of_nothing_makes_no_file(database: Path) -> None:
    reset(database)
    assert not database.exists()


def test_importing_the_package_brings_no_framework(tmp_path: Path) -> None:
    code = "import sys, reconciler.sandbox; print({'starlette', 'pydantic'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
