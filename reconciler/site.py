"""Where a command works, and what it was asked for."""

from collections.abc import Callable
from datetime import datetime
from functools import cache as once
from typing import TYPE_CHECKING

from reconciler.model.change import Approval
from reconciler.model.ledger import Ledger, LedgerState
from reconciler.model.live import AgentStore
from reconciler.model.memo import Memo
from reconciler.model.values import SecretRef
from reconciler.nouns import noun
from reconciler.planning import Hashes, PlanInputs

if TYPE_CHECKING:
    from reconciler.ledger import SecretHasher
    from reconciler.model.plan_document import PlanDocument
    from reconciler.specs import LoadedProject, Loading


@noun(kw_only=True)
class Site:
    """One environment of one project, and the world around it, as the command line opened it.

    `begun` gives specs that are being read; `memo` is what the last look found. With `blocking`
    one thing is done after the other, and there is no event loop.
    """

    loaded: "LoadedProject"
    environment: str
    organisation_id: str | None
    store: AgentStore
    ledger: Ledger
    memo: Memo | None = None
    begun: "Callable[[], Loading] | None" = None
    blocking: bool = False
    secret: Callable[[SecretRef], str | None]
    now: Callable[[], datetime]

    def loading(self) -> "Loading":
        """Its specs, as far as they are being read."""
        if self.begun:
            return self.begun()
        from reconciler.specs import loading_specs  # noqa: PLC0415  # for who has begun nothing

        return loading_specs(self.loaded, self.environment)

    def hashes(self, state: LedgerState) -> Hashes:
        """How secrets are known again. Without a ledger there is nothing to compare with."""

        @once
        def hasher() -> "SecretHasher | None":
            from reconciler.ledger import SecretHasher  # noqa: PLC0415  # for who has secrets

            return SecretHasher(state.salt) if state.salt is not None else None

        def hash_text(text: str) -> str | None:
            known = hasher()
            return known.hash(text) if known else ""

        def hash_secret(ref: SecretRef) -> str | None:
            value = self.secret(ref)
            return hash_text(value) if value else None

        return Hashes(hash_secret, hash_text)


@noun(kw_only=True)
class Request:
    """What a person asked for: which keys, past which guards, and the plan they reviewed.

    `instead` may put other desired agents in the place of git's (a rollback).
    """

    approval: Approval = Approval()  # frozen
    targets: frozenset[str] = frozenset()
    reviewed: "PlanDocument | None" = None
    expected_digest: str | None = None
    instead: Callable[[PlanInputs], PlanInputs] | None = None
