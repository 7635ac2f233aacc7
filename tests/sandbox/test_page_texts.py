"""Texts survive the page: byte for byte when untouched, as text whatever they hold."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.sandbox.page.edits import edit_of, fingerprint, patch_of
from reconciler.sandbox.page.fields import FIELDS
from tests.sandbox.pages import Visitor, page_of

_HOSTILE = "</textarea></pre></title><script>alert(1)</script><img src=x onerror=alert(1)>\"'`&amp;"
_FULL = [
    "\nbegins with a line end",
    "\n\n\nthree",
    "ends with some\n\n",
    "dos\r\nlines\r\n",
    "old mac\rlines\r",
    "mixed\r\nline\nends\r",
    "\ttabs and  spaces \u00a0 ",
    "form\x0cfeed and \x00 and \x1b[31m",
    "\u2028 \u2029 \u202e \ufeff \U0001f600",
    "",
]


@pytest.mark.parametrize("text", _FULL)
def test_a_text_that_nobody_touched_is_not_changed_by_saving(visitor: Visitor, text: str) -> None:
    one = visitor.create(system_prompt=text, greeting=text)
    assert "Nothing was changed" in visitor.edit(one["id"]).text
    assert visitor.get(one["id"]) == one
    visitor.edit(one["id"], name="Other")
    after = visitor.get(one["id"])
    assert (after["system_prompt"], after["greeting"]) == (text, text)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_an_edited_text_keeps_its_kind_of_line_ends(visitor: Visitor, end: str) -> None:
    one = visitor.create(system_prompt=f"{end}one{end}two")
    visitor.edit(one["id"], system_prompt="\none\n2\n")
    assert visitor.get(one["id"])["system_prompt"] == f"{end}one{end}2{end}"


def test_texts_are_never_markup(visitor: Visitor) -> None:
    tools = [{"type": "template", "id": page_id(), "template": "hangup", "prompt": _HOSTILE}]
    one = visitor.create(name=_HOSTILE, greeting=_HOSTILE, system_prompt=_HOSTILE, tools=tools)
    paths = ("/_sandbox/", page_of(one["id"]), f"{page_of(one['id'])}/delete")
    for path in (*paths, "/_sandbox/?find=<script>&done=<script>&fields=<script>"):
        seen = visitor.see(path)
        assert "<script" not in seen.html
        assert "<img src=x" not in seen.html
    values = visitor.agent_page(one["id"]).form(page_of(one["id"])).values
    assert values["system_prompt"] == _HOSTILE
    refused = visitor.edit(one["id"], region=_HOSTILE)
    assert refused.status == 422
    assert "<script" not in refused.html


def page_id() -> str:
    return "00000000-0000-4000-8000-000000000004"


def test_what_is_no_character_can_be_shown(visitor: Visitor) -> None:
    one = visitor.create()
    visitor.call("POST", f"/_sandbox/agents/{one['id']}", {"greeting": "half \ud83d a pair"})
    assert "half ? a pair" in visitor.see().text
    assert "Nothing was changed" in visitor.edit(one["id"]).text


def test_a_change_made_elsewhere_meanwhile_is_not_taken_back(visitor: Visitor) -> None:
    one = visitor.create()
    form = visitor.agent_page(one["id"]).form(page_of(one["id"]))
    visitor.patch(one["id"], system_prompt="By somebody else.")
    visitor.submit(form, greeting="Mine.")
    after = visitor.get(one["id"])
    assert (after["system_prompt"], after["greeting"]) == ("By somebody else.", "Mine.")


def test_two_changes_of_one_field_are_a_question_not_a_loss(visitor: Visitor) -> None:
    one = visitor.create()
    form = visitor.agent_page(one["id"]).form(page_of(one["id"]))
    visitor.patch(one["id"], greeting="Theirs.")
    seen = visitor.submit(form, greeting="Mine.", name="Renamed")
    assert seen.status == 409
    assert "your text in place of: Theirs." in seen.text
    assert visitor.get(one["id"])["greeting"] == "Theirs."
    visitor.submit(seen.form(page_of(one["id"])))
    after = visitor.get(one["id"])
    assert (after["greeting"], after["name"]) == ("Mine.", "Renamed")


_TEXT = st.text(st.characters(codec="utf-8") | st.sampled_from('\r\n\0<&"'), max_size=20)


@settings(max_examples=200)
@given(st.dictionaries(st.sampled_from([field.path for field in FIELDS]), _TEXT))
def test_only_touched_fields_are_sent(typed: dict[str, str]) -> None:
    agent = {"name": "Desk", "greeting": "a\r\nb", "models": {"stt": "s", "kwargs": {"x": 1}}}
    form = {f"was.{field.path}": fingerprint(field, field.shown(agent)) for field in FIELDS}
    form |= {field.path: field.settled(field.shown(agent)) for field in FIELDS}
    body = patch_of(edit_of(form | typed, agent), agent)
    sent = {
        f"{name}.{part}"
        for name, value in body.items()
        if isinstance(value, dict)
        for part in value
    }
    touched = sent | set(body)
    for field in FIELDS:
        if field.settled(typed.get(field.path, form[field.path])) == form[field.path]:
            assert field.path not in touched or field.path == "models.stt"
        else:
            assert field.path in touched
    if "models" in body:
        assert body["models"]["kwargs"] == {"x": 1}
