"""One agent on all its sides, as text for people."""

from collections.abc import Iterator, Sequence

from reconciler.model import fields
from reconciler.model.change import FieldChange, Origin
from reconciler.model.desired import DesiredAgent
from reconciler.model.ledger import AgentRecord, HistoryEntry
from reconciler.model.live import LiveAgent
from reconciler.model.values import ABSENT, Document, lookup
from reconciler.report.escaping import inline, page, quoted
from reconciler.report.history_text import entry_lines
from reconciler.report.look import Look
from reconciler.report.text_fields import created_fields
from reconciler.report.values import dotted


def agent_text(
    key: str,
    desired: DesiredAgent | None,
    live: LiveAgent | None,
    record: AgentRecord | None,
    history: Sequence[HistoryEntry],
    *,
    look: Look,
) -> str:
    """Desired, live, remembered, and what became of it so far."""
    return page(
        [
            look.paint("bold", inline(key)),
            *_section(
                "Desired (from git)", _document(desired.declared if desired else None, look), look
            ),
            *_section("Live", _live(live, look), look),
            *_section("Remembered (ledger)", record_lines(record), look),
            *_section("History, newest first", _history(history, look), look),
        ]
    )


def _section(title: str, lines: Iterator[str], look: Look) -> Iterator[str]:
    yield ""
    yield look.paint("bold", title)
    yield from lines


def _document(document: Document | None, look: Look) -> Iterator[str]:
    if document is None:
        yield "    nothing"
        return
    yield f"    name  {quoted(str(document.get('name')))}"
    units = [
        FieldChange(u, ABSENT, lookup(document, u), Origin.GIT) for u in fields.units(document)
    ]
    yield from created_fields(units, look)


def _live(live: LiveAgent | None, look: Look) -> Iterator[str]:
    if live is not None:
        yield f"    agent  {inline(live.id)}"
    yield from _document(live.document if live else None, look)


def record_lines(record: AgentRecord | None) -> Iterator[str]:
    """What the ledger remembers, without the documents: secrets by name."""
    if record is None:
        yield "    nothing"
        return
    lifecycle = record.lifecycle
    yield f"    agent      {inline(record.agent_id)}"
    yield f"    name       {quoted(record.name)}"
    yield f"    declared   {', '.join(map(dotted, record.declared)) or 'nothing'}"
    yield f"    secrets    {', '.join(map(inline, sorted(record.secrets))) or 'none'}"
    kept = f"prevent_destroy {str(lifecycle.prevent_destroy).lower()}, {lifecycle.on_remove}"
    yield f"    lifecycle  {kept} when removed, update by {lifecycle.update or 'the project'}"
    if record.computed:
        yield f"    computed by the API  {', '.join(map(dotted, record.computed))}"
    if record.read_only:
        yield f"    read-only  {', '.join(map(inline, record.read_only))}"


def _history(history: Sequence[HistoryEntry], look: Look) -> Iterator[str]:
    if not history:
        yield "    nothing"
    for entry in history:
        yield from (f"  {line}" for line in entry_lines(entry, look, f"in {entry.run_id}"))
