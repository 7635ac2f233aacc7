import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.errors import LiveError
from reconciler.live import decode_agent
from reconciler.live.decoding import decode_list, json_value, timestamp
from reconciler.model.fields import SERVER_OWNED

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
INTERESTING = st.sampled_from(
    ["id", "name", "tools", "template_variables", "tool_mode", "created_at", "deleted_at", "auth"]
)


def agent(**fields: Any) -> dict[str, Any]:
    return {"id": "a1", "name": "Desk", **fields}


def test_server_owned_fields_are_dropped_and_everything_else_is_kept() -> None:
    raw = agent(**dict.fromkeys(SERVER_OWNED - {"id"}, "x"), tool_refs=[{"new": {"deep": 1}}])
    live = decode_agent(raw)
    assert live.document == {"name": "Desk", "tool_refs": [{"new": {"deep": 1}}]}
    assert live.raw is raw


def test_the_identity_of_an_agent_is_read() -> None:
    live = decode_agent(agent(organisation_id="o1", created_at="2026-07-21T10:00:00Z"))
    assert (live.id, live.name, live.organisation_id) == ("a1", "Desk", "o1")
    assert live.created_at == datetime(2026, 7, 21, 10, tzinfo=UTC)


def test_an_identity_of_an_odd_shape_is_unknown_rather_than_an_error() -> None:
    live = decode_agent(agent(organisation_id=7, created_at="yesterday"))
    assert (live.organisation_id, live.created_at) == (None, None)
    assert timestamp("2026-07-21T10:00:00") == datetime(2026, 7, 21, 10, tzinfo=UTC)


def test_template_variables_are_read_back_as_template_defaults() -> None:
    variables = {
        "city": {"required": False, "default": ""},
        "name": {"required": True},
        "null": {"required": True, "default": None},
        "odd": "text",
    }
    document = decode_agent(agent(template_variables=variables)).document
    assert document == {"name": "Desk", "template_defaults": {"city": ""}}


def test_no_template_variables_are_an_empty_map_and_none_at_all_are_no_field() -> None:
    assert decode_agent(agent(template_variables={})).document["template_defaults"] == {}
    assert "template_defaults" not in decode_agent(agent(template_variables=None)).document
    assert "template_defaults" not in decode_agent(agent()).document


@pytest.mark.parametrize(
    "odd", [{"required": True, "default": "Berlin"}, {"required": False}], ids=["both", "neither"]
)
def test_a_requirement_of_its_own_makes_options_that_name_every_variable(odd: Any) -> None:
    variables = {"city": odd, "name": {"required": True}, "unit": {"default": "C"}}
    document = decode_agent(agent(template_variables=variables)).document
    assert document["template_variable_options"] == {
        "city": {"required": odd["required"]},
        "name": {"required": True},
        "unit": {"required": False},
    }


def test_writable_template_fields_of_the_api_itself_stand() -> None:
    raw = agent(template_defaults={"a": "1"}, template_variables={"a": {"default": "2"}})
    assert decode_agent(raw).document["template_defaults"] == {"a": "1"}


def test_the_auth_type_of_a_webhook_becomes_auth() -> None:
    tools = [
        {"type": "webhook", "name": "a", "auth_type": "bearer", "new": [1]},
        {"type": "webhook", "name": "b", "auth_type": None},
        {"type": "webhook", "name": "c", "auth_type": "hmac", "auth": {"secret_ref": "S"}},
        {"type": "webhook", "name": "d"},
        {"type": "other", "auth_type": "bearer"},
        "odd",
    ]
    assert decode_agent(agent(tools=tools)).document["tools"] == [
        {"type": "webhook", "name": "a", "new": [1], "auth": {"type": "bearer"}},
        {"type": "webhook", "name": "b"},
        {"type": "webhook", "name": "c", "auth": {"secret_ref": "S"}},
        {"type": "webhook", "name": "d"},
        {"type": "other", "auth_type": "bearer"},
        "odd",
    ]
    assert tools[0] == {"type": "webhook", "name": "a", "auth_type": "bearer", "new": [1]}


