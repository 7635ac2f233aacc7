"""What no content may do to the HTML plan."""

import base64
import hashlib
import re

import pytest
from hypothesis import given, settings

from reconciler import report
from reconciler.model.change import Action, Origin, Plan
from tests.report import strategies
from tests.report.data.fleet import fleet
from tests.report.data.markup import read
from tests.report.samples import change, field, live, plan
from tests.report.test_hostile_content import NASTY, assert_inert

OURS = {
    "html", "head", "meta", "title", "style", "body", "a", "header", "div", "h1", "span", "p", "main",
    "section", "h2", "h3", "h4", "ul", "li", "code", "strong", "details", "summary", "button", "b", "i",
    "label", "input", "pre", "table", "colgroup", "col", "tbody", "tr", "td", "del", "ins", "mark",
    "footer", "script",
}  # fmt: skip


def assert_sound(page: str) -> None:
    reader = read(page)
    assert {element["tag"] for element in reader.elements} <= OURS
    assert [e["tag"] for e in reader.elements].count("script") == 1
    assert not any("src" in e for e in reader.elements)
    assert all(e["href"].startswith("#") for e in reader.elements if "href" in e)
    assert_inert(page)


@settings(max_examples=60, deadline=None)
@given(strategies.plans)
def test_no_plan_breaks_out_of_its_page(made: Plan) -> None:
    page = report.plan_html(made)
    assert_sound(page)
    assert page == report.plan_html(made)


def test_the_policy_lets_in_our_script_and_style_and_nothing_else() -> None:
    reader = read(report.plan_html(fleet(1)))
    (policy,) = (e["content"] for e in reader.elements if "http-equiv" in e)
    hashes = {
        kind: base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for kind, text in reader.codes.items()
    }
    assert policy == (
        f"default-src 'none'; script-src 'sha256-{hashes['script']}';"
        f" style-src 'sha256-{hashes['style']}'; base-uri 'none'; form-action 'none'"
    )
    assert not re.search(r"url\(|@import|https?:", reader.codes["style"] + reader.codes["script"])


def test_an_override_of_direction_is_seen_and_marked() -> None:
    prompt = "a\n\u202eevil\u202c\n"
    page = report.plan_html(
        plan(change("k", Action.UPDATE, field("system_prompt", "a\nb\n", prompt)))
    )
    assert "<i>\\u202e</i>evil<i>\\u202c</i>" in page


@pytest.mark.parametrize("action", [Action.CREATE, Action.UPDATE, Action.ADOPT])
def test_a_prompt_of_200_kb_is_bounded_and_inert(action: Action) -> None:
    prompt = NASTY * (200_000 // len(NASTY))
    made = plan(
        change("k", action, field("system_prompt", "Old.\n", prompt, Origin.DRIFT)),
        change("l", action, field("system_prompt", "Old.", "`" * 200_000)),
        change("m", action, field("greeting", prompt, prompt.replace("Evil", "Good"))),
        change("n", action, field("tools", None, {"x": NASTY, NASTY: [prompt]})),
        change(NASTY, action, name=NASTY, name_from=NASTY, key_from=NASTY, blocked=NASTY),
        warnings=(NASTY,),
        unmanaged=(live(NASTY, NASTY),),
    )
    page = report.plan_html(made)
    assert len(page) < 2_500_000
    assert_sound(page)


def test_a_hundred_prompts_of_200_kb_make_a_page_that_opens() -> None:
    prompt = "Speak slowly and clearly to every caller, whoever it is.\n" * 3_500
    after = prompt.replace("slowly", "calmly", 700)
    page = report.plan_html(
        plan(
            *(
                change(f"a/{n}", Action.UPDATE, field("system_prompt", prompt, after))
                for n in range(100)
            )
        )
    )
    assert len(page) < 16_000_000
    assert "more changed lines" in page
