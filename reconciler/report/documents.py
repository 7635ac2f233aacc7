"""Plan, outcome, drift, problems and errors as JSON documents (DESIGN.md 9, to the letter)."""

import json
import re
from collections.abc import Sequence
from typing import Final

from reconciler.errors import Position, Problem, ReconcilerError, SpecsInvalid
from reconciler.model.change import Change, FieldChange, Plan
from reconciler.model.drift import AgentDrift, DriftReport, FieldDrift
from reconciler.model.outcome import ChangeOutcome, Outcome
from reconciler.model.values import Document
from reconciler.report.accounting import allowed
from reconciler.report.escaping import LOG_COMMAND, UNSAFE
from reconciler.report.outcomes import accounted
from reconciler.report.values import is_secret, plain, sides

FORMAT_VERSION: Final = 1


def plan_json(plan: Plan) -> Document:
    """A plan; `PlanDocument` in the model loads it again."""
    return _plan(plan, [_change(change) for change in plan.changes])


def outcome_json(outcome: Outcome) -> Document:
    """The plan that was applied, each change with `result` and `error`.

    A ledger that failed at the end, or before the first change, is `ledger_error`.
    """
    document = _plan(outcome.plan, [_change_outcome(o) for o in accounted(outcome)])
    failed = {"ledger_error": outcome.ledger_error} if outcome.ledger_error is not None else {}
    return {**document, **failed}


def drift_json(report: DriftReport) -> Document:
    """What changed live since the last apply."""
    return {
        "format_version": FORMAT_VERSION,
        "environment": report.environment,
        "memory": report.memory,
        "clean": report.clean,
        "agents": [_agent_drift(agent) for agent in report.agents],
    }


def problems_json(problems: Sequence[Problem]) -> Document:
    """All problems of one run, with their counts; beside them the error, where there is one."""
    errors = sum(problem.severity == "error" for problem in problems)
    document = error_json(SpecsInvalid(problems)) if errors else {"format_version": FORMAT_VERSION}
    return {
        **document,
        "summary": {"errors": errors, "warnings": len(problems) - errors},
        "problems": [_problem(problem) for problem in problems],
    }


def error_json(error: ReconcilerError) -> Document:
    """A failure; invalid specs list every problem beside the first."""
    document: Document = {
        "format_version": FORMAT_VERSION,
        "error": {
            "code": error.code,
            "message": error.message,
            "position": _position(error.position),
            "hint": error.hint,
            "exit_code": int(error.exit_code),
        },
    }
    if isinstance(error, SpecsInvalid):
        document["problems"] = [_problem(problem) for problem in error.problems]
    return document


def dump(document: Document) -> str:
    """One JSON document as text: readable, deterministic, and inert on terminals and in CI logs.

    What could act is written as a JSON escape, so a parser reads exactly the value.
    """
    text = json.dumps(_kept_order(document), ensure_ascii=False, indent=2, allow_nan=False)
    return LOG_COMMAND.sub("#\\\\u0023", UNSAFE.sub(_json_escape, text))


def _json_escape(match: re.Match[str]) -> str:
    """A lone surrogate is no text, and strict parsers refuse the document that names one."""
    char = match.group()
    return "\ufffd" if "\ud800" <= char <= "\udfff" else json.dumps(char)[1:-1]


def _kept_order(value: object) -> object:
    """The keys of our own documents keep their order; only what JSON does not know is converted."""
    if isinstance(value, dict):
        return {str(key): _kept_order(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_kept_order(item) for item in value]
    return plain(value)


def _plan(plan: Plan, changes: list[Document]) -> Document:
    document: Document = {
        "format_version": FORMAT_VERSION,
        "environment": plan.environment,
        "organisation_id": plan.organisation_id,
        "ledger_id": plan.ledger_id,
        "digest": plan.digest,
        "memory": plan.memory,
        "guards": [
            {"code": guard.code, "message": guard.message, "way_out": guard.way_out}
            for guard in plan.guards
        ],
        "summary": dict(plan.summary),
        "changes": changes,
        "unmanaged": [{"agent_id": agent.id, "name": agent.name} for agent in plan.unmanaged],
        "warnings": list(plan.warnings),
    }
    given = allowed(plan.approval)
    return {**document, "allow": given} if given else document


def _change(change: Change) -> Document:
    return {
        "key": change.key,
        "key_from": change.key_from,
        "action": str(change.action),
        "agent_id": change.agent_id,
        "name": change.name,
        "name_from": change.name_from,
        "vanished": change.vanished,
        "blocked": change.blocked,
        "digest": change.digest,
        "fields": [_field(field) for field in change.fields],
    }


def _change_outcome(outcome: ChangeOutcome) -> Document:
    reasons = [text for text in (outcome.error, outcome.hint) if text]
    return {
        **_change(outcome.change),
        "result": str(outcome.result),
        "error": " ".join(reasons) or None,
    }


def _field(change: FieldChange) -> Document:
    before, after = sides(change)
    return {
        "path": list(change.path),
        "before": plain(before),
        "after": plain(after),
        "origin": str(change.origin),
        "reset": change.reset,
        "secret": is_secret(change),
    }


def _agent_drift(agent: AgentDrift) -> Document:
    return {
        "key": agent.key,
        "agent_id": agent.agent_id,
        "name": agent.name,
        "status": str(agent.status),
        "fields": [_field_drift(field) for field in agent.fields],
    }


def _field_drift(drift: FieldDrift) -> Document:
    return {
        **_field(drift.change),
        "declared": drift.declared,
        "ignored": drift.ignored is not None,
    }


def _problem(problem: Problem) -> Document:
    return {
        "code": problem.code,
        "severity": problem.severity,
        "message": problem.message,
        "position": _position(problem.position),
        "hint": problem.hint,
        "source_line": problem.source_line,
        "via": list(problem.via),
    }


def _position(position: Position | None) -> Document | None:
    if position is None:
        return None
    return {
        "file": position.file,
        "line": position.line,
        "column": position.column,
        "length": position.length,
    }
