from reconciler.model.change import Action, Origin
from reconciler.model.outcome import ChangeOutcome, Outcome, Result
from reconciler.model.values import ABSENT
from reconciler.report import outcome_markdown, plan_markdown
from tests.report.samples import PROMPT, PROMPT_AFTER, WEBHOOK, change, field, full_plan, live, plan


def test_what_a_reviewer_must_not_miss_stands_on_top() -> None:
    (part,) = plan_markdown(full_plan())
    top, sections = part.split("<details>", 1)
    assert top.startswith("### Plan for <code>production</code>\n\n**Plan: 1 to create, ")
    order = [
        "Refused by 1 guard", "way out: --allow-deletes 7", "1 agent will be deleted", "old/bot",
        "1 change blocked", "1 field changed live and in git", "sales/desk: region",
        "1 field changed live since the last apply", "sales/desk: greeting", "Warnings",
    ]  # fmt: skip
    places = [top.index(words) for words in order]
    assert places == sorted(places)
    assert "[!CAUTION]" not in sections


def test_each_agent_folds_away_under_one_line() -> None:
    (part,) = plan_markdown(full_plan())
    assert part.count("<details>") == part.count("</details>") == 8
    assert (
        "<summary>✏️ update <code>sales/desk</code> <code>&#34;Desk&#34;</code> renamed from "
        "<code>&#34;Old desk&#34;</code>, <b>1 conflict</b>, <b>1 drift</b></summary>"
    ) in part
    assert "<summary>⛔ update <code>clinic/night</code>" in part
    assert "moved from <code>old/key</code>" in part


def test_drift_stands_apart_from_git_and_prompts_are_word_diffs() -> None:
    prompt = field("system_prompt", PROMPT, PROMPT_AFTER)
    made = change(
        "k", Action.UPDATE, prompt, field("name"), field("greeting", "Hi", "Ho", Origin.DRIFT)
    )
    (part,) = plan_markdown(plan(made))
    assert (
        "**Drift: changed live since the last apply; git wins**\n\n"
        '```diff\n- greeting: "Hi"\n+ greeting: "Ho"\n```\n\n'
        "**Changed in git**\n\n"
        '```diff\n- name: "a"\n+ name: "b"\n'
        "@@ system_prompt (17 lines) @@\n@@ line 5 @@\n \n  ## Rules\n \n"
        "- - Speak [-slowly and clearly-].\n"
        "+ - Speak {+calmly, in short sentences+}.\n"
    ) in part


def test_values_of_all_kinds_are_shown_in_full() -> None:
    made = change(
        "k",
        Action.UPDATE,
        field("tools", ABSENT, [WEBHOOK]),
        field("x", "gone", ABSENT),
        field("y", ABSENT, ABSENT),
        field("idle_nudges", {"enabled": False}, ABSENT, reset=True),
        field("z", None, "a\n" * 50),
        field("slng_api_key", None, None, secret=True),
    )
    (part,) = plan_markdown(plan(made))
    for line in (
        '+ tools.check_order.url: "https://crm.example.com/orders"',
        '- x: "gone"',
        "! y: absent",
        "- idle_nudges: {enabled: false}\n! idle_nudges: absent  (back to the API's default)",
        "- z: null\n+ z: |\n+   a\n",
        "+   … (10 more lines)",
        "! slng_api_key: (secret) changed",
    ):
        assert line in part


def test_a_create_shows_its_declared_fields() -> None:
    made = change(
        "k", Action.CREATE, field("x", ABSENT, "a\n\nb"), field("slng_api_key", ABSENT, ABSENT, secret=True)
    )  # fmt: skip
    (part,) = plan_markdown(plan(made, ledger_id=None))
    assert "> [!NOTE]\n> This plan has no memory" in part
    assert "```diff\n+ x: |\n+   a\n+\n+   b\n+ slng_api_key: (secret)\n```" in part


def test_agents_without_fields_say_what_becomes_of_them() -> None:
    made = plan(
        change("a", Action.FORGET, live=None),
        change("b", Action.FORGET),
        change("c", Action.ADOPT),
        change("d", Action.DELETE, waits_for=("a",)),
    )
    (part,) = plan_markdown(made)
    for line in (
        "live agent (no id) is already gone",
        "live agent 1f0c2a is kept, no longer managed",
        "live agent 1f0c2a: nothing is written",
        "It waits for a.",
    ):
        assert line in part


def test_long_lists_on_top_are_bounded() -> None:
    made = plan(
        *(change(f"k{i}", Action.DELETE) for i in range(60)),
        unmanaged=tuple(live(f"u{i}") for i in range(60)),
        warnings=("w",) * 60,
    )
    (part,) = plan_markdown(made)
    assert part.count("… and 10 more") == 3


def test_a_rewritten_prompt_is_bounded() -> None:
    old, new = ("\n".join(f"{word} {i}" for i in range(9_000)) for word in ("alpha", "beta"))
    (part,) = plan_markdown(plan(change("k", Action.UPDATE, field("system_prompt", old, new))))
    assert "@@ … and more: see the text plan @@" in part
    assert len(part) < 10_000


def test_an_outcome_tells_what_failed_first() -> None:
    made = plan(*(change(key, Action.UPDATE) for key in "abcd"))
    a, b, c, _ = made.changes
    outcome = Outcome(
        made,
        (
            ChangeOutcome(a, Result.DONE),
            ChangeOutcome(b, Result.FAILED, "not taken: region", "Ask."),
            ChangeOutcome(c, Result.REFUSED, "stale"),
        ),
    )
    (part,) = outcome_markdown(outcome)
    assert part.startswith(
        "### Apply to <code>production</code>\n\n"
        "**Apply: 1 done, 1 failed, 1 refused, 1 not started.** Exit code 1: something failed;"
    )
    assert '> **1 failed.**\n\n```text\nupdate  b  "Desk"  not taken: region  Ask.\n```' in part
    places = [
        part.index(words)
        for words in ("> **1 failed", "> **1 refused", "> **1 not started", "<summary>1 done")
    ]
    assert places == sorted(places)
