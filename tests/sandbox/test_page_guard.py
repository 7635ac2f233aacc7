"""No web page elsewhere reads or changes a sandbox that runs on a person's machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.sandbox import SandboxOptions, is_loopback
from tests.sandbox.pages import BASE, KEY, Visitor, page_of

_FOREIGN = (
    {"origin": "https://evil.example"},
    {"origin": "http://127.0.0.1:9999"},
    {"origin": "null"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
)


@pytest.mark.parametrize("headers", _FOREIGN, ids=str)
def test_a_form_on_another_page_changes_nothing(visitor: Visitor, headers: dict[str, str]) -> None:
    one = visitor.create()
    page = visitor.agent_page(one["id"])
    for form in [*page.forms, *visitor.see(f"{page_of(one['id'])}/delete").forms]:
        typed = {"greeting": "Bought!"} if "greeting" in form.values else {}
        answer = visitor.send("POST", form.action, form.sent(**typed), headers)
        assert answer.status_code == 403
    assert visitor.list() == [one]


@pytest.mark.parametrize("headers", _FOREIGN, ids=str)
def test_the_strings_behind_the_stage_are_out_of_its_reach_too(
    visitor: Visitor, headers: dict[str, str]
) -> None:
    one = visitor.create()
    for path in (f"/_sandbox/agents/{one['id']}", "/_sandbox/faults", "/_sandbox/calls"):
        assert visitor.send("POST", path, {}, headers).status_code == 403


@pytest.mark.parametrize("token", [None, "", "guessed", "é"])
def test_a_form_that_this_process_did_not_make_changes_nothing(
    visitor: Visitor, token: str | None
) -> None:
    one = visitor.create()
    page = visitor.agent_page(one["id"])
    for form in [*page.forms, *visitor.see(f"{page_of(one['id'])}/delete").forms]:
        given = {name: text for name, text in form.sent().items() if name != "token"}
        given |= {"greeting": "Bought!"} | ({} if token is None else {"token": token})
        answer = visitor.send("POST", form.action, given, {"origin": BASE})
        assert answer.status_code == 403
        assert "reload the page" in answer.text
    assert visitor.list() == [one]


def test_a_form_is_good_for_one_process_only(database: Path) -> None:
    first, second = Visitor(database), Visitor(database)
    one = first.create()
    form = first.agent_page(one["id"]).form(page_of(one["id"]))
    assert second.submit(form, greeting="Hi").status == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8750", "127.0.0.1.evil.example", "10.0.0.1", "", "[oops"]
)
def test_a_foreign_name_that_points_here_sees_no_page(visitor: Visitor, host: str) -> None:
    one = visitor.create()
    for path in ("/", "/_sandbox", "/_sandbox/", page_of(one["id"]), "/_sandbox/page/style.css"):
        assert visitor.send("GET", path, headers={"host": host}).status_code == 421


@pytest.mark.parametrize("host", ["localhost:8750", "127.8.9.1", "[::1]:8750", "a.localhost"])
def test_the_page_answers_to_every_name_of_this_machine(visitor: Visitor, host: str) -> None:
    assert visitor.send("GET", "/_sandbox/", headers={"host": host}).status_code == 200


def test_served_on_loopback_the_api_hides_from_foreign_names_as_well(database: Path) -> None:
    served = Visitor(database, SandboxOptions(host="127.0.0.1"))
    for path in ("/v1/agents", "/_sandbox/requests"):
        answer = served.send("GET", path, headers={"host": "evil.example"} | KEY)
        assert answer.status_code == 421
        assert "evil.example" in answer.text
        assert served.send("GET", path, headers=KEY).status_code == 200


def test_exposed_under_a_name_the_page_answers_to_that_name(database: Path) -> None:
    served = Visitor(database, SandboxOptions(host="Sandbox"))
    assert served.send("GET", "/_sandbox/", headers={"host": "sandbox:8750"}).status_code == 200
    assert served.send("GET", "/_sandbox/", headers={"host": "other:8750"}).status_code == 421
    # A container may be known by any name, and an API client sends no one's key by accident.
    assert served.send("GET", "/v1/agents", headers={"host": "other:8750"} | KEY).status_code == 200


def test_answers_forbid_scripts_frames_and_everything_from_elsewhere(visitor: Visitor) -> None:
    one = visitor.create()
    refused = visitor.edit(one["id"], region="Mars!")
    for headers in (visitor.see().headers, visitor.agent_page(one["id"]).headers, refused.headers):
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script" not in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert "form-action 'self'" in policy
        assert headers["x-content-type-options"] == "nosniff"


def test_pages_need_no_script_no_inline_style_and_nothing_from_elsewhere(visitor: Visitor) -> None:
    one = visitor.create()
    for path in ("/_sandbox/", page_of(one["id"]), f"{page_of(one['id'])}/delete"):
        html = visitor.see(path).html
        for foreign in ("<script", "<style", "style=", "onclick", 'src="http', 'href="http'):
            assert foreign not in html


@pytest.mark.parametrize("content", [b"\xff", b"a=%FF", b"&".join(b"a=1" for _ in range(999))])
def test_what_is_no_form_is_refused_politely(visitor: Visitor, content: bytes) -> None:
    one = visitor.create()
    headers = {"host": "127.0.0.1"}
    answer = visitor.call("POST", page_of(one["id"]), headers=headers, content=content)
    assert answer.status_code == 400
    assert "no form" in answer.text


@pytest.mark.parametrize(
    ("host", "is_one"),
    [("127.0.0.1", True), ("::1", True), ("LOCALHOST", True), ("0.0.0.0", False),  # noqa: S104  # what is tested
     ("::", False), ("192.168.1.5", False), ("sandbox", False), ("localhost.evil.example", False)],
)  # fmt: skip
def test_loopback_is_told_from_the_world(host: str, is_one: bool) -> None:  # noqa: FBT001  # a parameter of pytest
    assert is_loopback(host) is is_one
