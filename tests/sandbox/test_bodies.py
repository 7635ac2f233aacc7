"""Strict types, limits and closed objects of an agent's body."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.api import Api, agent, models, wrong

NUDGES = {
    "first_nudge_text": "a",
    "second_nudge_text": "b",
    "final_hangup_text": "c",
}
WRONG: list[tuple[dict[str, Any], list[str | int], str]] = [
    ({"name": 1}, ["name"], "string_type"),
    ({"name": None}, ["name"], "string_type"),
    ({"name": "x" * 256}, ["name"], "string_too_long"),
    ({"language": "x" * 11}, ["language"], "string_too_long"),
    ({"enable_interruptions": "yes"}, ["enable_interruptions"], "bool_type"),
    ({"enable_interruptions": 1}, ["enable_interruptions"], "bool_type"),
    ({"sip_inbound_trunk_id": "trunk"}, ["sip_inbound_trunk_id"], "uuid_parsing"),
    ({"template_defaults": {"a": 1}}, ["template_defaults", "a"], "string_type"),
    ({"tools": {}}, ["tools"], "list_type"),
    ({"models": models(llm="")}, ["models", "llm"], "string_too_short"),
    ({"models": models(voice="x")}, ["models", "voice"], "extra_forbidden"),
    ({"models": models(stt_kwargs=None)}, ["models", "stt_kwargs"], "dict_type"),
    (
        {"models": models(stt_final_timeout_s=-1)},
        ["models", "stt_final_timeout_s"],
        "greater_than_equal",
    ),
    (
        {"models": models(fallbacks={"tts": [{"model": "m", "voice": ""}]})},
        ["models", "fallbacks", "tts", 0, "voice"],
        "string_too_short",
    ),
    ({"idle_nudges": {**NUDGES, "enabled": None}}, ["idle_nudges", "enabled"], "bool_type"),
    (
        {"idle_nudges": {**NUDGES, "hangup_delay_seconds": 0}},
        ["idle_nudges", "hangup_delay_seconds"],
        "greater_than_equal",
    ),
    (
        {"idle_nudges": {**NUDGES, "hangup_delay_seconds": 1.5}},
        ["idle_nudges", "hangup_delay_seconds"],
        "int_type",
    ),
    (
        {"idle_nudges": {**NUDGES, "first_nudge_text": ""}},
        ["idle_nudges", "first_nudge_text"],
        "string_too_short",
    ),
    (
        {"runtime_variables": [{"name": "x" * 65, "description": ""}]},
        ["runtime_variables", 0, "name"],
        "string_too_long",
    ),
    ({"runtime_variables": [{"name": "x"}]}, ["runtime_variables", 0, "description"], "missing"),
]


@pytest.mark.parametrize(("fields", "place", "kind"), WRONG)
def test_a_wrong_value_is_refused_where_it_stands(
    api: Api, fields: dict[str, Any], place: list[str | int], kind: str
) -> None:
    response = api.call("POST", "/v1/agents", agent(**fields))
    assert wrong(response) == [(["body", *place], kind)]
    assert api.list() == []


def test_all_problems_are_told_at_once_and_no_input_is_repeated(api: Api) -> None:
    response = api.call("POST", "/v1/agents", {"name": 7, "slng_api_key": "canary-key"})
    kinds = [kind for _, kind in wrong(response)]
    assert kinds == ["string_type", *["missing"] * 5, "extra_forbidden"]
    assert "canary-key" not in response.text
    assert {"loc", "msg", "type"} == set(response.json()["detail"][0])


def test_limits_are_inclusive(api: Api) -> None:
    made = api.create(name="x" * 255, language="x" * 10, models=models(stt_final_timeout_s=0))
    assert len(made["name"]) == 255


def test_any_llm_is_taken(api: Api) -> None:
    assert api.create(models=models(llm="vendor/anything:latest"))["models"]["llm"].endswith(
        "latest"
    )


@pytest.mark.parametrize("trunk", ["B2C3D4E5-6789-ABCD-EF01-23456789ABCD"])
def test_an_id_is_any_hex_in_five_groups_and_comes_back_in_lower_case(api: Api, trunk: str) -> None:
    assert api.create(sip_inbound_trunk_id=trunk)["sip_inbound_trunk_id"] == trunk.lower()
