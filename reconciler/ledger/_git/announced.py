"""What `prepare` brought to the remote already, so that saying it again costs no push."""

from collections.abc import Sequence
from dataclasses import replace
from threading import Lock

from reconciler.ledger._git import book
from reconciler.ledger._git.book import Book, Deed
from reconciler.model.ledger import HistoryEntry, Intent


class Announced:
    """Of one tenure. Threads may share it."""

    def __init__(self) -> None:
        self._turn = Lock()
        self._intents: dict[str, Intent] = {}
        self._unused: set[str] = set()
        self._documents: set[tuple[str, str, str]] = set()

    def deed(self, intents: Sequence[Intent], entries: Sequence[HistoryEntry]) -> Deed:
        """What writes it all down: intents, and the changes as planned."""
        with self._turn:
            self._intents.update({intent.key: intent for intent in intents})
            self._unused |= {intent.key for intent in intents}
            self._documents |= {_document(e) for e in entries if e.before is not None}
        planned = [replace(entry, result=book.PLANNED) for entry in entries]

        def written(old: Book) -> Book:
            new = book.intended(old, intents=intents)
            for entry in planned:
                new = book.remembered(new, entry=entry)
            return new

        return written

    def covers_intent(self, intent: Intent) -> bool:
        """Whether it stands there already, but for its time; each is good for one use."""
        with self._turn:
            self._unused.discard(intent.key)
            told = self._intents.pop(intent.key, None)
        return told is not None and replace(told, at=intent.at) == intent

    def covers_entry(self, entry: HistoryEntry) -> bool:
        """Whether nothing would be lost with it: its document is there, or it has none."""
        return entry.before is None or _document(entry) in self._documents

    def settled(self, key: str) -> None:
        """An intent came to its end, or another one may stand there now."""
        with self._turn:
            self._unused.discard(key)
            self._intents.pop(key, None)

    def unused(self) -> tuple[str, ...]:
        """The intents that were announced and never meant."""
        with self._turn:
            unused, self._unused = self._unused, set()
        return tuple(sorted(unused))


def _document(entry: HistoryEntry) -> tuple[str, str, str]:
    assert entry.before is not None
    return entry.key, entry.action, book.document(entry.before)[0]
