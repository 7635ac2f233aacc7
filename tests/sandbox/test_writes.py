"""PUT and PATCH: what is replaced, kept, cleared and refused."""

from __future__ import annotations

import pytest

from tests.sandbox.api import TRUNK, Api, agent, models, wrong

NUDGES = {
    "first_nudge_text": "Hm?",
    "second_nudge_text": "Hello?",
    "final_hangup_text": "Bye.",
}


def test_a_put_resets_what_it_leaves_out(api: Api) -> None:
    made = api.create(
        inbound_greeting="Hi caller",
        sip_inbound_trunk_id=TRUNK,
        enable_interruptions=False,
        template_defaults={"a": "b"},
        idle_nudges=NUDGES,
    )
    after = api.put(made["id"])
    fresh = api.create(name="fresh")
    own = {"id", "name", "created_at", "updated_at"}
    assert {field for field in after if after[field] != fresh[field]} == own


def test_a_put_needs_the_whole_body(api: Api) -> None:
    made = api.create()
    response = api.call("PUT", f"/v1/agents/{made['id']}", {"name": "Desk"})
    missing = ["system_prompt", "greeting", "language", "region", "models"]
    assert wrong(response) == [(["body", field], "missing") for field in missing]


def test_a_patch_changes_what_it_names_and_nothing_else(api: Api) -> None:
    made = api.create(models=models(stt_kwargs={"a": 1}), idle_nudges=NUDGES)
    after = api.patch(made["id"], sip_outbound_trunk_id=TRUNK, models=models())
    assert {field for field in made if made[field] != after[field]} == {
        "sip_outbound_trunk_id",
        "models",
        "updated_at",
    }
    assert after["models"]["stt_kwargs"] == {}


def test_updated_at_moves_only_when_something_changed(api: Api) -> None:
    made = api.create()
    assert api.put(made["id"]) == made
    assert api.patch(made["id"]) == made
    assert api.patch(made["id"], greeting="Hello!") == made
    after = api.patch(made["id"], greeting="Hi!")
    assert after["updated_at"] > made["updated_at"]
    assert after["created_at"] == made["created_at"]


def test_one_and_true_are_not_the_same_value(api: Api) -> None:
    made = api.create(models=models(llm_kwargs={"n": 1}))
    after = api.patch(made["id"], models=models(llm_kwargs={"n": True}))
    assert after["models"]["llm_kwargs"]["n"] is True


@pytest.mark.parametrize(
    "field",
    ["inbound_greeting", "outbound_greeting", "sip_inbound_trunk_id", "sip_outbound_trunk_id"],
)
def test_null_in_a_patch_clears_what_can_be_null(api: Api, field: str) -> None:
    made = api.create(**{field: TRUNK})
    assert made[field] == TRUNK
    assert api.patch(made["id"], **{field: None})[field] is None


@pytest.mark.parametrize(
    "field",
    [
        "name",
        "system_prompt",
        "greeting",
        "language",
        "region",
        "models",
        "enable_interruptions",
        "tools",
        "template_defaults",
        "runtime_variables",
    ],
)
def test_null_in_a_patch_is_refused_where_there_is_no_null(api: Api, field: str) -> None:
    made = api.create()
    response = api.call("PATCH", f"/v1/agents/{made['id']}", {field: None})
    assert wrong(response) == [(["body", field], "null_not_allowed")]
    assert api.get(made["id"]) == made


def test_models_in_a_patch_are_complete(api: Api) -> None:
    made = api.create()
    response = api.call("PATCH", f"/v1/agents/{made['id']}", {"models": {"stt": "x"}})
    assert [place for place, _ in wrong(response)] == [
        ["body", "models", name] for name in ("llm", "tts", "tts_voice")
    ]


def test_an_unknown_field_is_refused_by_name(api: Api) -> None:
    made = api.create()
    for method, path in (("POST", "/v1/agents"), ("PUT", f"/v1/agents/{made['id']}")):
        response = api.call(method, path, agent(tool_mode="legacy", id=made["id"]))
        assert sorted(wrong(response)) == [
            (["body", "id"], "extra_forbidden"),
            (["body", "tool_mode"], "extra_forbidden"),
        ]


@pytest.mark.parametrize(
    ("language", "first"),
    [
        ("en", "Are you still there?"),
        ("es-MX", "¿Sigue ahí?"),
        ("de", "Sind Sie noch da?"),
        ("FR", "Êtes-vous toujours là ?"),
        ("pt", "Are you still there?"),
    ],
)
def test_nudges_left_out_or_null_are_filled_in_the_language(
    api: Api, language: str, first: str
) -> None:
    for number, fields in enumerate(({}, {"idle_nudges": None})):
        made = api.create(name=str(number), language=language, **fields)
        assert made["idle_nudges"]["first_nudge_text"] == first
        assert made["idle_nudges"]["second_nudge_delay_seconds"] == 30


def test_filled_nudges_stay_when_only_the_language_changes(api: Api) -> None:
    made = api.create()
    after = api.patch(made["id"], language="de")
    assert after["idle_nudges"] == made["idle_nudges"]
    cleared = api.patch(made["id"], idle_nudges=None)
    assert cleared["idle_nudges"]["first_nudge_text"] == "Sind Sie noch da?"


def test_nudges_are_completed_with_their_defaults(api: Api) -> None:
    made = api.create(idle_nudges=NUDGES)
    assert made["idle_nudges"] == NUDGES | {
        "enabled": True,
        "first_nudge_delay_seconds": 15,
        "second_nudge_delay_seconds": 30,
        "hangup_delay_seconds": 15,
    }


def test_models_are_completed_with_their_defaults(api: Api) -> None:
    assert api.create()["models"] == models(
        stt_kwargs={},
        llm_kwargs={},
        tts_kwargs={},
        fallbacks={"stt": [], "llm": [], "tts": []},
        stt_final_timeout_s=None,
        llm_first_token_timeout_s=None,
        tts_first_audio_timeout_s=None,
        failure_audio_enabled=True,
    )
