"""The ledger on an orphan branch, one for each environment (DESIGN.md 5, 6, 8)."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from threading import Event
from uuid import uuid4

from reconciler.errors import LedgerError
from reconciler.ledger import _export, _history
from reconciler.ledger._git import book, names
from reconciler.ledger._git.book import Book, Deed, Head
from reconciler.ledger._git.branch import Branch
from reconciler.ledger._git.claims import Claims
from reconciler.ledger._git.commands import Git
from reconciler.ledger._git.deeds import Deeds
from reconciler.ledger._git.lease import Leases, Timing
from reconciler.ledger._git.library import Library
from reconciler.ledger._git.place import Move, place_of
from reconciler.ledger._git.presence import Process, own
from reconciler.ledger._git.tenure import RIVALS, Desk, Tenure
from reconciler.ledger._history import RunDetail, RunSummary
from reconciler.ledger._secrets import new_salt
from reconciler.ledger._single import SingleWrites
from reconciler.model.ledger import HistoryEntry, LedgerState, LedgerWriter, Run
from reconciler.model.values import Document


class GitLedger(SingleWrites):
    """`model.Ledger` on the branch `BRANCH/ENVIRONMENT` of the repository that `folder` is in.

    Without the lock every write is pushed at once, on top of whatever came first. With it,
    what need not be durable waits for company; `flush`, `finish` and the end of the lock push
    what waits, and so does a thread every few seconds. `process` tells which process holds the
    lock; where it tells of none, only the lease says when the holder is gone.
    """

    def __init__(
        self,
        folder: Path,
        environment: str,
        *,
        now: Callable[[], datetime],
        branch: str | None = None,
        remote: str | None = None,
        timing: Timing | None = None,
        process: Callable[[], Process | None] = own,
    ) -> None:
        git, timing = Git(folder), timing or Timing()
        place = place_of(git, remote, timing.reaching)
        refs = names.refs(branch or _branch_of(git), environment)
        leases = Leases(git, now, timing, process)
        self._environment = environment
        self._desk = Desk(place, refs, Branch(git, environment), leases, now, timing)
        self._claims = Claims(place, refs, leases, environment=environment, now=now, timing=timing)
        self._tenure: Tenure | None = None

    def read(self) -> LedgerState:
        return self._library().book.state

    @contextmanager
    def lock(self, run: Run) -> Iterator[None]:
        """Hold the environment. Raises Locked, naming the holder; threads are refused alike."""
        lease, commit = self._claims.take(run)
        subject = json.dumps(f"{self._environment}: run {run.id} of {run.actor}")[1:-1]
        try:
            edition = self._desk.branch.edition(commit)
        except LedgerError:
            self._claims.give_back(lease)
            raise
        self._tenure = tenure = Tenure(self._desk, run, lease, edition, subject)
        try:
            yield
        finally:
            try:
                kept = tenure.end()
            finally:
                self._tenure = None
            if kept is not None:
                self._claims.give_back(kept)

    def holder(self) -> Run | None:
        """The run that holds the lock at this moment."""
        return self._claims.holder()

    def unlock(self) -> Run | None:
        """Take the lock away from the run that holds it, which can not write any more."""
        return self._claims.take_away()

    def open(self, organisation_id: str | None, *, salt: str | None = None) -> LedgerState:
        """The state, made if there was none; the organisation first given is kept for good."""
        new = Head(str(uuid4()), salt or new_salt(), organisation_id)
        written = self._now(partial(book.opened, new=new))
        # With the lock, somebody else's may have come first.
        return (written if self._tenure is None else self._tenure.edition.book).state

    def start(self, run: Run) -> None:
        self._soon(partial(book.started, run=run))

    @contextmanager
    def writing(self, *, durable: bool) -> Iterator[LedgerWriter]:
        """Notes while the block runs; at its end they are done, and pushed if they are durable."""
        deeds = Deeds()
        yield deeds
        (self._now if durable else self._soon)(deeds)

    def flush(self) -> None:
        """All that was written before is at the remote. Threads that call at once share a push."""
        if self._tenure is not None:
            self._tenure.flush()

    def finish(self, run_id: str, result: str, *, organisation_id: str | None = None) -> None:
        if organisation_id is not None:
            self._soon(partial(book.belonging, organisation_id=organisation_id))
        self._now(partial(book.finished, run_id=run_id, result=result))

    def restore(self, state: LedgerState, runs: Iterable[RunDetail]) -> None:
        """Fill an empty ledger with another one's content."""
        self._now(partial(book.restored, state=state, runs=tuple(runs)))

    def runs(self, limit: int = 20) -> tuple[RunSummary, ...]:
        """The last runs, newest first, with counts; a negative limit gives all."""
        holder = self.holder()
        found = self._library().summaries(limit)
        return tuple(_history.alive(summary, holder) for summary in found)

    def run(self, run_id: str) -> RunDetail:
        """A run with its changes, by its id or an unambiguous beginning of it."""
        found = self._library().run(run_id)
        return RunDetail(_history.alive(found.summary, self.holder()), found.entries)

    def history_of(self, key: str) -> tuple[HistoryEntry, ...]:
        """The changes of a key's agent, under former keys too, newest first."""
        return self._library().history_of(key)

    def export(self) -> Document:
        """All of it as JSON, for other programs: without salt and hashes, so free of secrets."""
        library = self._library()
        return _export.exported(self._environment, library.book.state, library.details())

    def damage(self) -> tuple[str, ...]:
        """What can not be understood of the branch; git itself watches over its objects."""
        try:
            self.export()
        except LedgerError as error:
            return (error.message,)
        return ()

    def _library(self) -> Library:
        tenure = self._tenure
        if tenure is not None:
            return Library(self._desk.branch, tenure.edition)
        branch = self._desk.refs.branch
        commit = self._desk.place.refs(branch).get(branch)
        return Library(self._desk.branch, self._desk.branch.edition(commit))

    def _soon(self, deed: Deed) -> Book:
        tenure = self._tenure
        return self._alone(deed) if tenure is None else tenure.write(deed)

    def _now(self, deed: Deed) -> Book:
        written = self._soon(deed)
        self.flush()
        return written

    def _alone(self, deed: Deed) -> Book:
        """Write without the lock: on top of what is there, again if others came first."""
        desk, branch = self._desk, self._desk.refs.branch
        pauses = iter(desk.timing.pauses)
        why: str | None = None
        for _ in range(RIVALS):
            edition = self._library().edition
            done = desk.branch.committed(edition, deed(edition.book), self._subject)
            if done is None:
                return edition.book
            why = desk.place.move([Move(branch, edition.commit, done.commit)])
            tip = done.commit if why is None else desk.place.refs(branch).get(branch)
            if tip == done.commit:
                return done.book
            pause = 0.0 if tip != edition.commit else next(pauses, None)
            if pause is None:
                break
            Event().wait(pause)
        raise desk.unwritable(why or "others came first, again and again")

    @property
    def _subject(self) -> str:
        return json.dumps(self._environment)[1:-1]


def _branch_of(git: Git) -> str:
    """The beginning of the branch's name; a project in a subfolder has one of its own."""
    prefix, error = git.tried("rev-parse", "--show-prefix")
    folder = "" if error else prefix.strip().strip("/")
    return f"reconciler-ledger@{names.slug(folder)}" if folder else "reconciler-ledger"
