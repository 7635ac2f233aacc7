"""The nouns as JSON text and back, exactly.

All text is escaped to ASCII: names from the API may hold lone surrogates, which neither UTF-8 nor
SQLite can hold, and a ledger must not fail over a name.
"""

import hashlib
import json
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import fields
from datetime import datetime
from typing import Any, Final

from reconciler.model.desired import Lifecycle
from reconciler.model.late import late
from reconciler.model.ledger import AgentRecord, HistoryEntry, Intent, IntentKind, Run
from reconciler.model.rereading import reread
from reconciler.model.values import Document, SecretRef


def dumped(value: object) -> str:
    """JSON text; a `SecretRef` becomes the reference that a spec would write, never a value."""
    return _ENCODER.encode(value)


def loaded(text: str | bytes) -> Any:
    """JSON text as it was dumped.

    pydantic_core reads it faster, and short texts that repeat are kept once: the records of
    10,000 agents take half the memory. It knows no lone surrogates.
    """
    try:
        return reread(text)
    except ValueError:
        return json.loads(text)


def plain(value: object) -> object:
    """What `json` can not write, as what it can."""
    if isinstance(value, SecretRef):
        return {value.source: value.name}
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is no JSON value")


_ENCODER: Final = json.JSONEncoder(
    ensure_ascii=True, check_circular=False, separators=(",", ":"), default=plain
)
_LIFECYCLE: Final = tuple(field.name for field in fields(Lifecycle))


def escaped(text: str) -> str:
    """Any text as ASCII that a column can hold; different texts stay different."""
    return json.dumps(text)[1:-1]


def unescaped(column: str) -> str:
    return str(json.loads(f'"{column}"')) if "\\" in column else column


def record_text(record: AgentRecord) -> str:
    """All but the key, which is a column of its own so that a move need not rewrite this.

    Most of what was sent is what was answered; it stands here once, and in memory too.
    """
    answer = record.answer
    alike = [n for n, value in record.sent.items() if n in answer and _equal(value, answer[n])]
    sent = {name: value for name, value in record.sent.items() if name not in alike}
    return dumped({**record_document(record), "sent": sent, "sent_as_answered": alike})


def _equal(left: object, right: object) -> bool:
    """To the type and sign of each number: what is kept must come back as it was."""
    kind = type(left)
    if kind is not type(right):
        return False
    if kind is str:  # most are
        return left == right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(map(_equal, left.values(), map(right.get, left)))
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_equal, left, right))
    return repr(left) == repr(right) if kind is float else left == right


def record_from(key: str, text: str) -> AgentRecord:
    return record_of(key, loaded(text))


def record_of_row(
    key: str, agent_id: str, text: bytes, understood: Callable[[], AbstractContextManager[None]]
) -> AgentRecord:
    """A record that is read when somebody asks for it; `understood` has the words for damage."""

    def whole() -> AgentRecord:
        with understood():
            return record_of(key, loaded(text))

    return late(AgentRecord, mark_of(text), whole, key=key, agent_id=agent_id)


def mark_of(text: bytes) -> str:
    """By what a record's text is known again (see `model.late`)."""
    return hashlib.sha256(text).hexdigest()


def record_document(record: AgentRecord) -> dict[str, Any]:
    return {
        "agent_id": record.agent_id,
        "name": record.name,
        "declared": record.declared,
        "sent": record.sent,
        "answer": record.answer,
        "lifecycle": {name: getattr(record.lifecycle, name) for name in _LIFECYCLE},
        "secrets": record.secrets,
        "computed": record.computed,
        "read_only": record.read_only,
    }


def record_of(key: str, held: dict[str, Any]) -> AgentRecord:
    answer = _shared(held["answer"])
    alike = {name: answer[name] for name in held.get("sent_as_answered", ())}
    return AgentRecord(
        key=key,
        agent_id=held["agent_id"],
        name=held["name"],
        declared=tuple(tuple(path) for path in held["declared"]),
        sent={**alike, **_shared(held["sent"])},
        answer=answer,
        lifecycle=Lifecycle(**held["lifecycle"]),
        secrets=held["secrets"],
        computed=tuple(tuple(path) for path in held["computed"]),
        read_only=tuple(held["read_only"]),
    )


def _shared(document: Document) -> Document:
    """Prompts are most of a document, and S, A, and what is live hold the same one."""
    for name, value in document.items():
        if type(value) is str:
            document[name] = sys.intern(value)
    return document


def intent_text(intent: Intent) -> str:
    return dumped(intent_document(intent))


def intent_document(intent: Intent) -> dict[str, Any]:
    record = intent.record
    return {
        "kind": intent.kind,
        "at": intent.at.isoformat(),
        "name": intent.name,
        "agent_id": intent.agent_id,
        "record": record and {"key": record.key, **record_document(record)},
    }


def intent_from(key: str, text: str) -> Intent:
    return intent_of(key, loaded(text))


def intent_of(key: str, held: dict[str, Any]) -> Intent:
    record = held["record"]
    return Intent(
        key=key,
        kind=_kind(held["kind"]),
        at=datetime.fromisoformat(held["at"]),
        name=held["name"],
        agent_id=held["agent_id"],
        record=None if record is None else record_of(record["key"], record),
    )


def _kind(text: str) -> IntentKind:
    match text:
        case "create" | "delete" | "parking":
            return text
        case _:
            raise ValueError(f"an intent to {text} is not known")


def run_text(run: Run) -> str:
    return dumped(run_document(run))


def run_document(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "started_at": run.started_at.isoformat(),
        "actor": run.actor,
        "host": run.host,
        "pid": run.pid,
        "commit": run.commit,
        "details": run.details,
    }


def run_from(text: str) -> Run:
    return run_of(loaded(text))


def run_of(held: dict[str, Any]) -> Run:
    return Run(**{**held, "started_at": datetime.fromisoformat(held["started_at"])})


def entry_text(entry: HistoryEntry) -> str:
    """All but the document before, which is kept once for all entries that share it."""
    return dumped(entry_document(entry))


def entry_document(entry: HistoryEntry) -> dict[str, Any]:
    return {
        "run_id": entry.run_id,
        "at": entry.at.isoformat(),
        "key": entry.key,
        "action": entry.action,
        "agent_id": entry.agent_id,
        "result": entry.result,
        "fields": tuple(entry.fields),
        "error": entry.error,
        "declared": entry.declared,
        "computed": entry.computed,
    }


def entry_from(text: str, before: dict[str, Any] | None) -> HistoryEntry:
    return entry_of(loaded(text), before)


def entry_of(held: dict[str, Any], before: dict[str, Any] | None) -> HistoryEntry:
    at = datetime.fromisoformat(held["at"])
    read = {"at": at, "fields": tuple(held["fields"]), "before": before}
    # An older ledger does not say whose a document's parts were.
    whose = {name: tuple(map(tuple, held.get(name, ()))) for name in ("declared", "computed")}
    return HistoryEntry(**{**held, **read, **whose})
