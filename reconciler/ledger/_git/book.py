"""What the branch says, as values; and what may be done to it, as functions from one to the next.

Deeds are functions so that they can be done again: when somebody else's commit came first, ours
are repeated on top of it, key by key, and nothing is lost.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field, replace
from itertools import groupby
from operator import attrgetter
from typing import TypeAlias

from reconciler.errors import LedgerError
from reconciler.ledger import _codec, _history
from reconciler.ledger._git import names
from reconciler.ledger._git.objects import readable
from reconciler.ledger._history import RunDetail
from reconciler.model.ledger import (
    PLANNED,
    AgentRecord,
    HistoryEntry,
    Intent,
    LedgerState,
    Run,
)
from reconciler.model.values import Document
from reconciler.nouns import noun


@noun
class RunPage:
    """One run with all its entries; documents before are known by their digests."""

    path: str
    run: Run
    result: str | None = None
    entries: tuple[tuple[HistoryEntry, str | None], ...] = ()


@noun
class Head:
    """What `ledger.json` holds."""

    ledger_id: str
    salt: str
    organisation_id: str | None = None


@noun
class Book:
    """The ledger of one environment.

    `shelf` are the run files in the branch, by the name without the number, and `load` reads
    one; `runs` are those that were opened here, and `documents` the texts that were added.
    """

    environment: str
    load: Callable[[str], RunPage]
    shelf: Mapping[str, str] = field(default_factory=dict)
    head: Head | None = None
    records: Mapping[str, AgentRecord] = field(default_factory=dict)
    intents: Mapping[str, Intent] = field(default_factory=dict)
    runs: Mapping[str, RunPage] = field(default_factory=dict)
    documents: Mapping[str, str] = field(default_factory=dict)

    @property
    def state(self) -> LedgerState:
        if self.head is None:
            return LedgerState()
        return LedgerState(
            ledger_id=self.head.ledger_id,
            organisation_id=self.head.organisation_id,
            salt=self.head.salt,
            records=dict(sorted(self.records.items())),
            intents=dict(sorted(self.intents.items())),
        )


Deed: TypeAlias = Callable[[Book], Book]


def opened(book: Book, *, new: Head) -> Book:
    if book.head is None:
        return replace(book, head=new)
    return belonging(book, organisation_id=new.organisation_id)


def belonging(book: Book, *, organisation_id: str | None) -> Book:
    """The organisation first given is kept for good."""
    head = _written(book).head
    if head is None or head.organisation_id is not None or organisation_id is None:
        return book
    return replace(book, head=replace(head, organisation_id=organisation_id))


def restored(book: Book, *, state: LedgerState, runs: Iterable[RunDetail]) -> Book:
    """A whole ledger where there was none."""
    if book.head is not None or state.ledger_id is None or state.salt is None:
        raise LedgerError(f"there is a ledger for environment {book.environment} already")
    book = replace(
        book,
        head=Head(state.ledger_id, state.salt, state.organisation_id),
        records=dict(state.records),
        intents=dict(state.intents),
    )
    for detail in runs:
        book = started(book, run=detail.summary.run)
        book = remembered(book, entries=detail.entries)
        if detail.summary.ended:
            run_id = detail.summary.run.id
            book = finished(book, run_id=run_id, result=detail.summary.result)
    return book


def intended(book: Book, *, intents: Iterable[Intent]) -> Book:
    copies = {i.key: _codec.intent_from(i.key, _codec.intent_text(i)) for i in intents}
    return replace(_written(book), intents={**book.intents, **copies})


def withdrawn(book: Book, *, keys: Iterable[str]) -> Book:
    gone = set(keys)
    kept = {key: intent for key, intent in book.intents.items() if key not in gone}
    return replace(_written(book), intents=kept)


def recorded(book: Book, *, pairs: Iterable[tuple[AgentRecord, str | None]]) -> Book:
    """Remember agents, each taken from wherever it stood before.

    A key taken from another agent is not that agent's end: it waits under the key that became
    free (see `_records.put`).
    """
    records = dict(_written(book).records)
    done: set[str | None] = set()
    for record, replaces in pairs:
        free = _standing(records, record.agent_id, replaces)
        if free is not None:
            records.pop(free, None)
            displaced = records.get(record.key)
            if displaced is not None:
                records[free] = replace(displaced, key=free)
        records[record.key] = _codec.record_from(record.key, _codec.record_text(record))
        done |= {record.key, replaces}
    kept = {key: intent for key, intent in book.intents.items() if key not in done}
    return replace(book, records=records, intents=kept)


def _standing(
    records: Mapping[str, AgentRecord], agent_id: str, replaces: str | None
) -> str | None:
    return next((key for key, record in records.items() if record.agent_id == agent_id), replaces)


def forgotten(book: Book, *, key: str, agent_id: str | None) -> Book:
    def meant(record: AgentRecord) -> bool:
        return record.key == key if agent_id is None else record.agent_id == agent_id

    kept = {k: record for k, record in book.records.items() if not meant(record)}
    return replace(withdrawn(book, keys=[key]), records=kept)


def started(book: Book, *, run: Run) -> Book:
    name = names.run_name(run.id)
    if name in _written(book).shelf or name in book.runs:
        raise LedgerError(f"run {run.id!r} began already")
    taken = [*book.shelf.values(), *(page.path for page in book.runs.values())]
    number = max((int(path[len("runs/") :].split("-", 1)[0]) for path in taken), default=0) + 1
    copy = _codec.run_from(_codec.run_text(run))
    return _with_page(book, name, RunPage(names.run_path(number, run.id), copy))


def remembered(book: Book, *, entries: Sequence[HistoryEntry]) -> Book:
    for run_id, group in groupby(entries, attrgetter("run_id")):
        name, page = _page(book, run_id)
        new, documents = [], {}
        for entry in group:
            copy = replace(_codec.entry_from(_codec.entry_text(entry), None), before=None)
            digest = None
            if entry.before is not None:
                digest, documents[digest] = document(entry.before)
            new.append((copy, digest))
        book = _with_page(book, name, replace(page, entries=(*page.entries, *new)))
        if documents:
            book = replace(book, documents={**book.documents, **documents})
    return book


def finished(book: Book, *, run_id: str, result: str) -> Book:
    """End a run. What was announced and never begun is not history."""
    name, page = _page(book, run_id)
    begun = {_change(entry) for entry, _ in page.entries if entry.result != PLANNED}
    entries = tuple(pair for pair in page.entries if _change(pair[0]) in begun)
    return _with_page(book, name, replace(page, result=result, entries=entries))


def document(before: Document) -> tuple[str, str]:
    """A full document as text, and the digest it is found by."""
    text = readable(before)
    return hashlib.sha256(text.encode("utf-8")).hexdigest(), text


def _change(entry: HistoryEntry) -> tuple[str, str]:
    return entry.key, entry.action


def _page(book: Book, run_id: str) -> tuple[str, RunPage]:
    name = names.run_name(run_id)
    if name in _written(book).runs:
        return name, book.runs[name]
    if name not in book.shelf:
        raise _history.unknown(run_id)
    return name, book.load(book.shelf[name])


def _with_page(book: Book, name: str, page: RunPage) -> Book:
    return replace(book, runs={**book.runs, name: page})


def _written(book: Book) -> Book:
    if book.head is None:
        raise LedgerError(
            f"there is no ledger for environment {book.environment} on its branch",
            hint="the first apply makes it",
        )
    return book
