"""The judgements an apply needs while it runs; planning makes them, applying only asks."""

from typing import Protocol

from reconciler.model.change import Change
from reconciler.model.ledger import AgentRecord
from reconciler.model.live import LiveAgent
from reconciler.nouns import noun


@noun
class Judgement:
    """What an answer shows: the record to keep, and the fields that were not taken.

    `warnings` are sentences about what was learnt (a write-only field, a value normalised).
    """

    record: AgentRecord
    not_taken: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class Referee(Protocol):
    """Pure judgements about live agents, in the normal form that plans are made in."""

    def judge(self, change: Change, answer: LiveAgent) -> Judgement:
        """Compare the answer to a write with what was sent (a 200 proves nothing)."""
        ...

    def same_agent(self, left: LiveAgent, right: LiveAgent) -> bool:
        """Whether two answers show the same writable document."""
        ...

    def is_ours(self, change: Change, found: LiveAgent) -> bool:
        """Whether an agent that appeared under a create's name is what that create sent."""
        ...
