"""Taking and giving back the lock of one environment."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from threading import Event

from reconciler.errors import LedgerError
from reconciler.ledger import _lock
from reconciler.ledger._git.lease import Lease, Leases, Timing
from reconciler.ledger._git.names import Refs
from reconciler.ledger._git.place import Move, Place
from reconciler.model.ledger import Run

_RIVALS = 100
_SHORT = 0.02  # seconds
# git's words, in no language but its own, for a ref that is not what was expected.
_RACED = ("stale info", "atomic transaction failed", "cannot lock ref", "already exists")


class Claims:
    """The lock's ref. What a claim comes to is read from the ref, never from git's answer."""

    def __init__(
        self,
        place: Place,
        refs: Refs,
        leases: Leases,
        *,
        environment: str,
        now: Callable[[], datetime],
        timing: Timing,
    ) -> None:
        self._place = place
        self._refs = refs
        self._leases = leases
        self._environment = environment
        self._now = now
        self._timing = timing

    def holder(self) -> Run | None:
        """Who holds the lock, unless it is certain that nobody does any more."""
        lease = self._seen()
        return None if lease is None or self._is_over(lease) else lease.run

    def take(self, run: Run) -> tuple[Lease, str | None]:
        """The lock, and the branch's commit at that moment or later.

        Raises Locked, naming the holder, and LedgerError.
        """
        why = ""
        pauses = iter(self._timing.pauses)
        for _ in range(_RIVALS):
            seen = self._seen(self._refs.branch)  # no lock where the branch can not be acted on
            if seen is not None and not self._is_over(seen):
                raise self._refusal(seen)
            lease = self._leases.made(run)
            move = Move(self._refs.lock, None if seen is None else seen.oid, lease.oid)
            why = self._place.move([move]) or ""
            now = self._place.refs(self._refs.branch, self._refs.lock)
            if now.get(self._refs.lock) == lease.oid:
                return lease, now.get(self._refs.branch)
            # Who came first may be gone already; that is no refusal, and not counted as one.
            pause = _SHORT if any(hint in why for hint in _RACED) else next(pauses, None)
            if pause is None:
                break
            Event().wait(pause)
        raise LedgerError(
            f"the lock of environment {self._environment} can not be taken at "
            f"{self._place.name}: {why or 'others came first, again and again'}",
            hint="whoever applies must be allowed to push to the repository",
        )

    def give_back(self, lease: Lease) -> None:
        """If nobody can be told, the lease ends by itself."""
        with suppress(LedgerError):
            for pause in (*self._timing.pauses, 0.0):
                if self._place.move([Move(self._refs.lock, lease.oid, None)]) is None:
                    return
                if self._place.refs(self._refs.lock).get(self._refs.lock) != lease.oid:
                    return
                Event().wait(pause)

    def take_away(self) -> Run | None:
        """End whoever's lock it is; its pushes fail from now on. The answer is who had it."""
        lease = self._seen()
        if lease is None:
            return None
        why = self._place.move([Move(self._refs.lock, lease.oid, None)])
        if why is not None:
            raise LedgerError(f"the lock can not be taken away: {why}", hint="try again")
        return lease.run

    def _seen(self, *beside: str) -> Lease | None:
        oid = self._place.refs(self._refs.lock, *beside).get(self._refs.lock)
        return None if oid is None else self._leases.read(oid)

    def _is_over(self, lease: Lease) -> bool:
        return lease.is_over(self._now(), self._timing.skew)

    def _refusal(self, lease: Lease) -> Exception:
        end = lease.expires_at
        until = f"{end.astimezone(UTC):%H:%M:%S} UTC" if end else "nobody knows when"
        return _lock.refusal(
            self._environment,
            lease.run,
            f"wait until it ends. If it was killed: its lock ends by itself after {until}, and "
            "`reconciler ledger unlock` ends it at once",
        )
