"""What the ledgers in tables have in common: one environment's rows, behind a connection."""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TypeVar

from reconciler.ledger import _export, _history
from reconciler.ledger._history import RunDetail, RunSummary
from reconciler.ledger._single import SingleWrites
from reconciler.model.ledger import HistoryEntry, LedgerState, LedgerWriter, Run
from reconciler.model.values import Document

_T = TypeVar("_T")


class Rows(LedgerWriter, Protocol):
    """The rows of one environment, inside one transaction."""

    def state(self) -> LedgerState: ...

    def start(self, run: Run) -> None:
        """Raises LedgerError when it began already."""
        ...

    def finish(self, run_id: str, result: str) -> None:
        """Raises LedgerError for a run that never began."""
        ...

    def name_organisation(self, organisation_id: str) -> None:
        """Keep it if none is known."""
        ...

    def runs(self, limit: int) -> tuple[RunSummary, ...]:
        """The last runs, newest first; a negative limit gives all."""
        ...

    def run(self, run_id: str) -> RunDetail:
        """One run by its id or by an unambiguous beginning of it. Raises LedgerError."""
        ...

    def history_of(self, key: str) -> tuple[HistoryEntry, ...]:
        """The changes of a key, newest first, with those its agent had under other keys."""
        ...


class TableLedger(SingleWrites):
    """`model.Ledger` but for the lock, and how an environment comes to be."""

    def __init__(self, environment: str) -> None:
        self._environment = environment

    @abstractmethod
    def holder(self) -> Run | None:
        """The run that holds the lock at this moment."""

    @abstractmethod
    def _reading(self) -> AbstractContextManager[Rows | None]:
        """A consistent view; None when there is no ledger."""

    @abstractmethod
    def _writing(self, *, durable: bool) -> AbstractContextManager[Rows]:
        """One transaction. Raises LedgerError when there is no ledger."""

    def read(self) -> LedgerState:
        return self._seen(lambda rows: rows.state(), LedgerState())

    @contextmanager
    def writing(self, *, durable: bool) -> Iterator[LedgerWriter]:
        """One transaction: all of it is kept, or nothing is."""
        with self._writing(durable=durable) as rows:
            yield rows

    def start(self, run: Run) -> None:
        with self._writing(durable=False) as rows:
            rows.start(run)

    def finish(self, run_id: str, result: str, *, organisation_id: str | None = None) -> None:
        with self._writing(durable=True) as rows:
            rows.finish(run_id, result)
            if organisation_id is not None:
                rows.name_organisation(organisation_id)

    def runs(self, limit: int = 20) -> tuple[RunSummary, ...]:
        """The last runs, newest first, with counts; a negative limit gives all."""
        holder = self.holder()
        none: tuple[RunSummary, ...] = ()
        found = self._seen(lambda rows: rows.runs(limit), none)
        return tuple(_history.alive(summary, holder) for summary in found)

    def run(self, run_id: str) -> RunDetail:
        """A run with its changes, by its id or an unambiguous beginning of it."""
        holder = self.holder()
        found = self._seen(lambda rows: rows.run(run_id), None)
        if found is None:
            raise _history.unknown(run_id)
        return RunDetail(_history.alive(found.summary, holder), found.entries)

    def history_of(self, key: str) -> tuple[HistoryEntry, ...]:
        """The changes of a key's agent, under former keys too, newest first."""
        return self._seen(lambda rows: rows.history_of(key), ())

    def export(self) -> Document:
        """All of it as JSON, for other programs: without salt and hashes, so free of secrets."""
        details = [self.run(summary.run.id) for summary in self.runs(-1)]
        return _export.exported(self._environment, self.read(), details)

    def _seen(self, look: Callable[[Rows], _T], nothing: _T) -> _T:
        with self._reading() as rows:
            return nothing if rows is None else look(rows)


def refill(rows: Rows, state: LedgerState, runs: Iterable[RunDetail]) -> None:
    """Another ledger's content, into an environment without any; runs oldest first."""
    for record in state.records.values():
        rows.record(record)
    for intent in state.intents.values():
        rows.intend(intent)
    for detail in runs:
        rows.start(detail.summary.run)
        for entry in detail.entries:
            rows.remember(entry)
        if detail.summary.ended:
            rows.finish(detail.summary.run.id, detail.summary.result)
