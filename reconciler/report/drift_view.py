"""What counts in a drift report, and the words for it; text and Markdown share them."""

from collections.abc import Sequence
from typing import Final

from reconciler.model.counting import counted
from reconciler.model.drift import UNCLEAN, AgentDrift, DriftReport, DriftStatus, FieldDrift

MEANINGS: Final = {
    DriftStatus.CLEAN: "as it was applied",
    DriftStatus.DRIFTED: "changed live",
    DriftStatus.PENDING: "changed in git, not applied yet",
    DriftStatus.CONFLICT: "changed live and in git",
    DriftStatus.VANISHED: "gone from the API",
    DriftStatus.RECREATED: "deleted and made again live, under a new id",
    DriftStatus.UNMANAGED: "not ours, left alone",
    DriftStatus.NEVER_APPLIED: "never applied",
}
NO_MEMORY: Final = (
    "This report has no memory: there is no ledger for this environment yet, so live agents are "
    "compared with their specs."
)
_WORST_FIRST: Final = (
    DriftStatus.CONFLICT,
    DriftStatus.VANISHED,
    DriftStatus.RECREATED,
    DriftStatus.DRIFTED,
    DriftStatus.NEVER_APPLIED,
    DriftStatus.PENDING,
    DriftStatus.CLEAN,
    DriftStatus.UNMANAGED,
)
_QUIET: Final = frozenset({DriftStatus.CLEAN, DriftStatus.UNMANAGED})


def declared(agent: AgentDrift) -> list[FieldDrift]:
    return [f for f in agent.fields if f.declared and f.ignored is None]


def undeclared(agent: AgentDrift) -> list[FieldDrift]:
    return [f for f in agent.fields if not f.declared and f.ignored is None]


def ignored(agent: AgentDrift) -> list[FieldDrift]:
    return [f for f in agent.fields if f.ignored is not None]


def counts(agent: AgentDrift, *, strict: bool) -> bool:
    """Whether this agent makes the report unclean."""
    if agent.status in UNCLEAN:
        return True
    return strict and agent.key is not None and bool(undeclared(agent))


def worth_showing(agent: AgentDrift) -> bool:
    """Clean and unmanaged agents are counted, not told, unless a field of theirs differs."""
    return agent.status not in _QUIET or bool(agent.fields)


def summary(report: DriftReport, *, strict: bool) -> str:
    """One sentence, such as `Drift: 1 vanished, 2 drifted, 5 clean.`."""
    tally = [(status, sum(a.status is status for a in report.agents)) for status in _WORST_FIRST]
    unmanaged = dict(tally)[DriftStatus.UNMANAGED]
    tail = f"; {counted(unmanaged, 'unmanaged agent')} left alone" if unmanaged else ""
    if not any(counts(agent, strict=strict) for agent in report.agents):
        head = _no_drift(report)
    else:
        head = "Drift: "
        extra = [a for a in report.agents if strict and a.status not in UNCLEAN]
        loose = sum(counts(agent, strict=True) for agent in extra)
        words = [f"{n} {_word(s)}" for s, n in tally if n and s is not DriftStatus.UNMANAGED]
        if loose:
            words.insert(0, f"{counted(loose, 'agent')} changed in undeclared fields (--strict)")
        head += ", ".join(words)
    return f"{head}{tail}."


def _no_drift(report: DriftReport) -> str:
    managed = [a for a in report.agents if a.status is not DriftStatus.UNMANAGED]
    clean = sum(a.status is DriftStatus.CLEAN for a in managed)
    others = [
        f"{number} {_word(status)}"
        for status in (DriftStatus.PENDING, DriftStatus.NEVER_APPLIED)
        if (number := sum(a.status is status for a in managed))
    ]
    as_applied = f"{counted(clean, 'agent')} {'is as it was' if clean == 1 else 'are as they were'}"
    parts = [f"{as_applied} applied", *others] if clean or not others else others
    return f"No drift. {', '.join(parts)}"


def _word(status: DriftStatus) -> str:
    return status.replace("_", " ")


def names(agents: Sequence[AgentDrift], status: DriftStatus) -> list[str]:
    return [agent.name for agent in agents if agent.status is status]
