"""What every step of an apply works with."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import field
from datetime import datetime

from reconciler.applying.journal import Journal
from reconciler.applying.scribe import Scribe
from reconciler.errors import ReconcilerError
from reconciler.model.ledger import Ledger, Run
from reconciler.model.live import AgentStore, LiveAgent
from reconciler.model.referee import Referee
from reconciler.nouns import noun


class StepRefused(ReconcilerError):  # noqa: N818  # it reads as what happened
    """One change is not made, because the agent is no longer what the plan saw."""


class NotTaken(ReconcilerError):  # noqa: N818  # it reads as what happened
    """The API answered well and did not do what it was asked to."""


@noun
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
    journal: Journal = field(init=False)

    def __post_init__(self) -> None:
        journal = Journal(Scribe(self.ledger), self.run, self.now)
        object.__setattr__(self, "journal", journal)
