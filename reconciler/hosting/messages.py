"""What is said about drift and applies: figures, keys and fields, never values.

A message goes where mentions, links and markup act, each service with its own; so names from
outside keep letters, digits and a few harmless signs only.
"""

import re
from typing import Final

from reconciler.errors import ReconcilerError
from reconciler.hosting.notifications import Message
from reconciler.model.drift import UNCLEAN, AgentDrift, DriftReport, FieldDrift
from reconciler.model.outcome import ChangeOutcome, Outcome, Result
from reconciler.model.values import digest

_MOST: Final = 20
_LONGEST: Final = 80
_RESULTS: Final = {
    Result.DONE: "done",
    Result.FAILED: "failed",
    Result.REFUSED: "refused",
    Result.NOT_STARTED: "not started",
}


def drift_fingerprint(report: DriftReport) -> str:
    """The same for the same drift, whenever and wherever it is seen."""
    return digest([_identity(agent) for agent in _unclean(report)])


def drift_message(report: DriftReport, link: str | None) -> Message:
    environment = plain(report.environment)
    if report.clean:
        return Message(f"No more drift in {environment}", _with("All is as applied.", link), "info")
    agents = _unclean(report)
    lines = [_drifted(agent) for agent in agents[:_MOST]]
    lines += [f"and {len(agents) - _MOST} more"] if len(agents) > _MOST else []
    count = f"{len(agents)} agent{'s' if len(agents) != 1 else ''}"
    return Message(f"Drift in {environment}: {count}", _with("\n".join(lines), link), "warning")


def apply_message(outcome: Outcome, link: str | None) -> Message:
    counts = ", ".join(f"{n} {_RESULTS[r]}" for r, n in outcome.counts.items() if n)
    lines = [_changed(o) for o in outcome.changes if o.result is not Result.DONE]
    lines += [_changed(o) for o in outcome.changes if o.result is Result.DONE]
    more = [f"and {len(lines) - _MOST} more"] if len(lines) > _MOST else []
    failed = outcome.exit_code != 0
    return Message(
        f"Apply to {plain(outcome.plan.environment)}: {counts}",
        _with("\n".join([*lines[:_MOST], *more]), link),
        "failure" if failed else "success",
    )


def failure_message(environment: str, failure: ReconcilerError, link: str | None) -> Message:
    """An apply that ended before its first write. The words may quote an API: code only."""
    return Message(
        f"Apply to {plain(environment)} failed",
        _with(f"{plain(failure.code)}: nothing was written", link),
        "failure",
    )


def plain(text: str) -> str:
    """A name in which nothing acts, wherever it is shown."""
    return re.sub(r"[^\w ./-]", "_", text)[:_LONGEST]


def _with(body: str, link: str | None) -> str:
    return f"{body}\n{link}" if link else body


def _unclean(report: DriftReport) -> list[AgentDrift]:
    return [agent for agent in report.agents if agent.status in UNCLEAN]


def _counting(agent: AgentDrift) -> list[FieldDrift]:
    """Declared fields; others only where nothing else made the agent drift (`--strict`)."""
    alive = [field for field in agent.fields if field.ignored is None]
    return [field for field in alive if field.declared] or alive


def _identity(agent: AgentDrift) -> object:
    # Values as text: ABSENT and references are no JSON.
    fields = [(list(f.change.path), repr(f.change.after)) for f in _counting(agent)]
    return [agent.key, agent.agent_id, str(agent.status), sorted(fields)]


def _drifted(agent: AgentDrift) -> str:
    paths = [".".join(field.change.path) for field in _counting(agent)]
    named = ", ".join(plain(path) for path in paths[:5]) + (" …" if len(paths) > 5 else "")  # noqa: PLR2004  # a line holds five
    status = agent.status.replace("_", " ")
    return f"{plain(agent.key or agent.name)}: {status}{f' ({named})' if named else ''}"


def _changed(outcome: ChangeOutcome) -> str:
    change = outcome.change
    return f"{_RESULTS[outcome.result]}: {change.action} {plain(change.key)}"
