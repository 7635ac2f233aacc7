"""What an apply tells the ledger: before, during and after each change (DESIGN.md 8)."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from reconciler.applying.announce import intent_of, replaced_by
from reconciler.applying.scribe import Deed, Kept, Scribe, all_kept
from reconciler.model.change import Change
from reconciler.model.ledger import (
    PLANNED,
    AgentRecord,
    HistoryEntry,
    Intent,
    LedgerWriter,
    Run,
)
from reconciler.model.values import Document, Path, lookup, same


@dataclass(slots=True)
class Journal:
    """Of one run. What it announced before, it need not say durably again.

    `made` are the ids of the agents that this run made, by key.
    """

    scribe: Scribe
    run: Run
    now: Callable[[], datetime]
    made: dict[str, str] = field(default_factory=dict)
    _intents: dict[str, Intent] = field(default_factory=dict)
    _documents: dict[str, Document] = field(default_factory=dict)
    _announced: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _told: set[str] = field(default_factory=set)
    _tellings: defaultdict[str, list[Kept]] = field(default_factory=lambda: defaultdict(list))

    def announce(self, changes: Sequence[Change], *, together: int | None = None) -> None:
        """Say what is coming, durably: all at once, or of so many changes at a time.

        Nobody needs to wait for all of it: `announced` waits for the word about one.
        """
        said: asyncio.Task[None] | None = None
        size = together or len(changes) or 1
        for begin in range(0, len(changes), size):
            some = changes[begin : begin + size]
            said = asyncio.create_task(self._say(some, after=said))
            self._announced |= dict.fromkeys((change.key for change in some), said)

    async def announced(self, change: Change) -> None:
        """The ledger knows what is coming, if it is to hear of this change. Raises LedgerError."""
        if change.key in self._announced:
            await self._announced[change.key]

    async def _say(self, changes: Sequence[Change], *, after: asyncio.Task[None] | None) -> None:
        if after is not None:
            await after
        intents = {c.key: i for c in changes if (i := intent_of(c, self.now())) is not None}
        documents = {c.key: d for c in changes if (d := replaced_by(c)) is not None}
        entries = [
            self._entry(change, PLANNED, before=documents[change.key])
            for change in changes
            if change.key in documents
        ]

        def all_of_it(writer: LedgerWriter) -> None:
            for intent in intents.values():
                writer.intend(intent)
            for entry in entries:
                writer.remember(entry)

        if intents or entries:
            await self.scribe.tell(all_of_it, durable=True)
        self._intents |= intents
        self._documents |= documents

    async def begin(self, change: Change, document: Document | None = None) -> None:
        """Before the first byte is sent: the ledger knows what, and the document that goes.

        Raises LedgerError.
        """
        deeds: list[Deed] = []
        if document is None or same(document, self._documents.get(change.key)):
            self.note(change, "started")
        else:
            deeds.append(_remembering(self._entry(change, "started", before=document)))
        if self._intents.pop(change.key, None) is None:
            intent = intent_of(change, self.now())
            deeds += [] if intent is None else [_intending(intent)]
        if deeds:
            await self.scribe.tell(*deeds, durable=True)

    def note(self, change: Change, result: str, *, error: str | None = None) -> None:
        """Add the change to the history; `settled` waits for it."""
        self.tell(change, _remembering(self._entry(change, result, error=error)))

    def tell(self, change: Change, deed: Deed) -> None:
        """Have the ledger written to; `settled` waits for it."""
        self._tellings[change.key].append(self.scribe.tell(deed))

    async def settled(self, change: Change) -> None:
        """All that was told of a change is in the ledger. Raises LedgerError."""
        await all_kept(self._tellings.pop(change.key, ()))

    async def take_back(self) -> None:
        """Drop the intents that were announced and never meant. Raises LedgerError."""
        try:
            await all_kept([*dict.fromkeys(self._announced.values())])
        finally:
            await self._withdraw_unmeant()

    async def _withdraw_unmeant(self) -> None:
        unmeant, self._intents = self._intents, {}

        def all_of_them(writer: LedgerWriter) -> None:
            for intent in unmeant.values():
                writer.withdraw(intent.key)

        if unmeant:
            await self.scribe.tell(all_of_them)

    def _entry(
        self,
        change: Change,
        result: str,
        *,
        before: Document | None = None,
        error: str | None = None,
    ) -> HistoryEntry:
        """The change as the history tells it; its fields are told once."""
        fields = () if change.key in self._told else _shown(change)
        self._told.add(change.key)
        record = change.record if before is not None else None
        return HistoryEntry(
            run_id=self.run.id,
            at=self.now(),
            key=change.key,
            action=str(change.action),
            agent_id=change.agent_id or self.made.get(change.key),
            result=result,
            fields=fields,
            before=before,
            error=error,
            declared=record.declared if record else (),
            computed=_still_computed(record, before) if record else (),
        )


def _still_computed(record: AgentRecord, live: Document | None) -> tuple[Path, ...]:
    """What somebody wrote since is not the API's any more."""
    return tuple(p for p in record.computed if same(lookup(live, p), lookup(record.answer, p)))


def _shown(change: Change) -> Sequence[Document]:
    return tuple(
        {"path": list(f.path), "origin": str(f.origin), "reset": f.reset, "secret": f.secret}
        for f in change.fields
    )


def _remembering(entry: HistoryEntry) -> Deed:
    return lambda writer: writer.remember(entry)


def _intending(intent: Intent) -> Deed:
    return lambda writer: writer.intend(intent)
