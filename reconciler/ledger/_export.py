"""The ledger as one JSON document, for eyes and other programs (`ledger export`)."""

import json
from collections.abc import Iterable

from reconciler.ledger import _codec
from reconciler.ledger._history import RunDetail
from reconciler.model.ledger import AgentRecord, LedgerState
from reconciler.model.values import Document


def exported(environment: str, state: LedgerState, runs: Iterable[RunDetail]) -> Document:
    """JSON values only. The salt stays behind and secrets are named, without their hashes."""
    return {
        "format_version": 1,
        "environment": environment,
        "ledger_id": state.ledger_id,
        "organisation_id": state.organisation_id,
        "agents": [_record(record) for record in state.records.values()],
        "intents": [_intent(key, _codec.intent_text(i)) for key, i in state.intents.items()],
        "runs": [_run(detail) for detail in runs],
    }


def _record(record: AgentRecord) -> Document:
    document: Document = json.loads(_codec.dumped(_codec.record_document(record)))
    return _without_hashes({"key": record.key, **document})


def _without_hashes(record: Document) -> Document:
    return {**record, "secrets": sorted(record["secrets"])}


def _intent(key: str, text: str) -> Document:
    intent: Document = {"key": key, **json.loads(text)}
    if intent["record"] is not None:
        intent["record"] = _without_hashes(intent["record"])
    return intent


def _run(detail: RunDetail) -> Document:
    head: Document = json.loads(_codec.run_text(detail.summary.run))
    entries = [
        {**json.loads(_codec.entry_text(entry)), "before": entry.before} for entry in detail.entries
    ]
    return {**head, "result": detail.summary.result, "entries": entries}
