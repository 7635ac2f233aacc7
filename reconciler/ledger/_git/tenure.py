"""One holding of the lock: writes in batches, each push fenced by the lock.

Deeds are done to the book in memory, and one push takes all that wait: who needs theirs to be at
the place stands in a queue, the first one pushes for all, and the others find it done. Each push
moves the branch and renews the lock, both or none, so that nobody writes who lost the lock.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from threading import Event, Lock, RLock, Thread

from reconciler.errors import LedgerError
from reconciler.ledger._git.book import Book, Deed
from reconciler.ledger._git.branch import Branch, Edition
from reconciler.ledger._git.lease import Lease, Leases, Timing
from reconciler.ledger._git.names import Refs
from reconciler.ledger._git.place import Move, Place
from reconciler.model.ledger import Run
from reconciler.nouns import noun

RIVALS = 100
"""How often a write is done again because others came first."""

_OVERTAKEN = "others came first, again and again"


@noun
class Desk:
    """What writing to one environment's branch needs."""

    place: Place
    refs: Refs
    branch: Branch
    leases: Leases
    now: Callable[[], datetime]
    timing: Timing

    def unwritable(self, why: str) -> LedgerError:
        return LedgerError(
            f"the ledger's branch at {self.place.name} can not be written: {why}",
            hint="what is not written there yet is made up for by the next apply",
        )


@noun
class _Attempt:
    """What a push would make true: this lease, and this edition with so many deeds in it."""

    lease: Lease
    edition: Edition
    deeds: int


class Tenure:
    """Threads may share it. Every method raises LedgerError once the lock is lost."""

    def __init__(self, desk: Desk, run: Run, lease: Lease, edition: Edition, subject: str) -> None:
        self._desk = desk
        self._run = run
        self._lease = lease
        self._edition = edition
        self._subject = subject
        self._book = edition.book
        self._waiting: list[Deed] = []
        self._done = 0
        self._attempts: list[_Attempt] = []
        self._lost: LedgerError | None = None
        self._turn = RLock()
        self._pushing = Lock()
        self._over = Event()
        self._heart = Thread(target=self._beat, name="ledger lease", daemon=True)
        self._heart.start()

    @property
    def edition(self) -> Edition:
        """The book as we know it, what waits included."""
        with self._turn:
            return Edition(self._edition.commit, self._edition.tree, self._book)

    def write(self, deed: Deed) -> Book:
        """Do a deed; it is at the place after the next flush, or soon."""
        with self._turn:
            if self._lost is not None:
                raise self._lost
            book = deed(self._book)
            if book is not self._book:
                self._book = book
                self._waiting.append(deed)
        if self._ran_out():
            self.flush()
        return book

    def flush(self) -> None:
        """All that was written before this call is at the place, and the lock is ours."""
        with self._turn:
            wanted = self._done + len(self._waiting)
        with self._pushing:
            if self._lost is not None:
                raise self._lost
            if self._done < wanted or self._ran_out():
                self._push()

    def end(self) -> Lease | None:
        """Write what waits. The answer is the lease to give back, None if it was lost."""
        self._over.set()
        self._heart.join()
        if self._waiting:
            self.flush()
        return self._lease if self._lost is None else None

    def _ran_out(self) -> bool:
        """The lease ended while it could not be renewed: it must be proved before going on."""
        end = self._lease.expires_at
        return end is None or self._desk.now() >= end

    def _beat(self) -> None:
        """Write what waits, and renew the lease, until the end."""
        timing = self._desk.timing
        quiet = 0.0
        while not self._over.wait(timing.batch):
            quiet += timing.batch
            with self._pushing:
                if self._waiting or quiet >= timing.beat:
                    quiet = 0.0
                    # It is tried again; when the lease has ended, whoever writes is told.
                    with suppress(LedgerError):
                        self._push()
            if self._lost is not None:
                return

    def _push(self) -> None:
        wanted = self._done + len(self._waiting)
        pauses = iter(self._desk.timing.pauses)
        why: str | None = None
        for _ in range(RIVALS):
            why = self._pushed_once()
            if why is None and self._done >= wanted:
                return
            if why is None or why == _OVERTAKEN:
                continue
            pause = next(pauses, None)
            if pause is None:
                break
            Event().wait(pause)
        raise self._desk.unwritable(why or _OVERTAKEN)

    def _pushed_once(self) -> str | None:
        """None when something of ours arrived, else why not."""
        attempt = self._attempt()
        why = self._desk.place.move(self._moves(attempt))
        if why is None:
            self._settle(attempt)
            return None
        lock, branch = self._desk.refs.lock, self._desk.refs.branch
        seen = self._desk.place.refs(branch, lock)
        for each in self._attempts:  # it, or an earlier one, may have arrived unheard
            if each.lease.oid == seen.get(lock):
                self._settle(each)
                return None
        if seen.get(lock) != self._lease.oid:
            raise self._lose()
        if seen.get(branch) == self._edition.commit:
            return why
        self._follow(seen.get(branch))
        return _OVERTAKEN

    def _attempt(self) -> _Attempt:
        with self._turn:
            book, deeds = self._book, self._done + len(self._waiting)
        edition = self._desk.branch.committed(self._edition, book, self._subject)
        if edition is None:
            edition = Edition(self._edition.commit, self._edition.tree, book)
        attempt = _Attempt(self._desk.leases.made(self._run), edition, deeds)
        self._attempts.append(attempt)
        return attempt

    def _moves(self, attempt: _Attempt) -> list[Move]:
        refs = self._desk.refs
        moves = [Move(refs.lock, self._lease.oid, attempt.lease.oid)]
        if attempt.edition.commit != self._edition.commit:
            moves.append(Move(refs.branch, self._edition.commit, attempt.edition.commit))
        return moves

    def _settle(self, attempt: _Attempt) -> None:
        with self._turn:
            del self._waiting[: attempt.deeds - self._done]
            self._done = attempt.deeds
            self._edition = attempt.edition
            self._lease = attempt.lease
            self._attempts.clear()

    def _follow(self, commit: str | None) -> None:
        """Somebody wrote without the lock: do what waits again, on top of that."""
        edition = self._desk.branch.edition(commit)
        with self._turn:
            book = edition.book
            for deed in self._waiting:
                book = deed(book)
            self._edition, self._book = edition, book

    def _lose(self) -> LedgerError:
        self._lost = LedgerError(
            "the lock of this environment was lost: its lease ended, or somebody took it away",
            hint="nothing was written since; look at the other apply, then apply again",
        )
        return self._lost
