"""A drift report as a text file for Prometheus' textfile collector."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

from reconciler.model.drift import AgentDrift, DriftReport, DriftStatus
from reconciler.report.drift_view import declared, ignored, undeclared

_FIELDS: Final[tuple[tuple[str, str, Callable[[AgentDrift], int]], ...]] = (
    (
        "reconciler_drift_fields",
        "Declared fields that were changed live since the last apply.",
        lambda agent: len(declared(agent)),
    ),
    (
        "reconciler_drift_undeclared_fields",
        "Fields that the repo does not declare and that were changed live since the last apply.",
        lambda agent: len(undeclared(agent)),
    ),
    (
        "reconciler_drift_ignored_fields",
        "Fields whose drift is accepted by an `ignore` rule.",
        lambda agent: len(ignored(agent)),
    ),
)


def drift_prometheus_text(report: DriftReport, *, now: datetime) -> str:
    """One gauge a line, in the text format 0.0.4; `now` is when the check succeeded.

    A check that failed leaves no file, so an old timestamp is the sign of one.
    """
    return "\n".join(_lines(report, now))


def _lines(report: DriftReport, now: datetime) -> Iterator[str]:
    where = {"environment": report.environment}
    yield from _head("reconciler_drift_clean", "1 when nothing counts as drift, else 0.")
    yield _sample("reconciler_drift_clean", where, int(report.clean))
    yield from _head(
        "reconciler_drift_memory",
        "1 when there is a ledger to compare with; without one it is specs against live agents.",
    )
    yield _sample("reconciler_drift_memory", where, int(report.memory))
    yield from _head("reconciler_drift_agents", "Agents by what became of them.")
    for status in DriftStatus:
        count = sum(agent.status is status for agent in report.agents)
        yield _sample("reconciler_drift_agents", {**where, "status": str(status)}, count)
    for name, what, count_of in _FIELDS:
        yield from _head(name, what)
        for agent in report.agents:
            if agent.key is not None:
                yield _sample(name, {**where, "key": agent.key}, count_of(agent))
    name = "reconciler_last_success_timestamp_seconds"
    yield from _head(name, "When drift was last checked without an error.")
    yield _sample(name, where, now.timestamp())


def _head(name: str, what: str) -> Iterator[str]:
    yield f"# HELP {name} {what}"
    yield f"# TYPE {name} gauge"


def _sample(name: str, labels: dict[str, str], value: float) -> str:
    told = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
    return f"{name}{{{told}}} {value}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
