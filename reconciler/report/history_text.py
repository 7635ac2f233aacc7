"""Runs and their changes as text for people."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from reconciler.model.counting import counted
from reconciler.model.ledger import HistoryEntry
from reconciler.report.escaping import inline, page
from reconciler.report.history_documents import RunSummary
from reconciler.report.look import Look, padded
from reconciler.report.values import dotted

STYLES: Final = {
    "done": "green",
    "failed": "alarm",
    "interrupted": "alarm",
    "refused": "yellow",
    "running": "cyan",
    "started": "alarm",
}
_SHORT_COMMIT: Final = 12
_MOST_FIELDS: Final = 12


def runs_text(environment: str, runs: Sequence[RunSummary], look: Look) -> str:
    """One line for each run, newest first."""
    if not runs:
        return page([f"Nothing was applied to {inline(environment)} yet."])
    rows = [_cells(summary) for summary in runs]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return page(
        _line(row, widths, look, summary.result) for row, summary in zip(rows, runs, strict=True)
    )


def _cells(summary: RunSummary) -> list[str]:
    run = summary.run
    return [
        inline(run.id),
        moment(run.started_at),
        inline(f"{run.actor}@{run.host}"),
        inline((run.commit or "no commit")[:_SHORT_COMMIT]),
        changes_said(summary.actions, summary.results),
    ]


def _line(row: list[str], widths: list[int], look: Look, result: str) -> str:
    cells = [padded(text, width) for text, width in zip(row, widths, strict=False)]
    state = look.paint(STYLES.get(result, ""), f"{inline(result):<11}")
    return f"{look.paint('bold', cells[0])}  {'  '.join(cells[1:])}  {state}  {row[4]}".rstrip()


def moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def changes_said(actions: Mapping[str, int], results: Mapping[str, int]) -> str:
    """`2 create, 1 update (1 failed)`."""
    made = ", ".join(f"{count} {inline(action)}" for action, count in sorted(actions.items()))
    bad = ", ".join(f"{n} {inline(what)}" for what, n in sorted(results.items()) if what != "done")
    return (made or "no changes") + (f" ({bad})" if bad else "")


def run_text(summary: RunSummary, entries: Sequence[HistoryEntry], look: Look) -> str:
    """One run with its changes."""
    return page(_run(summary, entries, look))


def _run(summary: RunSummary, entries: Sequence[HistoryEntry], look: Look) -> Iterator[str]:
    run = summary.run
    yield look.paint("bold", f"Run {inline(run.id)}")
    yield f"  when    {moment(run.started_at)}"
    yield f"  who     {inline(run.actor)} on {inline(run.host)}, process {run.pid}"
    yield f"  commit  {inline(run.commit or 'none')}"
    for name, value in sorted(run.details.items()):
        yield f"  {inline(name)}: {inline(value)}"
    yield f"  result  {look.paint(STYLES.get(summary.result, ''), inline(summary.result))}"
    for entry in entries:
        yield ""
        yield from entry_lines(entry, look, entry.key)
    yield ""
    yield look.paint("bold", f"{changes_said(summary.actions, summary.results)}.")


def entry_lines(entry: HistoryEntry, look: Look, title: str) -> Iterator[str]:
    """One change: what, how it went, which fields."""
    result = look.paint(STYLES.get(entry.result, ""), inline(entry.result))
    agent = f"  agent {inline(entry.agent_id)}" if entry.agent_id else ""
    yield f"{inline(entry.action):<6}  {look.paint('bold', inline(title))}  {result}{agent}"
    if entry.error:
        yield f"    {inline(entry.error)}"
    shown = entry.fields if look.verbose else entry.fields[:_MOST_FIELDS]
    for field in shown:
        path = tuple(str(step) for step in field.get("path", ()))
        notes = [str(field.get("origin", ""))]
        notes += [word for word in ("reset", "secret") if field.get(word)]
        yield f"    {dotted(path)}  {look.paint('dim', '(' + inline(', '.join(notes)) + ')')}"
    if len(shown) < len(entry.fields):
        yield f"    … and {counted(len(entry.fields) - len(shown), 'field')} (-v shows all)"
    if entry.before is not None:
        yield look.paint("dim", "    the document that it replaced is kept (--format json)")
