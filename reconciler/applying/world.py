"""What every step of an apply works with."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from reconciler.errors import ReconcilerError
from reconciler.model.change import Change
from reconciler.model.ledger import HistoryEntry, Ledger, Run
from reconciler.model.live import AgentStore, LiveAgent
from reconciler.model.referee import Referee
from reconciler.model.values import Document


class StepRefused(ReconcilerError):  # noqa: N818  it reads as what happened
    """One change is not made, because the agent is no longer what the plan saw."""


class NotTaken(ReconcilerError):  # noqa: N818  it reads as what happened
    """The API answered well and did not do what it was asked to."""


@dataclass(frozen=True, slots=True)
class World:
    """The two sides of an apply, the run it belongs to, and what this run has seen so far.

    `known_ids` are the agents that were there before; `latest` our own latest answer by agent id,
    which an agent may have come to by our own hand; `read_only` unknown fields that the API
    turned out to refuse.
    """

    store: AgentStore
    ledger: Ledger
    referee: Referee
    run: Run
    now: Callable[[], datetime]
    known_ids: frozenset[str] = frozenset()
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    latest: dict[str, LiveAgent] = field(default_factory=dict)
    read_only: set[str] = field(default_factory=set)

    def remember(
        self,
        change: Change,
        result: str,
        *,
        before: Document | None = None,
        error: str | None = None,
    ) -> None:
        """Add the change to the history; its full live document before the first byte is sent."""
        shown = [
            {"path": list(f.path), "origin": str(f.origin), "reset": f.reset, "secret": f.secret}
            for f in change.fields
        ]
        self.ledger.remember(
            HistoryEntry(
                run_id=self.run.id,
                at=self.now(),
                key=change.key,
                action=str(change.action),
                agent_id=change.agent_id,
                result=result,
                fields=shown,
                before=before,
                error=error,
            )
        )
