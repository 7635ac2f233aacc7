from typing import Any

import pytest

from reconciler.errors import ExitCode
from reconciler.model.change import Action, Guard, Origin
from reconciler.model.outcome import ChangeOutcome, Outcome, Result
from reconciler.model.values import ABSENT, SecretRef
from reconciler.report import outcome_text, plan_text
from tests.report.samples import PROMPT, PROMPT_AFTER, WEBHOOK, change, field, full_plan, live, plan


def lines_of(*changes: Any, **more: Any) -> list[str]:
    return plan_text(plan(*changes), **more).split("\n")


def test_a_whole_plan_reads_well() -> None:
    text = plan_text(full_plan())
    assert text.startswith(
        "Plan for production, organisation 550e8400-e29b-41d4-a716-446655440000\n"
        "\n"
        "! 7 of 20 agents would be deleted; `deletion.max_count` allows 5. [DELETES]\n"
        "  Way out: --allow-deletes 7\n"
        "  Nothing is written as long as this stands.\n"
        "\n"
        '+ create  support/router  "Support router"\n'
        '    language                       "en"\n'
    )
    assert (
        "\n"
        '~ update  sales/desk  "Desk"  renamed from "Old desk"\n'
        "  changed live and in git since the last apply; git wins:\n"
        '    region                   "us-east" → "eu-central" (conflict)\n'
        "  changed live since the last apply; git wins:\n"
        '    greeting                 "Hi, who is this?" → "Hello, who is speaking?" (drift)\n'
        "  differs, and nothing is remembered of who changed it; git wins:\n"
        "    template_defaults.a      1 → 2 (unknown)\n"
        "  changed in git:\n"
        '    name                     "Old desk" → "Desk" (git)\n'
        '    models.tts_voice         "aura-2-thalia-en" → "aura-2-luna-en" (git)\n'
        "    system_prompt            16 → 17 lines (git)\n"
        "      ⋯ line 6\n"
        "        ## Rules\n"
        "\n"
        "      - - Speak [-slowly and clearly-].\n"
        "      + - Speak {+calmly, in short sentences+}.\n"
    ) in text
    assert (
        '= adopt   shop/host  "Host"  live agent 1f0c2a, nothing is written\n'
        '= rekey   new/key  "Moved"  moved from old/key\n'
        '- delete  old/bot  "Old bot"  live agent 1f0c2a\n'
        '= forget  old/kept  "Kept"  live agent 1f0c2a is kept, no longer managed\n'
    ) in text
    assert text.endswith(
        'Unmanaged, left alone: "Playground", "Test of Ann"\n'
        "\n"
        "Plan: 1 to create, 1 to adopt, 2 to update, 1 to delete, 1 to rekey, 1 to forget "
        "(1 of them blocked), 3 unchanged; 2 unmanaged agents are left alone.\n"
        "Refused by 1 guard: see the top."
    )


def test_a_plan_without_memory_says_so_on_its_first_line() -> None:
    guard = Guard("X", "no", "way")
    first, second, *_ = plan_text(plan(ledger_id=None, guards=(guard,))).split("\n")
    assert first.startswith("This plan has no memory")
    assert second.startswith("Plan for production")


@pytest.mark.parametrize(
    ("unchanged", "unmanaged", "sentence"),
    [
        (5, 0, "No changes. 5 agents are as their specs say."),
        (1, 0, "No changes. 1 agent is as its spec says."),
        (0, 0, "No changes. There are no specs."),
        (2, 1, "No changes. 2 agents are as their specs say; 1 unmanaged agent is left alone."),
    ],
)
def test_a_plan_with_nothing_to_do_says_so(unchanged: int, unmanaged: int, sentence: str) -> None:
    made = plan(unchanged=("k",) * unchanged, unmanaged=(live(),) * unmanaged, organisation_id=None)
    text = plan_text(made)
    assert text.split("\n")[0] == "Plan for production"
    assert text.split("\n")[-1] == sentence


def test_the_summary_counts_what_there_is() -> None:
    made = plan(
        change("a", Action.CREATE),
        change("b", Action.CREATE),
        change("c", Action.UPDATE, field("greeting")),
        change("d", Action.DELETE),
        unchanged=("k",) * 12,
        unmanaged=(live(),) * 3,
    )
    assert plan_text(made).split("\n")[-1] == (
        "Plan: 2 to create, 1 to update, 1 to delete, 12 unchanged; "
        "3 unmanaged agents are left alone."
    )


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        (ABSENT, None, "absent → null"),
        (None, [], "null → []"),
        ([], {}, "[] → {}"),
        ("", "null", '"" → "null"'),
        ("1", 1, '"1" → 1'),
        (True, 1.5, "true → 1.5"),
        (["a"], ["a", None], '["a"] → ["a", null]'),
        ("Hi", ABSENT, '"Hi" → absent'),
        ([], {"b": 1, "type": "x"}, '[] → {type: "x", b: 1}'),
    ],
)
def test_null_absent_and_empty_are_told_apart(before: Any, after: Any, shown: str) -> None:
    (line,) = [
        text
        for text in lines_of(change("k", Action.UPDATE, field("x", before, after)))
        if "→" in text
    ]
    assert line == f"    x  {shown} (git)"


