"""The page in a real browser."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.browser.browser import Person
from tests.sandbox.api import agent
from tests.sandbox.pages import KEY, page_of
from tests.sandbox.served import Served

_TEXTS = [
    "\n\nbegins with line ends\r\nand has\rall kinds\n",
    "</textarea><script>document.title = 'pwned'</script>",
    "tabs\t, spaces  , \u00a0, \u2028, \x0c, \x0b, \U0001f600, &amp; and {{name}} ",
    "nul \x00 and bell \x07",
]


def make(served: Served, **fields: Any) -> dict[str, Any]:
    answer = httpx.post(f"{served.url}/v1/agents", json=agent(**fields), headers=KEY)
    made: dict[str, Any] = answer.json()
    assert answer.status_code == 201, made
    return made


def live(served: Served) -> list[dict[str, Any]]:
    agents: list[dict[str, Any]] = httpx.get(f"{served.url}/v1/agents", headers=KEY).json()
    return agents


def test_a_greeting_is_edited_and_an_agent_deleted_by_clicking(
    served: Served, person_without_scripts: Person
) -> None:
    person = person_without_scripts
    make(served, name="Desk")
    make(served, name="Clinic")
    person.open()
    person.follow("Desk")
    person.type("greeting", "Good morning!")
    person.press("Save changes")
    assert "Saved: greeting." in person.text
    assert person.value("greeting") == "Good morning!"
    person.follow("All agents")
    assert "Good morning!" in person.text
    person.delete("Clinic")
    assert "The agent is deleted." in person.text
    assert [(one["name"], one["greeting"]) for one in live(served)] == [("Desk", "Good morning!")]


def test_a_refusal_is_read_mended_and_saved(served: Served, person: Person) -> None:
    one = make(served)
    person.open(page_of(one["id"]))
    person.type("region", "Mars!")
    person.type("greeting", "Hi")
    person.press("Save changes")
    assert "Input should be one of" in person.text
    assert person.control("region").get_attribute("aria-invalid") == "true"
    person.type("region", "ap-south")
    person.press("Save changes")
    assert "Saved: greeting, region." in person.text


@pytest.mark.parametrize("text", _TEXTS)
def test_a_browser_gives_back_what_nobody_touched(
    served: Served, person: Person, text: str
) -> None:
    one = make(served, name=text, system_prompt=text, greeting=text, inbound_greeting=text)
    person.open(page_of(one["id"]))
    assert "pwned" not in person.chrome.title.removeprefix(text)
    person.press("Save changes")
    assert "Nothing was changed" in person.text
    person.type("language", "de")
    person.press("Save changes")
    (after,) = live(served)
    assert {name for name in after if after[name] != one[name]} == {"language", "updated_at"}


def test_a_line_added_to_a_prompt_is_all_that_changes(served: Served, person: Person) -> None:
    one = make(served, system_prompt="\none\r\ntwo".replace("\n", "\r\n").replace("\r\r", "\r"))
    person.open(page_of(one["id"]))
    person.append("system_prompt", "\nthree")
    person.press("Save changes")
    assert live(served)[0]["system_prompt"] == "\r\none\r\ntwo\r\nthree"


def test_hostile_texts_stay_texts(served: Served, person: Person) -> None:
    hostile = "</textarea><img src=x onerror=\"document.title='pwned'\"><script>document.title='pwned'</script>"
    one = make(served, name="x" + hostile, greeting=hostile, system_prompt=hostile)
    for path in ("/", page_of(one["id"]), f"{page_of(one['id'])}/delete"):
        person.open(path)
        assert person.chrome.title != "pwned"
        assert hostile in person.text or hostile in person.value("greeting")


def test_a_page_elsewhere_can_not_delete_an_agent(served: Served, person: Person) -> None:
    one = make(served)
    person.open(f"{page_of(one['id'])}/delete")
    token = person.chrome.find_element("name", "token").get_property("value")
    action = f"{served.url}{page_of(one['id'])}/delete"
    attack = f"<form method=post action='{action}'><input name=token value='{token}'><button>x"
    person.chrome.get(f"data:text/html,{attack}")
    person.press("x")
    assert "from its own page only" in person.text
    assert len(live(served)) == 1


def test_nothing_is_asked_of_other_hosts_and_nothing_is_missing(
    served: Served, person: Person
) -> None:
    one = make(served)
    person.log()
    for path in ("/", page_of(one["id"])):
        person.open(path)
        assert person.log() == []
    assert [seen["path"] for seen in httpx.get(f"{served.url}/_sandbox/requests").json()] == [
        "/v1/agents"
    ]


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_no_page_is_wider_than_the_screen(served: Served, person: Person, width: int) -> None:
    wide = "W" * 200
    one = make(served, name=wide, greeting=wide, language=wide[:10])
    person.narrow(width)
    for path in ("/", page_of(one["id"]), f"{page_of(one['id'])}/delete"):
        person.open(path)
        assert person.width <= width, path
