"""What one block of writing does to the book, as one deed."""

from functools import partial

from reconciler.ledger._git import book
from reconciler.ledger._git.book import Book, Deed
from reconciler.model.ledger import AgentRecord, HistoryEntry, Intent


class Deeds:
    """A `LedgerWriter` that takes notes.

    Agents and intents have one order and the history another. What repeats is done at once: each
    deed copies the index of the book.
    """

    def __init__(self) -> None:
        self._deeds: list[Deed] = []
        self._pairs: list[tuple[AgentRecord, str | None]] = []
        self._entries: list[HistoryEntry] = []

    def intend(self, intent: Intent) -> None:
        self._add(partial(book.intended, intents=(intent,)))

    def withdraw(self, key: str) -> None:
        self._add(partial(book.withdrawn, keys=(key,)))

    def record(self, record: AgentRecord, *, replaces: str | None = None) -> None:
        if not self._pairs:
            self._pairs = []
            self._deeds.append(partial(book.recorded, pairs=self._pairs))
        self._pairs.append((record, replaces))

    def forget(self, key: str, *, agent_id: str | None = None) -> None:
        self._add(partial(book.forgotten, key=key, agent_id=agent_id))

    def remember(self, entry: HistoryEntry) -> None:
        self._entries.append(entry)

    def __call__(self, old: Book) -> Book:
        new = old
        for deed in self._deeds:
            new = deed(new)
        return book.remembered(new, entries=self._entries) if self._entries else new

    def _add(self, deed: Deed) -> None:
        self._pairs = []
        self._deeds.append(deed)
