"""A drift report as Markdown, for an issue or a job summary."""

from collections.abc import Iterator
from typing import Final

from reconciler.model.drift import AgentDrift, DriftReport, DriftStatus
from reconciler.report.drift_view import (
    MEANINGS,
    NO_MEMORY,
    declared,
    ignored,
    summary,
    undeclared,
    worth_showing,
)
from reconciler.report.escaping import inline, quoted
from reconciler.report.markdown import Block, Fence, Section, code, fence, parts
from reconciler.report.markdown_fields import diff_block
from reconciler.report.values import dotted

_SIGNS: Final = {
    DriftStatus.CLEAN: "✅",
    DriftStatus.DRIFTED: "⚠️",
    DriftStatus.PENDING: "⏳",
    DriftStatus.CONFLICT: "⛔",
    DriftStatus.VANISHED: "⛔",
    DriftStatus.RECREATED: "⛔",
    DriftStatus.UNMANAGED: "▫️",
    DriftStatus.NEVER_APPLIED: "⏳",
}


def drift_markdown(
    report: DriftReport, *, strict: bool = False, limit: int | None = None
) -> list[str]:
    """The parts of an issue's body, each at most `limit` characters long (8,000 is the least)."""
    blocks = list(_report(report, strict=strict))
    return parts(f"Drift in {code(report.environment)}", blocks, limit)


def _report(report: DriftReport, *, strict: bool) -> Iterator[Block]:
    if not report.memory:
        yield f"> [!NOTE]\n> {NO_MEMORY}"
    yield f"**{summary(report, strict=strict)}**"
    if report.warnings:
        yield fence("text", report.warnings)
    for agent in report.agents:
        if worth_showing(agent):
            yield _section(agent)


def _section(agent: AgentDrift) -> Section:
    body: list[str | Fence] = []
    if declared(agent):
        body.append(diff_block(f.change for f in declared(agent)))
    if undeclared(agent):
        body.append("Not declared in the spec:")
        body.append(diff_block(f.change for f in undeclared(agent)))
    if ignored(agent):
        body.append("Ignored:")
        lines = (f"{dotted(f.change.path)}: {inline(f.ignored or '')}" for f in ignored(agent))
        body.append(fence("text", lines))
    if not body:
        body.append(fence("text", [f"live agent {inline(agent.agent_id or '(no id)')}"]))
    key = f"{code(agent.key)} " if agent.key is not None else ""
    status = agent.status.replace("_", " ")
    head = f"{_SIGNS[agent.status]} {status} {key}{code(quoted(agent.name))}"
    return Section(f"{head}: {MEANINGS[agent.status]}", tuple(body))
