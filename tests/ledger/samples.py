"""Nouns for the ledger's tests."""

from datetime import UTC, datetime, timedelta

from reconciler.model.desired import Lifecycle
from reconciler.model.ledger import AgentRecord, HistoryEntry, Intent, Run
from reconciler.model.values import Document

NOON = datetime(2026, 11, 21, 10, 3, 5, tzinfo=UTC)


def a_run(run_id: str = "run-1", *, actor: str = "alice", commit: str | None = "abc1234") -> Run:
    return Run(run_id, NOON, actor, "host7", 4242, commit, {"pipeline": "17"})


def a_record(key: str = "support/router", agent_id: str = "agent-1") -> AgentRecord:
    return AgentRecord(
        key=key,
        agent_id=agent_id,
        name=f"Name of {agent_id}",
        declared=(("name",), ("models", "tts_voice")),
        sent={"name": f"Name of {agent_id}", "models": {"tts_voice": "thalia"}},
        answer={"id": agent_id, "temperature": 1.0, "tools": [None, True, 1]},
        lifecycle=Lifecycle(prevent_destroy=True, on_remove="keep", update="patch"),
        secrets={"tools/check/auth/token": "ab12"},
        computed=(("idle_nudges", "first"),),
        read_only=("region",),
    )


def an_intent(key: str = "support/router", agent_id: str | None = None) -> Intent:
    kind = "create" if agent_id is None else "delete"
    record = a_record(key, "") if agent_id is None else None
    return Intent(key, "create" if kind == "create" else "delete", NOON, "Router", agent_id, record)


def an_entry(
    result: str,
    *,
    key: str = "support/router",
    run_id: str = "run-1",
    action: str = "update",
    before: Document | None = None,
    fields: tuple[Document, ...] = (),
) -> HistoryEntry:
    at = NOON + timedelta(seconds=1)
    record = a_record(key)
    whose = (record.declared, record.computed) if before is not None else ((), ())
    return HistoryEntry(run_id, at, key, action, "agent-1", result, fields, before, None, *whose)
