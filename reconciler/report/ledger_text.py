"""What a ledger holds, as text and as JSON."""

from collections.abc import Iterator, Sequence

from reconciler.model.counting import counted
from reconciler.model.ledger import AgentRecord, Intent, LedgerState, Run
from reconciler.model.values import Document
from reconciler.report.agent_text import record_lines
from reconciler.report.escaping import inline, page, quoted
from reconciler.report.history_documents import record_json
from reconciler.report.history_text import moment
from reconciler.report.look import Look, padded


def ledger_text(
    environment: str, state: LedgerState, holder: Run | None, damage: Sequence[str], look: Look
) -> str:
    """The agents by key, and what is unfinished or wrong."""
    return page(_ledger(environment, state, holder, damage, look))


def _ledger(
    environment: str, state: LedgerState, holder: Run | None, damage: Sequence[str], look: Look
) -> Iterator[str]:
    if not state.has_memory:
        yield f"There is no ledger for {inline(environment)} yet: the first apply makes it."
        return
    yield look.paint("bold", f"Ledger of {inline(environment)}")
    yield f"  id            {inline(state.ledger_id or '')}"
    yield f"  organisation  {inline(state.organisation_id or 'not known')}"
    yield f"  lock          {holder_said(holder)}"
    yield from (look.paint("alarm", f"  damaged       {inline(words)}") for words in damage)
    yield ""
    width = max((len(key) for key in state.records), default=0)
    for key, record in state.records.items():
        yield f"  {padded(inline(key), width)}  {inline(record.agent_id)}  {quoted(record.name)}"
    yield from (look.paint("yellow", line) for line in map(_intent_line, state.intents.values()))
    yield look.paint("bold", f"{counted(len(state.records), 'agent')} remembered.")


def holder_said(holder: Run | None) -> str:
    if holder is None:
        return "nobody holds it"
    commit = f", commit {inline(holder.commit)}" if holder.commit else ""
    who = f"{inline(holder.actor)} on {inline(holder.host)}, process {holder.pid}"
    return f"held by {who}{commit}, since {moment(holder.started_at)}"


def _intent_line(intent: Intent) -> str:
    return (
        f"  {inline(intent.key)}: a {intent.kind} of {quoted(intent.name)} was begun at "
        f"{moment(intent.at)} and its end is not known; the next apply finds out"
    )


def ledger_json(
    environment: str, state: LedgerState, holder: Run | None, damage: Sequence[str]
) -> Document:
    return {
        "format_version": 1,
        "environment": environment,
        "ledger_id": state.ledger_id,
        "organisation_id": state.organisation_id,
        "holder": _holder(holder),
        "damage": list(damage),
        "agents": [
            {"key": key, "agent_id": record.agent_id, "name": record.name}
            for key, record in state.records.items()
        ],
        "intents": [_intent(intent) for intent in state.intents.values()],
    }


def _holder(run: Run | None) -> Document | None:
    if run is None:
        return None
    return {
        "id": run.id,
        "started_at": run.started_at.isoformat(),
        "actor": run.actor,
        "host": run.host,
        "pid": run.pid,
        "commit": run.commit,
    }


def _intent(intent: Intent) -> Document:
    return {
        "key": intent.key,
        "kind": intent.kind,
        "name": intent.name,
        "agent_id": intent.agent_id,
        "at": intent.at.isoformat(),
    }


def one_record_text(key: str, record: AgentRecord | None, intent: Intent | None) -> str:
    """One key of the ledger."""
    unfinished = [_intent_line(intent)] if intent else []
    return page([inline(key), *record_lines(record), *unfinished])


def one_record_json(key: str, record: AgentRecord | None, intent: Intent | None) -> Document:
    return {
        "format_version": 1,
        "key": key,
        "record": record_json(record) if record else None,
        "intent": _intent(intent) if intent else None,
    }