def test_a_secret_that_an_api_echoes_is_not_taken_in() -> None:
    odd = ["no tool", {"type": "webhook", "auth": "none"}]
    hooks = [
        {"type": "webhook", "name": "a", "auth": {"type": "bearer", "token": "****"}},
        {"type": "webhook", "name": "b", "auth": {"type": "hmac", "secret": "seen", "more": 1}},
    ]
    live = decode_agent(agent(slng_api_key="slng_****", tools=[*hooks, *odd]))
    assert "slng_api_key" not in live.document
    assert [tool["auth"] for tool in live.document["tools"][:2]] == [
        {"type": "bearer"},
        {"type": "hmac", "more": 1},
    ]
    assert live.document["tools"][2:] == odd
    for secret in ("****", "seen"):
        assert secret not in str(live.raw)


def test_an_agent_in_shared_mode_does_not_own_its_tools() -> None:
    live = decode_agent(agent(tool_mode="shared", tools=[{"type": "webhook"}]))
    assert live.document == {"name": "Desk", "tool_mode": "shared"}
    assert live.raw["tools"] == [{"type": "webhook"}]
    assert "tools" in decode_agent(agent(tool_mode="legacy", tools=[])).document


def test_a_deleted_agent_is_not_in_the_list() -> None:
    raw = [agent(deleted_at=None), {"id": "a2", "name": "Old", "deleted_at": "2026-01-01"}]
    assert [live.id for live in decode_list(json.dumps(raw).encode())] == ["a1"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"  ", "is empty"),
        (b"<html>", "is not JSON"),
        (b'[{"id": "a1", "name"', "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"NaN", "is not JSON"),
        (b"[" * 5000 + b"]" * 5000, "is not JSON"),
        (b"{}", "a list of agents, but holds an object"),
        (b"null", "a list of agents, but holds null"),
        (b"3", "a list of agents, but holds a number"),
        (b'["a"]', "an agent, but holds a text"),
        (b"[[]]", "an agent, but holds a list"),
        (b'[{"name": "Desk"}]', "without an id"),
        (b'[{"id": 7, "name": "Desk"}]', "without an id"),
        (b'[{"id": "", "name": "Desk"}]', "without an id"),
        (b'[{"id": "a1", "name": null}]', r"without a name \(a1\)"),
        (b'[{"id": "a1", "name": "A"}, {"id": "a1", "name": "B"}]', "one agent id twice"),
        (
            b'[{"id": "a1", "name": "A"}, {"id": "a2", "deleted_at": "x"}]',
            r"without a name \(a2\)",
        ),
    ],
)
def test_anything_but_a_list_of_agents_is_an_error(content: bytes, message: str) -> None:
    with pytest.raises(LiveError, match=message) as caught:
        decode_list(content)
    assert caught.value.code == "GARBLED_ANSWER"
    assert caught.value.__context__ is None


@given(st.dictionaries(st.text() | INTERESTING, JSON, max_size=8))
def test_any_object_is_an_agent_or_a_live_error(raw: dict[str, Any]) -> None:
    try:
        live = decode_agent(raw)
    except LiveError:
        assert not (
            isinstance(raw.get("id"), str) and raw["id"] and isinstance(raw.get("name"), str)
        )
    else:
        assert live.raw == raw


@given(st.dictionaries(st.text(), JSON, max_size=6), st.dictionaries(st.text(), JSON, max_size=6))
def test_unknown_keys_survive_at_every_depth(
    fields: dict[str, Any], tool_fields: dict[str, Any]
) -> None:
    unknown = {f"x_{key}": value for key, value in fields.items()}
    tool = {f"x_{key}": value for key, value in tool_fields.items()} | {"type": "webhook"}
    live = decode_agent(agent(**unknown, tools=[tool | {"auth_type": "hmac"}]))
    assert live.document == {
        "name": "Desk",
        **unknown,
        "tools": [tool | {"auth": {"type": "hmac"}}],
    }


@given(JSON)
def test_any_json_is_a_list_of_agents_or_a_live_error(value: Any) -> None:
    content = json.dumps(value).encode()
    try:
        assert isinstance(decode_list(content), list)
    except LiveError:
        assert value != []


@given(st.binary())
def test_any_bytes_are_json_or_a_live_error(content: bytes) -> None:
    with suppress(LiveError):
        json_value(content)
