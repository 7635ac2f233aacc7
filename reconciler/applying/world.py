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
    which an agent may have come to by our own hand; `made` the ids of the agents that it made, by
    key; `read_only` unknown fields that the API turned out to refuse.
    """

    store: AgentStore
    ledger: Ledger
    referee: Referee
    run: Run
    now: Callable[[], datetime]
    known_ids: frozenset[str] = frozenset()
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    latest: dict[str, LiveAgent] = field(default_factory=dict)
    made: dict[str, str] = field(default_factory=dict)
    read_only: set[str] = field(default_factory=set)

    def entry(
        self,
        change: Change,
        result: str,
        *,
        before: Document | None = None,
        error: str | None = None,
    ) -> HistoryEntry:
        """The change as the history tells it; an agent that this run made has its id."""
        shown = [
            {"path": list(f.path), "origin": str(f.origin), "reset": f.reset, "secret": f.secret}
            for f in change.fields
        ]
        return HistoryEntry(
            run_id=self.run.id,
            at=self.now(),
            key=change.key,
            action=str(change.action),
            agent_id=change.agent_id or self.made.get(change.key),
            result=result,
            fields=shown,
            before=before,
            error=error,
        )

    def remember(
        self,
        change: Change,
        result: str,
        *,
        before: Document | None = None,
        error: str | None = None,
    ) -> None:
        """Add the change to the history; its full live document before the first byte is sent."""
        self.ledger.remember(self.entry(change, result, before=before, error=error))
