"""A drift report as text for people."""

from collections.abc import Iterator
from typing import Final

from reconciler.model.drift import AgentDrift, DriftReport, DriftStatus
from reconciler.report.drift_view import (
    MEANINGS,
    NO_MEMORY,
    counts,
    declared,
    ignored,
    names,
    summary,
    undeclared,
    worth_showing,
)
from reconciler.report.escaping import inline, page, quoted
from reconciler.report.look import Look
from reconciler.report.text_fields import ORDER, STYLES, field_lines, path_width
from reconciler.report.values import dotted

_SIGNS: Final = {
    DriftStatus.CLEAN: ("✓", "green"),
    DriftStatus.DRIFTED: ("~", "yellow"),
    DriftStatus.PENDING: ("·", "cyan"),
    DriftStatus.CONFLICT: ("!", "conflict"),
    DriftStatus.VANISHED: ("-", "alarm"),
    DriftStatus.RECREATED: ("!", "alarm"),
    DriftStatus.UNMANAGED: ("·", "dim"),
    DriftStatus.NEVER_APPLIED: ("+", "cyan"),
}
_MOST_NAMES: Final = 10


def drift_text(
    report: DriftReport,
    *,
    strict: bool = False,
    color: bool = False,
    width: int = 100,
    verbose: bool = False,
) -> str:
    """What changed live, agent by agent; the values are those of the last apply → live now."""
    return page(_report(report, Look(color, width, verbose), strict=strict))


def _report(report: DriftReport, look: Look, *, strict: bool) -> Iterator[str]:
    if not report.memory:
        yield look.paint("yellow", NO_MEMORY)
    since = "since the last apply" if report.memory else "against the specs"
    yield look.paint("bold", f"Drift in {inline(report.environment)}") + f" {since}"
    for agent in report.agents:
        if worth_showing(agent):
            yield ""
            yield from _agent(agent, look, strict=strict)
        elif look.verbose and agent.status is DriftStatus.CLEAN:
            yield from _agent(agent, look, strict=strict)
    yield from _ends(report, look)
    yield ""
    yield look.paint("bold", summary(report, strict=strict))


def _agent(agent: AgentDrift, look: Look, *, strict: bool) -> Iterator[str]:
    sign, style = _SIGNS[agent.status]
    if agent.status is DriftStatus.CLEAN and counts(agent, strict=strict):
        sign, style = _SIGNS[DriftStatus.DRIFTED]
    status = look.paint(style, f"{sign} {agent.status.replace('_', ' '):<9}")
    key = look.paint("bold", inline(agent.key)) + "  " if agent.key is not None else ""
    yield f"{status}  {key}{quoted(agent.name)}  {look.paint('dim', MEANINGS[agent.status])}"
    width = path_width(f.change for f in agent.fields)
    for origin in ORDER:
        members = [f.change for f in declared(agent) if f.change.origin is origin]
        yield from field_lines(members, look, tag=f"({origin})", style=STYLES[origin], width=width)
    loose = [f.change for f in undeclared(agent)]
    if loose:
        rule = "counts, because of --strict" if strict else "does not count without --strict"
        yield look.paint("dim", f"  not declared in the spec: {rule}")
        style = "yellow" if strict else "dim"
        yield from field_lines(loose, look, tag="(undeclared)", style=style, width=width)
    for known in ignored(agent):
        where = f"{dotted(known.change.path)} is ignored: {inline(known.ignored or '')}"
        yield look.paint("dim", f"    {where}")


def _ends(report: DriftReport, look: Look) -> Iterator[str]:
    if report.warnings:
        yield ""
    for warning in report.warnings:
        yield f"{look.paint('yellow', 'warning:')} {inline(warning)}"
    unmanaged = names(report.agents, DriftStatus.UNMANAGED)
    shown = unmanaged if look.verbose else unmanaged[:_MOST_NAMES]
    if shown:
        more = f" and {len(unmanaged) - len(shown):,} more" if len(unmanaged) > len(shown) else ""
        yield ""
        yield look.paint("dim", f"Unmanaged, left alone: {', '.join(map(quoted, shown))}{more}")
