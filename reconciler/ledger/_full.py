"""What every backend offers beyond what an apply needs."""

from collections.abc import Iterable
from typing import Protocol

from reconciler.ledger._history import RunDetail, RunSummary
from reconciler.model.ledger import (
    AgentRecord,
    HistoryEntry,
    Intent,
    Ledger,
    LedgerState,
    Run,
)
from reconciler.model.values import Document


class FullLedger(Ledger, Protocol):
    """A ledger with its history, for the commands that look at it and mend it.

    It has the methods of `LedgerWriter` too, each call a block of its own: an intent, and a
    document before, are durable when they return.
    """

    def intend(self, intent: Intent) -> None: ...

    def withdraw(self, key: str) -> None: ...

    def record(self, record: AgentRecord, *, replaces: str | None = None) -> None: ...

    def record_all(self, records: Iterable[tuple[AgentRecord, str | None]]) -> None:
        """Remember many agents, each with the key it had before, together."""
        ...

    def forget(self, key: str, *, agent_id: str | None = None) -> None: ...

    def remember(self, entry: HistoryEntry) -> None: ...

    def flush(self) -> None:
        """All that was written before is durable; `finish` and the end of `lock` do it too."""
        ...

    def holder(self) -> Run | None:
        """The run that holds the lock at this moment."""
        ...

    def unlock(self) -> Run | None:
        """Take the lock away from a run that is stuck; the answer is which one had it."""
        ...

    def runs(self, limit: int = 20) -> tuple[RunSummary, ...]:
        """The last runs, newest first, with counts; a negative limit gives all."""
        ...

    def run(self, run_id: str) -> RunDetail:
        """A run with its changes, by its id or an unambiguous beginning of it."""
        ...

    def history_of(self, key: str) -> tuple[HistoryEntry, ...]:
        """The changes of a key's agent, under former keys too, newest first."""
        ...

    def export(self) -> Document:
        """All of it as JSON, without salt and hashes, so free of secrets."""
        ...

    def damage(self) -> tuple[str, ...]:
        """What is wrong with what is kept."""
        ...

    def restore(self, state: LedgerState, runs: Iterable[RunDetail]) -> None:
        """Fill an empty ledger; runs oldest first. Raises LedgerError when it is not empty."""
        ...
