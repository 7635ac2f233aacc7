"""The HTML plan in a real browser, from a file, as people open it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from reconciler import report
from reconciler.model.change import Plan
from tests.browser.browser import Person, chromium
from tests.report.data.fleet import fleet
from tests.report.samples import change, field, full_plan, plan

_HOSTILE = (
    "</script></style></details></pre><script>document.title='pwned'</script>"
    "<img src=x onerror=\"document.title='pwned'\"> ``` \u202e " + "W" * 400
)


@pytest.fixture(params=["light", "dark"])
def reader(chrome: Chrome, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Person]:
    person = Person(chrome, tmp_path.as_uri())
    prefer = [{"name": "prefers-color-scheme", "value": request.param}]
    chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": prefer})
    chrome.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    person.log()
    yield person
    assert person.log() == []
    chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    chrome.get("about:blank")


def save(made: Plan, folder: Path) -> str:
    (folder / "plan.html").write_text(report.plan_html(made), "utf-8")
    return "/plan.html"


def cards(person: Person) -> list[str]:
    """Return the ids of the cards that are shown."""
    found = person.chrome.find_elements(By.CSS_SELECTOR, "details.card:not([hidden])")
    return [one.get_attribute("id") or "" for one in found]


def opened(person: Person) -> int:
    return len(person.chrome.find_elements(By.CSS_SELECTOR, "details.card[open]:not([hidden])"))


@pytest.mark.parametrize("width", [390, 1280])
def test_a_plan_of_a_hundred_agents_opens_and_fits(
    reader: Person, tmp_path: Path, width: int
) -> None:
    path = save(fleet(100), tmp_path)
    reader.narrow(width)
    reader.open(path)
    assert len(cards(reader)) == 107
    assert reader.width <= width
    reader.control("expand").click()
    assert opened(reader) == 107
    assert reader.width <= width


@pytest.mark.parametrize("width", [390, 1280])
def test_hostile_text_neither_acts_nor_widens_the_page(
    reader: Person, tmp_path: Path, width: int
) -> None:
    fields = (
        field("system_prompt", "a\nb\n", _HOSTILE + "\nc\n"),
        field("W" * 90, _HOSTILE[:90], "W" * 90),
    )
    more = {"name": _HOSTILE, "blocked": _HOSTILE, "name_from": _HOSTILE, "key_from": "W" * 300}
    made = plan(change(_HOSTILE, full_plan().changes[1].action, *fields, **more))
    reader.narrow(width)
    reader.open(save(made, tmp_path))
    assert reader.chrome.title == "Plan for production"
    assert _HOSTILE[:70] in reader.text
    assert "\\u202e" in reader.text
    assert reader.width <= width


def test_changes_are_found_by_kind_and_by_key(reader: Person, tmp_path: Path) -> None:
    reader.open(save(fleet(30), tmp_path))
    drift = reader.chrome.find_element(By.CSS_SELECTOR, "button.tile.drift")
    drift.click()
    assert len(cards(reader)) == 4
    assert "4 of 37 changes shown" in reader.text
    reader.type("find", "SALES desk")
    assert cards(reader) == ["change-2"]
    reader.control("find").clear()
    drift.click()
    reader.append("find", "agent-01")
    assert len(cards(reader)) == 10
    reader.control("collapse").click()
    assert opened(reader) == 0


def test_a_warning_leads_to_its_change(reader: Person, tmp_path: Path) -> None:
    reader.open(save(fleet(30), tmp_path))
    reader.chrome.find_element(By.PARTIAL_LINK_TEXT, "old/bot").click()
    card = reader.control("change-6")
    assert card.get_attribute("open") is not None
    assert "is deleted" in card.text


@pytest.mark.parametrize("reader", ["dark"], indirect=True)
def test_all_of_it_is_printed_though_it_is_closed(reader: Person, tmp_path: Path) -> None:
    reader.open(save(fleet(100), tmp_path))
    pdf = base64.b64decode(reader.chrome.execute_cdp_cmd("Page.printToPDF", {})["data"])
    assert pdf.startswith(b"%PDF")
    # Closed, a hundred cards take a few pages.
    assert pdf.count(b"/Type /Page\n") > 50
    media = {"media": "print", "features": []}
    reader.chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    reader.narrow(718)
    folded = reader.chrome.find_element(By.CSS_SELECTOR, "#change-20 .fold pre")
    assert folded.rect["height"] > 10
    assert not reader.control("tools").is_displayed()
    assert reader.width <= 718


def test_all_of_it_is_read_and_printed_without_scripts(tmp_path: Path) -> None:
    path = save(fleet(30), tmp_path)
    with chromium(tmp_path / "profile", scripts=False) as chrome:
        person = Person(chrome, tmp_path.as_uri())
        person.open(path)
        assert not person.control("tools").is_displayed()
        card = person.control("change-10")
        card.find_element(By.TAG_NAME, "summary").click()
        assert "calmly, in short sentences" in card.text
        pdf = base64.b64decode(chrome.execute_cdp_cmd("Page.printToPDF", {})["data"])
        assert pdf.count(b"/Type /Page\n") > 15
