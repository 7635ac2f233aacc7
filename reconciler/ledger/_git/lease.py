"""The lock of an environment: a commit that no branch holds, with the lease in its message.

The holder renews it with every push and between pushes. It may be taken over when its end is
past by more than any two clocks differ, or when its process is known to be gone: same machine,
same process table, no such process. Whatever the clocks say, a push of a holder that lost its
lock fails, because each one expects the lock to be what it was.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import uuid4

from reconciler.ledger import _codec
from reconciler.ledger._git import presence
from reconciler.ledger._git.commands import Git
from reconciler.ledger._git.objects import bare_commit
from reconciler.model.ledger import Run
from reconciler.nouns import noun


@noun
class Timing:
    """Seconds. `skew` is how much two machines' clocks may differ.

    `pauses` are those between attempts to push, `reaching` those between attempts to reach a
    remote that does not answer; `batch` is how long an answer may wait for others to be pushed
    with it.
    """

    lease: float = 120.0
    beat: float = 30.0
    batch: float = 10.0
    skew: float = 60.0
    pauses: tuple[float, ...] = (0.2, 0.5, 1.0, 2.0, 4.0)
    reaching: tuple[float, ...] = (0.5, 2.0, 4.0)


@noun
class Lease:
    """Who holds the lock until when; `oid` is the commit that says so."""

    oid: str
    run: Run | None
    expires_at: datetime | None
    process: presence.Process | None = None

    def is_over(self, now: datetime, skew: float) -> bool:
        """Whether the holder is provably gone. A lock that can not be understood never is."""
        if self.process is not None and self.process.is_gone():
            return True
        return self.expires_at is not None and now > self.expires_at + timedelta(seconds=skew)


class Leases:
    """Makes and reads the lock's commits."""

    def __init__(
        self,
        git: Git,
        now: Callable[[], datetime],
        timing: Timing,
        process: Callable[[], presence.Process | None],
    ) -> None:
        self._git = git
        self._now = now
        self._timing = timing
        self._process = process

    def made(self, run: Run) -> Lease:
        """A new commit, to be pushed; each is unlike any other."""
        at = self._now()
        expires_at = at + timedelta(seconds=self._timing.lease)
        process = self._process()
        document = {
            "format_version": 1,
            "run": _codec.run_document(run),
            "renewed_at": at.isoformat(),
            "expires_at": expires_at.isoformat(),
            "process": process and process.document(),
            "token": str(uuid4()),
        }
        tree = self._git.run("mktree").strip()
        message = f"Lock of the ledger\n\n{json.dumps(document, indent=2)}\n"
        return Lease(bare_commit(self._git, tree, message), run, expires_at, process)

    def read(self, oid: str) -> Lease:
        message = self._git.run("cat-file", "commit", oid)
        with suppress(ValueError, KeyError, TypeError):
            held = json.loads(message[message.index("{") :])
            return Lease(
                oid,
                _codec.run_of(held["run"]),
                datetime.fromisoformat(held["expires_at"]),
                presence.Process.of(held["process"]),
            )
        return Lease(oid, None, None)