def test_a_reset_says_where_the_value_goes() -> None:
    made = change("k", Action.UPDATE, field("models.llm_kwargs", {"t": 1}, {}, reset=True))
    assert "    models.llm_kwargs  {t: 1} → {}, back to the API's default (git)" in lines_of(made)


@pytest.mark.parametrize(
    ("origin", "reset", "after", "words"),
    [
        (Origin.GIT, False, SecretRef("env", "T"), "(secret) changed, from T (git)"),
        (Origin.UNKNOWN, False, None, "(secret) unverified (unknown)"),
        (Origin.GIT, True, None, "(secret) back to the API's default (git)"),
    ],
)
def test_a_secret_shows_that_it_changed_and_nothing_else(
    *, origin: Origin, reset: bool, after: Any, words: str
) -> None:
    made = change(
        "k", Action.UPDATE, field("auth.token", "v", after, origin, reset=reset, secret=True)
    )
    assert f"    auth.token  {words}" in lines_of(made)


def test_only_the_parts_of_an_object_that_differ_are_shown() -> None:
    hangup = {"type": "template", "template": "hangup"}
    made = change(
        "k",
        Action.UPDATE,
        field("tools", [hangup, {**WEBHOOK, "url": "https://a"}], [hangup, WEBHOOK]),
        field(
            "runtime_variables",
            [{"name": "n", "description": "a"}, {"name": "gone", "description": "x"}],
            [{"name": "n", "description": "b"}],
        ),
    )
    text = "\n".join(lines_of(made))
    assert 'tools.check_order.url            "https://a" → "https://crm.example.com/orders"' in text
    assert 'runtime_variables.n.description  "a" → "b"' in text
    assert 'runtime_variables.gone           {name: "gone", description: "x"} → absent' in text
    assert "hangup" not in text


def test_tools_that_planning_keyed_by_id_are_shown_by_name() -> None:
    made = change("k", Action.UPDATE, field("tools", ABSENT, {"0a1b": WEBHOOK}))
    text = "\n".join(lines_of(made))
    assert "    tools (git)\n      + check_order  {type" in text
    assert "0a1b" not in text


def test_lists_that_differ_in_order_alone_are_shown_whole() -> None:
    same = [{"name": "a"}, {"name": "b"}]
    text = "\n".join(lines_of(change("k", Action.UPDATE, field("tools", same, same[::-1]))))
    assert '[{name: "a"}, {name: "b"}] → [{name: "b"}, {name: "a"}]' in text


def test_a_change_too_long_for_a_line_takes_one_for_each_side() -> None:
    long = [f"model-{i}" for i in range(12)]
    made = change("k", Action.UPDATE, field("models.fallbacks.llm", long, None))
    text = "\n".join(lines_of(made))
    assert "    models.fallbacks.llm (git)\n      - " in text
    assert "\n      + null\n" in text
    assert "…" in text
    assert "model-11" in "\n".join(lines_of(made, verbose=True))


def test_the_parts_of_a_long_value_stand_in_columns_even_one_without_a_name() -> None:
    long = {"": "first", "some_words": "word " * 30}
    made = change("k", Action.UPDATE, field("models.llm_kwargs.o", [1], long))
    text = "\n".join(lines_of(made))
    assert '\n      +           "first"\n      + some_words  "word ' in text


def test_a_long_line_shows_the_words_that_changed_and_little_else() -> None:
    words = " ".join(f"word{i}" for i in range(100))
    made = change("k", Action.UPDATE, field("greeting", words, words.replace("word50", "other")))
    before, after = [line for line in lines_of(made) if "word49" in line]
    assert before.startswith("      - …")
    assert "word49 [-word50-] word51" in before
    assert "word49 {+other+} word51" in after
    assert len(before) < 130
    whole = [line for line in lines_of(made, verbose=True) if "word49" in line]
    assert whole[0].startswith("      - word0 word1 ")


def test_a_rewritten_prompt_is_bounded_unless_all_of_it_is_asked_for() -> None:
    old, new = ("\n".join(f"{word} {i} {word}" for i in range(200)) for word in ("alpha", "beta"))
    made = change("k", Action.UPDATE, field("system_prompt", old, new))
    short = lines_of(made)
    assert "    system_prompt  200 lines (git)" in short
    assert "      … and more (-v shows all of it)" in short
    assert len(short) < 80
    assert len(lines_of(made, verbose=True)) > 400


def test_a_create_shortens_prompts_unless_all_is_asked_for() -> None:
    made = change(
        "k",
        Action.CREATE,
        field("name", ABSENT, "K"),
        field("system_prompt", ABSENT, PROMPT),
        field("greeting", ABSENT, "x" * 300),
        field("slng_api_key", ABSENT, ABSENT, secret=True),
        field("models.llm_kwargs", ABSENT, {"deep": {"deeper": {"deepest": "y" * 90}}}),
    )
    short = lines_of(made)
    assert '    system_prompt           "# Router" … (16 lines)' in short
    assert any("xxx… (300 characters)" in line for line in short)
    assert "    slng_api_key            (secret)" in short
    assert all(len(line) <= 100 for line in short)
    whole = lines_of(made, verbose=True)
    assert "    system_prompt           (16 lines)" in whole
    assert "      | - Ask one question at a time." in whole
    assert any("x" * 300 in line for line in whole)


