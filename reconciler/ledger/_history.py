"""What was applied, by whom, from which commit. Rows are added; a run's end is set once.

An apply remembers a change several times: when it is announced, with the document that it will
replace, as it starts, and with its result. Readers see one change, with the first document and
the last result; all rows stay, but for those of a change that was announced and never begun. A
run without an end was killed, unless its apply still holds the lock.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from sqlite3 import Connection

from reconciler.errors import NoSuchRun
from reconciler.ledger import _codec
from reconciler.ledger._codec import escaped, unescaped
from reconciler.ledger._documents import restored, stored
from reconciler.model.ledger import PLANNED, HistoryEntry, Run
from reconciler.nouns import noun

_ENTRIES = (
    "SELECT entries.document, documents.body FROM entries "
    "LEFT JOIN documents ON documents.digest = entries.before "
)
_RUNS = "SELECT document, coalesce(result, 'interrupted') FROM runs WHERE environment = ? "


@noun
class RunSummary:
    """A run and how it went.

    `result` is what `finish` was given, "running", or "interrupted" for a run that was killed.
    `results` and `actions` count the changes: {"done": 3, "failed": 1}, {"update": 4}.
    """

    run: Run
    result: str
    results: Mapping[str, int] = field(default_factory=dict)
    actions: Mapping[str, int] = field(default_factory=dict)

    @property
    def ended(self) -> bool:
        """Whether `finish` was called."""
        return self.result not in {"interrupted", "running"}


@noun
class RunDetail:
    """A run with its changes, in the order in which they began."""

    summary: RunSummary
    entries: tuple[HistoryEntry, ...]


def start(connection: Connection, environment: int, run: Run) -> None:
    connection.execute(
        "INSERT INTO runs (environment, id, document) VALUES (?, ?, ?)",
        (environment, escaped(run.id), _codec.run_text(run)),
    )


def finish(connection: Connection, environment: int, run_id: str, result: str) -> None:
    """End a run. What was announced and never begun is not history."""
    row = environment, escaped(run_id)
    done = connection.execute(
        "UPDATE runs SET result = ? WHERE environment = ? AND id = ?", (result, *row)
    )
    if done.rowcount == 0:
        raise unknown(run_id)
    connection.execute(
        "DELETE FROM entries WHERE environment = ? AND run_id = ? AND result = ? "
        "AND (key, action) NOT IN (SELECT key, action FROM entries "
        "WHERE environment = ? AND run_id = ? AND result <> ?)",
        (*row, PLANNED, *row, PLANNED),
    )


def add(connection: Connection, environment: int, entry: HistoryEntry) -> None:
    before = None if entry.before is None else stored(connection, _codec.dumped(entry.before))
    agent_id = None if entry.agent_id is None else escaped(entry.agent_id)
    connection.execute(
        "INSERT INTO entries (environment, run_id, key, agent_id, action, result, document, before)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            environment,
            escaped(entry.run_id),
            escaped(entry.key),
            agent_id,
            escaped(entry.action),
            escaped(entry.result),
            _codec.entry_text(entry),
            before,
        ),
    )


def runs(connection: Connection, environment: int, limit: int) -> tuple[RunSummary, ...]:
    """The last runs, newest first; a negative limit gives all."""
    rows = connection.execute(_RUNS + "ORDER BY number DESC LIMIT ?", (environment, limit))
    return tuple(_summary(connection, environment, *row) for row in rows.fetchall())


def run(connection: Connection, environment: int, run_id: str) -> RunDetail:
    """One run by its id or by an unambiguous beginning of it. Raises NoSuchRun."""
    wanted = escaped(run_id)
    rows = connection.execute(
        _RUNS + "AND substr(id, 1, ?) = ? ORDER BY id LIMIT 2", (environment, len(wanted), wanted)
    ).fetchall()
    found = [_summary(connection, environment, *row) for row in rows]
    chosen(run_id, [summary.run.id for summary in found])
    changes = connection.execute(
        _ENTRIES + "WHERE environment = ? AND run_id = ? ORDER BY number",
        (environment, escaped(found[0].run.id)),
    )
    return RunDetail(found[0], _merged(changes))


def of_key(connection: Connection, environment: int, key: str) -> tuple[HistoryEntry, ...]:
    """The changes of a key, newest first, with those its agent had under other keys."""
    row = environment, escaped(key)
    changes = connection.execute(
        _ENTRIES + "WHERE environment = ? AND (key = ? OR agent_id IN "  # noqa: S608  # our own text
        "(SELECT agent_id FROM agents WHERE environment = ? AND key = ?)) ORDER BY number",
        row + row,
    )
    return _merged(changes)[::-1]


def chosen(run_id: str, ids: Iterable[str]) -> str:
    """The one id that this is, or that alone begins so. Raises NoSuchRun."""
    # Sorted, so an id that is the beginning of a longer one comes first.
    found = sorted(each for each in ids if each.startswith(run_id))
    if not run_id or not found:
        raise unknown(run_id)
    if len(found) > 1 and found[0] != run_id:
        raise unknown(run_id, ambiguous=True)
    return found[0]


def alive(summary: RunSummary, holder: Run | None) -> RunSummary:
    """A run without an end is running as long as it holds the lock."""
    running = holder is not None and holder.id == summary.run.id
    if running and summary.result == "interrupted":
        return replace(summary, result="running")
    return summary


def summarised(run: Run, result: str | None, entries: Iterable[HistoryEntry]) -> RunSummary:
    """A run with its counts, from its entries merged."""
    changes = tuple(entries)
    return RunSummary(
        run,
        result or "interrupted",
        dict(sorted(Counter(entry.result for entry in changes).items())),
        dict(sorted(Counter(entry.action for entry in changes).items())),
    )


def _summary(connection: Connection, environment: int, text: str, result: str) -> RunSummary:
    head = _codec.run_from(text)
    last = connection.execute(
        "SELECT action, result, max(number) FROM entries "
        "WHERE environment = ? AND run_id = ? GROUP BY key, action ORDER BY action, result",
        (environment, escaped(head.id)),
    ).fetchall()
    actions = Counter(unescaped(action) for action, _, _ in last)
    results = Counter(unescaped(result) for _, result, _ in last)
    return RunSummary(head, result, dict(sorted(results.items())), dict(actions))


def _merged(rows: Iterable[tuple[str, bytes | None]]) -> tuple[HistoryEntry, ...]:
    return merged(
        _codec.entry_from(text, None if body is None else json.loads(restored(body)))
        for text, body in rows
    )


def merged(entries: Iterable[HistoryEntry]) -> tuple[HistoryEntry, ...]:
    """One entry for each change: the first document before, the last result."""
    changes: dict[tuple[str, str, str], HistoryEntry] = {}
    for entry in entries:
        change = entry.run_id, entry.key, entry.action
        changes[change] = _continued(changes.get(change), entry)
    return tuple(changes.values())


def _continued(first: HistoryEntry | None, later: HistoryEntry) -> HistoryEntry:
    if first is None:
        return later
    seen = later if first.before is None else first
    return replace(
        later,
        agent_id=later.agent_id or first.agent_id,
        fields=later.fields or first.fields,
        before=seen.before,
        declared=seen.declared,
        computed=seen.computed,
    )


def unknown(run_id: str, *, ambiguous: bool = False) -> NoSuchRun:
    what = "begins more than one run" if ambiguous else "is no run of this environment"
    return NoSuchRun(f"{run_id!r} {what}", hint="`reconciler history` lists the runs")
