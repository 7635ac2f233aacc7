from typing import Any

from reconciler.model.change import Origin
from reconciler.model.drift import AgentDrift, DriftReport, DriftStatus, FieldDrift
from reconciler.report import drift_markdown, drift_text
from tests.report.samples import field


def agent(
    key: str | None = "a", status: DriftStatus = DriftStatus.CLEAN, *fields: FieldDrift
) -> AgentDrift:
    return AgentDrift(key, "id-1", "Desk", status, fields)


def drifted(
    path: str = "greeting", *, declared: bool = True, ignored: str | None = None
) -> FieldDrift:
    return FieldDrift(field(path, "Hi", "Hello", Origin.DRIFT), declared, ignored)


def report(*agents: AgentDrift, **more: Any) -> DriftReport:
    return DriftReport(**{"environment": "production", "memory": True, "agents": agents, **more})


def last(text: str) -> str:
    return text.rsplit("\n", 1)[-1]


def test_a_drift_report_tells_each_agent_and_counts() -> None:
    conflict = FieldDrift(field("region", "us", "eu", Origin.CONFLICT), declared=True)
    made = report(
        agent("a", DriftStatus.CONFLICT, conflict, drifted()),
        agent("b", DriftStatus.VANISHED),
        agent("c", DriftStatus.CLEAN),
        agent(None, DriftStatus.UNMANAGED),
        warnings=("look",),
    )
    assert drift_text(made) == (
        "Drift in production since the last apply\n"
        "\n"
        '! conflict   a  "Desk"  changed live and in git\n'
        '    region    "us" → "eu" (conflict)\n'
        '    greeting  "Hi" → "Hello" (drift)\n'
        "\n"
        '- vanished   b  "Desk"  gone from the API\n'
        "\n"
        "warning: look\n"
        "\n"
        'Unmanaged, left alone: "Desk"\n'
        "\n"
        "Drift: 1 conflict, 1 vanished, 1 clean; 1 unmanaged agent left alone."
    )


def test_no_drift_is_one_sentence() -> None:
    assert (
        last(drift_text(report(agent(), agent()))) == "No drift. 2 agents are as they were applied."
    )
    assert last(drift_text(report(agent()))) == "No drift. 1 agent is as it was applied."
    assert last(drift_text(report())) == "No drift. 0 agents are as they were applied."
    assert '✓ clean      a  "Desk"' in drift_text(report(agent()), verbose=True)


def test_what_is_only_in_git_is_no_drift() -> None:
    made = report(agent("a", DriftStatus.PENDING), agent("b", DriftStatus.NEVER_APPLIED))
    assert last(drift_text(made)) == "No drift. 1 pending, 1 never applied."


def test_undeclared_fields_are_listed_as_such_and_count_only_when_strict() -> None:
    made = report(agent("a", DriftStatus.CLEAN, drifted("models.llm", declared=False)), agent("b"))
    loose, strict = drift_text(made), drift_text(made, strict=True)
    assert "  not declared in the spec: does not count without --strict\n" in loose
    assert '    models.llm  "Hi" → "Hello" (undeclared)\n' in loose
    assert last(loose) == "No drift. 2 agents are as they were applied."
    assert "  not declared in the spec: counts, because of --strict\n" in strict
    assert last(strict) == "Drift: 1 agent changed in undeclared fields (--strict), 2 clean."


def test_ignored_drift_is_told_with_its_reason() -> None:
    text = drift_text(report(agent("a", DriftStatus.CLEAN, drifted(ignored="a test of Ann"))))
    assert "    greeting is ignored: a test of Ann\n" in text
    assert last(text).startswith("No drift.")


def test_a_report_without_memory_says_so_on_its_first_line() -> None:
    text = drift_text(report(memory=False))
    assert text.startswith("This report has no memory")
    assert "Drift in production against the specs" in text
    assert "> This report has no memory" in drift_markdown(report(memory=False))[0]


def test_unmanaged_agents_are_named_up_to_a_bound() -> None:
    made = report(*(agent(None, DriftStatus.UNMANAGED) for _ in range(12)))
    assert " and 2 more" in drift_text(made)
    assert " more" not in drift_text(made, verbose=True)


def test_drift_as_markdown_has_a_section_for_each_agent() -> None:
    made = report(
        agent("a", DriftStatus.DRIFTED, drifted(), drifted("x", declared=False), drifted("y", ignored="ok")),
        agent("b", DriftStatus.RECREATED),
        agent("c"),
        warnings=("look",),
    )  # fmt: skip
    (part,) = drift_markdown(made)
    assert part.startswith(
        "### Drift in <code>production</code>\n\n**Drift: 1 recreated, 1 drifted, 1 clean.**\n"
    )
    assert (
        "<summary>⚠️ drifted <code>a</code> <code>&#34;Desk&#34;</code>: changed live</summary>\n\n"
        '```diff\n- greeting: "Hi"\n+ greeting: "Hello"\n```\n\n'
        'Not declared in the spec:\n\n```diff\n- x: "Hi"\n+ x: "Hello"\n```\n\n'
        "Ignored:\n\n```text\ny: ok\n```\n\n</details>"
    ) in part
    assert "live agent id-1" in part
    assert part.count("<details>") == 2


def test_every_status_has_its_place_words_and_sign() -> None:
    text = drift_text(report(*(agent(status.value, status, drifted()) for status in DriftStatus)))
    assert last(text) == (
        "Drift: 1 conflict, 1 vanished, 1 recreated, 1 drifted, 1 never applied, 1 pending, "
        "1 clean; 1 unmanaged agent left alone."
    )
