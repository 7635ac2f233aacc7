"""A drift report as JUnit XML: one test case an agent."""

import html
from collections.abc import Iterator
from typing import Final

from reconciler.model.drift import AgentDrift, DriftReport, DriftStatus, FieldDrift
from reconciler.report.drift_view import MEANINGS, NO_MEMORY, counts, ignored
from reconciler.report.escaping import inline, page
from reconciler.report.values import dotted, leaves, shown, sides

_LONGEST: Final = 300
# what XML 1.0 can not hold and `escaping` leaves as it is
_NO_XML: Final = {0xFFFE: "\\ufffe", 0xFFFF: "\\uffff"}


def drift_junit_xml(report: DriftReport, *, strict: bool = False) -> str:
    """Failures are unclean agents; skipped are unmanaged ones and those with accepted drift only.

    Agents that are pending or were never applied pass, and say so.
    """
    return page(_suite(report, strict=strict))


def _suite(report: DriftReport, *, strict: bool) -> Iterator[str]:
    failures = sum(counts(agent, strict=strict) for agent in report.agents)
    skipped = sum(_skips(agent, strict=strict) for agent in report.agents)
    tally = f'tests="{len(report.agents)}" failures="{failures}" errors="0" skipped="{skipped}"'
    accepted = sum(len(ignored(agent)) for agent in report.agents)
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f'<testsuites name="reconciler drift" {tally}>'
    yield f"  <testsuite name={_quoted(f'drift in {report.environment}')} {tally}>"
    yield "    <properties>"
    yield f'      <property name="memory" value="{str(report.memory).lower()}"/>'
    yield f'      <property name="ignored_fields" value="{accepted}"/>'
    yield "    </properties>"
    for agent in report.agents:
        yield from _case(agent, report.environment, strict=strict)
    notes = [*([] if report.memory else [NO_MEMORY]), *report.warnings]
    yield from _text("    ", "system-out", notes)
    yield "  </testsuite>"
    yield "</testsuites>"


def _case(agent: AgentDrift, environment: str, *, strict: bool) -> Iterator[str]:
    name = agent.key if agent.key is not None else f"{agent.name} ({agent.agent_id})"
    yield f"    <testcase classname={_quoted(f'drift.{environment}')} name={_quoted(name)}>"
    told = [line for field in agent.fields for line in _field(field, strict=strict)]
    meaning = f"{agent.status.replace('_', ' ')}: {MEANINGS[agent.status]}"
    if counts(agent, strict=strict):
        about = f'message={_quoted(f"{agent.name}: {meaning}")} type="{agent.status}"'
        lines = _xml("\n".join(told)) or _xml(meaning)
        yield f"      <failure {about}>{lines}</failure>"
    elif _skips(agent, strict=strict):
        reasons = [f"ignored: {field.ignored}" for field in ignored(agent)] or [meaning]
        yield f"      <skipped message={_quoted('; '.join(dict.fromkeys(reasons)))}/>"
        yield from _text("      ", "system-out", told)
    elif told or agent.status is not DriftStatus.CLEAN:
        yield from _text("      ", "system-out", [meaning, *told])
    yield "    </testcase>"


def _skips(agent: AgentDrift, *, strict: bool) -> bool:
    if counts(agent, strict=strict):
        return False
    return agent.status is DriftStatus.UNMANAGED or bool(ignored(agent))


def _field(field: FieldDrift, *, strict: bool) -> Iterator[str]:
    note = ""
    if field.ignored is not None:
        note = f" (ignored: {inline(field.ignored)})"
    elif not field.declared:
        note = " (undeclared)" if strict else " (undeclared, does not count)"
    before, after = sides(field.change)
    for leaf in leaves(field.change.path, before, after):
        yield f"{dotted(leaf.path)}: {_short(leaf.before)} → {_short(leaf.after)}{note}"


def _short(value: object) -> str:
    text = shown(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"


def _text(indent: str, tag: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield f"{indent}<{tag}>{_xml(chr(10).join(lines))}</{tag}>"


def _quoted(text: str) -> str:
    return f'"{_xml(inline(text))}"'


def _xml(text: str) -> str:
    safe = "\n".join(inline(line) for line in text.split("\n"))
    return html.escape(safe.translate(_NO_XML))
