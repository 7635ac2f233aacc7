"""Runs and their changes. Rows are only ever added; a run's end is set once."""

import json
from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import ColumnElement, Connection, delete, insert, or_, select, update
from sqlalchemy.dialects import postgresql

from reconciler.errors import LedgerError
from reconciler.ledger import _codec, _history
from reconciler.ledger._codec import escaped, unescaped
from reconciler.ledger._documents import compressed, restored
from reconciler.ledger._history import RunDetail, RunSummary
from reconciler.ledger._postgres.tables import agents, documents, entries, runs
from reconciler.model.ledger import PLANNED, HistoryEntry, Run

_PLANNED: Final = _codec.dumped({"result": PLANNED})[1:-1]
"""As it stands in an entry's text; inside a text, its quotation marks would be escaped."""


def start(connection: Connection, environment: int, run: Run) -> None:
    row = {"environment": environment, "id": escaped(run.id), "document": _codec.run_text(run)}
    made = postgresql.insert(runs).values(**row).on_conflict_do_nothing()
    if connection.scalar(made.returning(runs.c.number)) is None:
        raise LedgerError(f"run {run.id!r} began already")


def finish(connection: Connection, environment: int, run_id: str, result: str) -> None:
    """End a run. What was announced and never begun is not history."""
    done = connection.execute(
        update(runs).where(_is_run(environment, run_id)).values(result=result)
    )
    if done.rowcount == 0:
        raise _history.unknown(run_id)
    begun = entries.alias()
    beside = select(begun.c.number).where(
        begun.c.environment == entries.c.environment,
        begun.c.run_id == entries.c.run_id,
        begun.c.key == entries.c.key,
        ~begun.c.document.contains(_PLANNED),
    )
    planned = _of_run(environment, run_id) & entries.c.document.contains(_PLANNED)
    connection.execute(delete(entries).where(planned, ~beside.exists()))


def add(connection: Connection, environment: int, found: Sequence[HistoryEntry]) -> None:
    """Raises LedgerError for an entry of a run that never began."""
    if not found:
        return
    ids = {escaped(entry.run_id): entry.run_id for entry in found}
    begun = runs.c.environment == environment, runs.c.id.in_(ids)
    known = set(connection.scalars(select(runs.c.id).where(*begun)))
    for missing in sorted(ids.keys() - known):
        raise _history.unknown(ids[missing])
    bodies, rows = {}, []
    for entry in found:
        digest = None
        if entry.before is not None:
            digest, bodies[digest] = compressed(_codec.dumped(entry.before))
        rows.append(_row(environment, entry, digest))
    if bodies:
        kept = [{"digest": digest, "body": body} for digest, body in bodies.items()]
        connection.execute(postgresql.insert(documents).on_conflict_do_nothing(), kept)
    connection.execute(insert(entries), rows)


def _row(environment: int, entry: HistoryEntry, digest: str | None) -> dict[str, object]:
    return {
        "environment": environment,
        "run_id": escaped(entry.run_id),
        "key": escaped(entry.key),
        "agent_id": None if entry.agent_id is None else escaped(entry.agent_id),
        "document": _codec.entry_text(entry),
        "before": digest,
    }


def summaries(connection: Connection, environment: int, limit: int) -> tuple[RunSummary, ...]:
    """The last runs, newest first; a negative limit gives all."""
    wanted = select(runs.c.document, runs.c.result).where(runs.c.environment == environment)
    wanted = wanted.order_by(runs.c.number.desc())
    rows = connection.execute(wanted if limit < 0 else wanted.limit(limit)).all()
    return tuple(_summary(connection, environment, document, end) for document, end in rows)


def run(connection: Connection, environment: int, run_id: str) -> RunDetail:
    """One run by its id or by an unambiguous beginning of it. Raises LedgerError."""
    ids = connection.scalars(select(runs.c.id).where(runs.c.environment == environment))
    chosen = _history.chosen(run_id, [unescaped(each) for each in ids])
    document, end = connection.execute(
        select(runs.c.document, runs.c.result).where(_is_run(environment, chosen))
    ).one()
    changes = _history.merged(_entries(connection, _of_run(environment, chosen)))
    head = _codec.run_from(document)
    return RunDetail(_history.summarised(head, end, changes), changes)


def of_key(connection: Connection, environment: int, key: str) -> tuple[HistoryEntry, ...]:
    """The changes of a key, newest first, with those its agent had under other keys."""
    agent = select(agents.c.agent_id).where(
        agents.c.environment == environment, agents.c.key == escaped(key)
    )
    meant = or_(entries.c.key == escaped(key), entries.c.agent_id.in_(agent))
    found = _entries(connection, (entries.c.environment == environment) & meant)
    return _history.merged(found)[::-1]


def _summary(connection: Connection, environment: int, document: str, end: str) -> RunSummary:
    head = _codec.run_from(document)
    rows = connection.scalars(
        select(entries.c.document).where(_of_run(environment, head.id)).order_by(entries.c.number)
    )
    changes = _history.merged(_codec.entry_from(text, None) for text in rows)
    return _history.summarised(head, end, changes)


def _entries(connection: Connection, meant: ColumnElement[bool]) -> Iterator[HistoryEntry]:
    rows = connection.execute(
        select(entries.c.document, documents.c.body)
        .select_from(entries.outerjoin(documents))
        .where(meant)
        .order_by(entries.c.number)
    )
    for text, body in rows:
        yield _codec.entry_from(text, None if body is None else json.loads(restored(body)))


def _is_run(environment: int, run_id: str) -> ColumnElement[bool]:
    return (runs.c.environment == environment) & (runs.c.id == escaped(run_id))


def _of_run(environment: int, run_id: str) -> ColumnElement[bool]:
    return (entries.c.environment == environment) & (entries.c.run_id == escaped(run_id))
