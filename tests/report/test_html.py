"""What the HTML plan says."""

import re
import subprocess
import sys
from html import unescape

import pytest

from reconciler import report
from reconciler.model.change import Action, Approval, Origin, Plan
from reconciler.model.values import ABSENT, SecretRef
from tests.report.data.fleet import LONG, LONG_AFTER, fleet
from tests.report.data.markup import texts_of, tree_of
from tests.report.samples import change, field, full_plan, plan


def told(made: Plan) -> str:
    return " ".join(texts_of(report.plan_html(made)).split())


def test_everything_of_a_plan_is_told_guards_first() -> None:
    text = told(full_plan())
    order = [
        "Plan for production", "1 to create, 1 to adopt, 2 to update", "Refused by 1 guard",
        "7 of 20 agents", "Way out: --allow-deletes 7", "1 agent will be deleted old/bot",
        "1 field changed live and in git; git wins sales/desk", "1 change blocked clinic/night",
        "1 field changed live since the last apply; git wins sales/desk", "1 warning",
        'create support/router "Support router"', "Declared fields",
        "slng_api_key (secret) from SLNG_RUNTIME_KEY", 'update sales/desk "Desk"',
        'renamed from "Old desk"', "region conflict", "greeting drift", "template_defaults.a unknown",
        "tools.hangup.auth.token git (secret) changed, from CRM_TOKEN", "back to the API's default",
        "tools.check_order git added", "Blocked: no trunk", "The live agent 1f0c2a stays as it is",
        "moved from old/key", "The live agent 1f0c2a is deleted.", "is kept, no longer managed.",
        "2 unmanaged agents, left alone", '"Playground" 9a', "Digest abc",
    ]  # fmt: skip
    place = 0
    for words in order:
        assert words in text[place:], f"{words!r} is not told after {text[:place][-80:]!r}"
        place = text.index(words, place)


def test_a_plan_without_memory_says_so_first_and_allowances_are_named() -> None:
    text = told(plan(ledger_id=None, approval=Approval(deletes=7, empty=True)))
    assert text.index("No memory. This plan has no memory") < text.index("--allow-deletes 7")
    assert "--allow-empty" in text
    assert "Nothing to do." in text


def test_a_prompt_stands_side_by_side_with_its_words_marked_and_the_rest_folded() -> None:
    page = report.plan_html(
        plan(change("k", Action.UPDATE, field("system_prompt", LONG, LONG_AFTER)))
    )
    row = "<td>8</td><td>- Speak <del>slowly and clearly</del>.</td>"
    assert f"{row}<td>8</td><td>- Speak <ins>calmly, in short sentences</ins>.</td>" in page
    assert "<td></td><td></td><td>17</td><td>- Solar panels</td>" in page
    assert "<td>10</td><td>- Ask one question at a time.</td><td></td><td></td>" in page
    assert "<summary>4 unchanged lines</summary><pre>\n# Router\n" in page


def test_no_line_of_either_side_is_lost() -> None:
    page = report.plan_html(
        plan(change("k", Action.UPDATE, field("system_prompt", LONG, LONG_AFTER)))
    )
    folded = [
        line
        for fold in re.findall(r"<pre>\n(.*?)</pre>", page, re.DOTALL)
        for line in fold.split("\n")
    ]
    rows = re.findall(r"<tr.*?><td>(\d*)</td><td>(.*?)</td><td>(\d*)</td><td>(.*?)</td></tr>", page)
    for number, text, side in ((0, 1, LONG), (2, 3, LONG_AFTER)):
        lines = side.removesuffix("\n").split("\n")
        shown = {
            int(row[number]): unescape(re.sub("<.*?>", "", row[text]))
            for row in rows
            if row[number]
        }
        assert all(lines[at - 1] == line for at, line in shown.items())
        assert sorted([*shown.values(), *folded]) == sorted(lines)


def test_a_structure_is_compared_as_deep_as_it_goes_and_a_new_one_laid_out() -> None:
    text = told(
        plan(
            change("k", Action.UPDATE, field("template_defaults", {"a": 1, "b": True}, {"a": "1", "b": 1})),
            change("l", Action.UPDATE, field("x", ABSENT, {"k": ["v" * 99, {"n": None}], "p": "a\nb"})),
        )
    )  # fmt: skip
    assert 'template_defaults.a git before: 1 after: "1"' in text
    assert "template_defaults.b git before: true after: 1" in text
    assert f'k: - "{"v" * 99}" - n: null p: | a b' in text


@pytest.mark.parametrize(("before", "after"), [(None, ""), ("", None), (ABSENT, []), ({}, ABSENT)])
def test_absent_null_and_empty_are_told_apart(before: object, after: object) -> None:
    words = {"None": "null", "": '""', "[]": "[]", "{}": "{}", "ABSENT": "absent"}
    text = told(plan(change("k", Action.UPDATE, field("greeting", before, after))))
    left, right = (words[repr(s) if s != "" else ""] for s in (before, after))
    assert f"before: {left} after: {right}" in text


def test_no_secret_is_on_the_page() -> None:
    tool = {"type": "webhook", "name": "t", "auth": {"type": "bearer", "token": "s3cret-canary"}}
    made = plan(
        change("a", Action.CREATE, field("tools", None, [tool]), field("slng_api_key", "s3cret-canary", "s3cret-canary")),
        change("b", Action.UPDATE, field("tools", [tool], [{**tool, "url": "x" * 200}])),
        change("c", Action.UPDATE, field("x", "s3cret-canary", SecretRef("env", "X"), Origin.UNKNOWN, secret=True)),
    )  # fmt: skip
    page = report.plan_html(made)
    assert "s3cret-canary" not in page
    assert "(secret) unverified, from X" in told(made)


def test_small_plans_stand_open_and_large_ones_open_what_needs_an_eye() -> None:
    opened = [e["id"] for e in tree_of(report.plan_html(fleet(2))) if "open" in e and "id" in e]
    assert len(opened) == 9
    opened = [e["id"] for e in tree_of(report.plan_html(fleet(100))) if "open" in e and "id" in e]
    assert opened == ["change-2", "change-3"]


def test_the_page_is_the_same_in_every_process() -> None:
    code = "from reconciler import report; from tests.report.data.fleet import fleet; print(report.plan_html(fleet(9)))"
    command = [sys.executable, "-c", code]
    runs = [subprocess.run(command, check=True, capture_output=True).stdout for _ in range(2)]
    assert runs[0] == runs[1]
    assert runs[0].decode().removesuffix("\n") == report.plan_html(fleet(9))


def test_a_thousand_changes_make_a_page_that_a_browser_takes() -> None:
    assert len(report.plan_html(fleet(1000))) < 16_000_000
