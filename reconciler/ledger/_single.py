"""One write at a time, for whoever has but one."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from contextlib import AbstractContextManager

from reconciler.model.ledger import AgentRecord, HistoryEntry, Intent, LedgerWriter


class SingleWrites(ABC):
    """What `LedgerWriter` offers, each call a block of its own.

    An intent, and a document that is about to be replaced, are durable when the method returns.
    """

    @abstractmethod
    def writing(self, *, durable: bool) -> AbstractContextManager[LedgerWriter]:
        """See `model.Ledger`."""

    def intend(self, intent: Intent) -> None:
        with self.writing(durable=True) as writer:
            writer.intend(intent)

    def withdraw(self, key: str) -> None:
        with self.writing(durable=False) as writer:
            writer.withdraw(key)

    def record(self, record: AgentRecord, *, replaces: str | None = None) -> None:
        self.record_all([(record, replaces)])

    def record_all(self, records: Iterable[tuple[AgentRecord, str | None]]) -> None:
        """Remember many agents, each with the key it had before, together."""
        with self.writing(durable=False) as writer:
            for record, replaces in records:
                writer.record(record, replaces=replaces)

    def forget(self, key: str, *, agent_id: str | None = None) -> None:
        with self.writing(durable=False) as writer:
            writer.forget(key, agent_id=agent_id)

    def remember(self, entry: HistoryEntry) -> None:
        with self.writing(durable=entry.before is not None) as writer:
            writer.remember(entry)
