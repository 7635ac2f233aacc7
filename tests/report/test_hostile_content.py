"""What no content may do to any output, whatever it is."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from reconciler import report
from reconciler.errors import LiveError, Problem, SpecsInvalid
from reconciler.model.change import Action, Origin, Plan
from reconciler.model.drift import DriftReport
from reconciler.model.outcome import Outcome
from tests.report import strategies
from tests.report.samples import change, field, plan

CONTROL = re.compile(
    "[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f\\u200b-\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff]"
)
STYLE = re.compile(r"\x1b\[[0-9;]*m")
# Only the text strategies' own ESC sequences could hide here: they come out spelt, never raw.
OURS = re.compile(r"\x1b\[(0|1|2|31|32|33|35|36|1;31|1;35|1;31;7|1;32;7)m")


def assert_inert(text: str) -> None:
    assert not CONTROL.search(OURS.sub("", text))
    assert "##[" not in text
    assert "##vso[" not in text
    assert not any(line.strip().startswith("::") for line in text.split("\n"))
    assert strategies.CANARY not in text


def assert_safe_markdown(part: str) -> None:
    """Judged by a CommonMark parser: outside content is only ever in code."""
    opened = 0
    for token in MarkdownIt("gfm-like", {"linkify": False}).parse(part):
        if token.type == "html_block":
            opened += token.content.count("<details>") - token.content.count("</details>")
            assert set(re.findall(r"</?[^>]+>", token.content)) <= {
                "<details>", "</details>", "<summary>", "</summary>", "<code>", "</code>", "<b>", "</b>"
            }  # fmt: skip
            assert 0 <= opened <= 1
        if token.type == "fence":
            assert token.info in {"diff", "text"}
        if token.type == "inline":
            assert not {c.type for c in token.children or ()} & {
                "link_open",
                "image",
                "code_inline",
            }
            assert "@" not in token.content
    assert opened == 0


@settings(max_examples=150, deadline=None)
@given(made=strategies.plans, color=st.booleans(), verbose=st.booleans())
def test_a_plan_shows_no_control_character_no_command_and_no_secret(
    *, made: Plan, color: bool, verbose: bool
) -> None:
    assert_inert(report.plan_text(made, color=color, verbose=verbose, width=80))
    document = report.dump(report.plan_json(made))
    assert_inert(document)
    json.loads(document)


@settings(max_examples=150, deadline=None)
@given(strategies.plans, st.sampled_from([None, 8_000, 65_536]))
def test_no_plan_breaks_out_of_its_markdown(made: Plan, limit: int | None) -> None:
    for part in report.plan_markdown(made, limit=limit):
        assert limit is None or len(part) <= limit
        assert_inert(part)
        assert_safe_markdown(part)


@settings(max_examples=80, deadline=None)
@given(outcome=strategies.outcomes(), color=st.booleans())
def test_an_outcome_is_as_safe_as_a_plan(*, outcome: Outcome, color: bool) -> None:
    assert_inert(report.outcome_text(outcome, color=color))
    document = report.dump(report.outcome_json(outcome))
    assert_inert(document)
    assert all(c["result"] for c in json.loads(document)["changes"])
    for part in report.outcome_markdown(outcome, limit=8_000):
        assert_inert(part)
        assert_safe_markdown(part)


@settings(max_examples=80, deadline=None)
@given(drift=strategies.drifts, color=st.booleans(), strict=st.booleans())
def test_a_drift_report_is_as_safe_as_a_plan(
    *, drift: DriftReport, color: bool, strict: bool
) -> None:
    assert_inert(report.drift_text(drift, color=color, strict=strict, verbose=strict))
    document = report.dump(report.drift_json(drift))
    assert_inert(document)
    json.loads(document)
    for part in report.drift_markdown(drift, strict=strict):
        assert_inert(part)
        assert_safe_markdown(part)


@settings(max_examples=150, deadline=None)
@given(strategies.problems, st.integers(20, 120))
def test_problems_show_no_control_character_and_no_command(
    problems: list[Problem], width: int
) -> None:
    assert_inert(report.problems_text(problems, width=width))
    assert_inert(report.dump(report.problems_json(problems)))
    assert_inert(report.dump(report.problems_sarif(problems, version="1")))
    commands = report.problems_github(problems)
    assert not CONTROL.search(commands)
    lines = commands.split("\n") if problems else []
    assert len(lines) == len(problems)
    assert all(line.startswith(("::error ", "::warning ")) for line in lines)
    if problems:
        assert_inert(report.error_text(SpecsInvalid(problems)))
        assert_inert(report.dump(report.error_json(SpecsInvalid(problems))))


@given(strategies.texts)
def test_an_error_of_the_api_is_shown_without_what_could_act(text: str) -> None:
    error = LiveError(text, status=500, code=text, fields=[text], request_id=text, hint=text)
    assert_inert(report.error_text(error))
    assert_inert(report.dump(report.error_json(error)))


@given(strategies.texts)
def test_json_keeps_every_character_of_a_text_for_a_parser(text: str) -> None:
    made = plan(change("k", Action.UPDATE, field("greeting", "x", text)))
    read = json.loads(report.dump(report.plan_json(made)))
    assert read["changes"][0]["fields"][0]["after"] == re.sub("[\\ud800-\\udfff]", "\ufffd", text)


NASTY = (
    "\u202eEvil\u202c `````` </details>\n::error file=a::owned\n@everyone <script>alert(1)</script>\n"
    "```\n</details>\n[link](http://evil) ##[error]x \x1b]0;title\x07\n"
)


@pytest.mark.parametrize("action", [Action.CREATE, Action.UPDATE])
def test_a_prompt_of_200_kb_is_bounded_and_inert_in_markdown(action: Action) -> None:
    prompt = NASTY * (200_000 // len(NASTY))
    made = plan(
        change("k", action, field("system_prompt", "Old.\n", prompt, Origin.DRIFT)),
        change("l", action, field("system_prompt", "Old.", "`" * 200_000)),
        change("m", action, field("greeting", prompt, prompt.replace("Evil", "Good"))),
    )
    (part,) = report.plan_markdown(made)
    assert len(part) < 65_536
    assert_inert(part)
    assert_safe_markdown(part)
    assert len(report.plan_text(made)) < 65_536


def test_a_large_plan_is_split_at_the_hosts_limit_and_each_part_stands_alone() -> None:
    fields = [field(f"models.llm_kwargs.k{i}", "a" * 70, "b" * 70) for i in range(150)]
    made = plan(*(change(f"agent/{i}", Action.UPDATE, *fields, name=f"A{i}") for i in range(20)))
    parts = report.plan_markdown(made, limit=65_536)
    assert len(parts) > 1
    for number, part in enumerate(parts, 1):
        assert len(part) <= 65_536
        assert part.startswith(
            f"### Plan for <code>production</code> (part {number} of {len(parts)})"
        )
        assert_safe_markdown(part)
    joined = "".join(parts)
    assert all(joined.count(f"models.llm_kwargs.k{i}:") == 40 for i in range(150))


def test_a_limit_that_holds_no_frame_is_refused() -> None:
    with pytest.raises(ValueError, match="too small"):
        report.plan_markdown(plan(), limit=100)


def test_a_literal_secret_that_slipped_in_is_masked_wherever_it_stands() -> None:
    tool = {"type": "webhook", "name": "t", "auth": {"type": "bearer", "token": "s3cret-canary"}}
    made = plan(
        change("a", Action.CREATE, field("tools", None, [tool]), field("slng_api_key", "s3cret-canary", "s3cret-canary")),
        change("b", Action.UPDATE, field("tools", [tool], [{**tool, "url": "x"}])),
        change("c", Action.UPDATE, field("x", "s3cret-canary", "s3cret-canary", secret=True)),
    )  # fmt: skip
    for text in (
        report.plan_text(made, verbose=True),
        report.dump(report.plan_json(made)),
        *report.plan_markdown(made),
    ):
        assert "s3cret-canary" not in text
        assert "(secret)" in text


def test_control_characters_are_made_visible_and_newlines_kept() -> None:
    assert report.escape("a\tb\r\nc\x1b[0m\x9b\u202e\u200d\ud800\U000e0041é日") == (
        "a\\tb\\r\nc\\x1b[0m\\x9b\\u202e\\u200d\\ud800\\U000e0041é日"
    )