def test_a_prompt_of_blank_lines_is_no_problem() -> None:
    made = change("k", Action.CREATE, field("system_prompt", ABSENT, " \n \n"))
    assert '    system_prompt  "" … (2 lines)' in lines_of(made)


def test_what_a_reviewer_should_know_stands_below_the_heading() -> None:
    made = (
        change("a", Action.CREATE, vanished=True),
        change("b", Action.UPDATE, field("name", "X", "Y"), parking={"name": "tmp-1"}, waits_for=("c",)),
        change("c", Action.ADOPT, field("greeting", "x", "y", Origin.UNKNOWN), name="C"),
        change("d", Action.FORGET, live=None),
    )  # fmt: skip
    lines = lines_of(*made)
    assert "    The agent we made vanished live since the last apply; it is created again." in lines
    assert '    For a while it takes {name: "tmp-1"}, so that others can take what it has.' in lines
    assert "    It waits for c." in lines
    assert "    The live agent 1f0c2a is not ours yet; these fields of it are overwritten." in lines
    assert '= forget  d  "Desk"  already gone live, was (no id)' in lines


def test_a_text_is_cut_by_its_width_and_not_by_its_length() -> None:
    made = change("k", Action.CREATE, field("greeting", ABSENT, "日本" * 100))
    (line,) = [text for text in lines_of(made) if "greeting" in text]
    assert line.endswith("日… (200 characters)")
    assert len(line) < 70


def test_unmanaged_agents_are_named_up_to_a_bound() -> None:
    made = plan(unmanaged=tuple(live(f"N{i}") for i in range(14)))
    assert '"N9" and 4 more' in plan_text(made)
    assert '"N13"' in plan_text(made, verbose=True)


def test_colour_marks_the_changed_words_and_changes_no_letter() -> None:
    made = change("k", Action.UPDATE, field("system_prompt", PROMPT, PROMPT_AFTER))
    text = plan_text(plan(made), color=True)
    assert "\x1b[1;31;7mslowly and clearly\x1b[0m" in text
    assert "\x1b[1;32;7mcalmly, in short sentences\x1b[0m" in text
    assert "[-" not in text
    assert "\x1b" not in plan_text(plan(made))


def test_every_change_of_an_apply_is_accounted_for() -> None:
    made = plan(*(change(key, Action.UPDATE, field("greeting")) for key in "abcde"))
    a, b, c, d, _ = made.changes
    outcome = Outcome(
        made,
        (
            ChangeOutcome(a, Result.FAILED, "not taken: region stayed us-east.", "Ask SLNG."),
            ChangeOutcome(b, Result.DONE),
            ChangeOutcome(c, Result.REFUSED, "It changed since the plan."),
            ChangeOutcome(d, Result.NOT_STARTED, "10 changes failed."),
        ),
        run_id="run-7",
    )
    assert outcome_text(outcome) == (
        "Apply to production, organisation 550e8400-e29b-41d4-a716-446655440000\n"
        '✓ update  b  "Desk"\n'
        '· update  d  "Desk"  not started\n'
        "    10 changes failed.\n"
        '· update  e  "Desk"  not started\n'
        "    Nothing is known of it.\n"
        '! update  c  "Desk"  refused\n'
        "    It changed since the plan.\n"
        '✗ update  a  "Desk"  failed\n'
        "    not taken: region stayed us-east.\n"
        "    Ask SLNG.\n"
        "\n"
        "Apply: 1 done, 1 failed, 1 refused, 2 not started.\n"
        "Recorded as run-7.\n"
        "Exit code 1: something failed; what does not depend on it went on."
    )


def test_the_end_of_an_apply_says_what_its_exit_code_means() -> None:
    made = plan(change("a"))
    done = outcome_text(Outcome(made, (ChangeOutcome(made.changes[0], Result.DONE),)))
    assert done.endswith("Apply: 1 done.\nExit code 0: all that was asked for is done.")
    refused = Outcome(made, (ChangeOutcome(made.changes[0], Result.REFUSED, "blocked"),))
    assert refused.exit_code is ExitCode.REFUSED
    assert "Apply: 0 done, 1 refused." in outcome_text(refused)
    assert "Exit code 3: " in outcome_text(refused)
    assert "Exit code 130: interrupted" in outcome_text(Outcome(made, (), interrupted=True))
    assert "there was nothing to do" in outcome_text(Outcome(plan(), ()))


def test_many_warnings_are_cut_short_and_counted() -> None:
    warned = plan(warnings=tuple(f"warning {number}" for number in range(60)))
    text = plan_text(warned)
    assert "warning 24\n" in text
    assert "warning 25\n" not in text
    assert "35 more; `reconciler -v` shows all" in text
    assert "warning 59\n" in plan_text(warned, verbose=True)
