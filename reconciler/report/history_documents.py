"""Runs, their changes and what is known of one agent, as JSON documents."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol

from reconciler.model.desired import DesiredAgent
from reconciler.model.ledger import AgentRecord, HistoryEntry, Run
from reconciler.model.live import LiveAgent
from reconciler.model.values import Document
from reconciler.report.values import masked

_VERSION: Final = 1


class RunSummary(Protocol):
    """A run and how it went, as a ledger tells it."""

    @property
    def run(self) -> Run: ...
    @property
    def result(self) -> str: ...
    @property
    def results(self) -> Mapping[str, int]: ...
    @property
    def actions(self) -> Mapping[str, int]: ...


def runs_json(environment: str, runs: Iterable[RunSummary]) -> Document:
    """The runs, newest first."""
    listed = [summary_json(summary) for summary in runs]
    return {"format_version": _VERSION, "environment": environment, "runs": listed}


def run_json(environment: str, summary: RunSummary, entries: Sequence[HistoryEntry]) -> Document:
    """One run with its changes, in the order in which they began."""
    return {
        "format_version": _VERSION,
        "environment": environment,
        **summary_json(summary),
        "changes": [{"key": entry.key, **entry_json(entry)} for entry in entries],
    }


def summary_json(summary: RunSummary) -> Document:
    run = summary.run
    return {
        "id": run.id,
        "started_at": run.started_at.isoformat(),
        "actor": run.actor,
        "host": run.host,
        "pid": run.pid,
        "commit": run.commit,
        "details": dict(run.details),
        "result": summary.result,
        "actions": dict(summary.actions),
        "results": dict(summary.results),
    }


def entry_json(entry: HistoryEntry) -> Document:
    """One change; `before` is the live document that it replaced."""
    return {
        "action": entry.action,
        "agent_id": entry.agent_id,
        "at": entry.at.isoformat(),
        "result": entry.result,
        "error": entry.error,
        "fields": list(entry.fields),
        "before": masked(entry.before),
    }


def agent_json(
    key: str,
    desired: DesiredAgent | None,
    live: LiveAgent | None,
    record: AgentRecord | None,
    history: Sequence[HistoryEntry],
) -> Document:
    """One agent on all its sides; null where it is not."""
    return {
        "format_version": _VERSION,
        "key": key,
        "agent_id": live.id if live else record.agent_id if record else None,
        "desired": masked(desired.declared) if desired else None,
        "live": masked(live.document) if live else None,
        "ledger": record_json(record) if record else None,
        "history": [
            {"run_id": e.run_id, **{k: v for k, v in entry_json(e).items() if k != "before"}}
            for e in history
        ],
    }


def record_json(record: AgentRecord) -> Document:
    """What the ledger remembers of an agent: secrets by name, without their hashes."""
    lifecycle = record.lifecycle
    return {
        "agent_id": record.agent_id,
        "name": record.name,
        "declared": [list(path) for path in record.declared],
        "sent": masked(record.sent),
        "answer": masked(record.answer),
        "lifecycle": {
            "prevent_destroy": lifecycle.prevent_destroy,
            "on_remove": lifecycle.on_remove,
            "update": lifecycle.update,
        },
        "secrets": sorted(record.secrets),
        "computed": [list(path) for path in record.computed],
        "read_only": list(record.read_only),
    }
