"""What became of one spec and its live agent."""

from reconciler.model.change import Change
from reconciler.model.ledger import AgentRecord
from reconciler.nouns import noun


@noun
class Verdict:
    """What became of one pair: a change, or the record of an agent in sync, and warnings.

    Where there is none of these, nothing is to be said of the agent for as long as nothing about
    it changes.
    """

    change: Change | None = None
    record: AgentRecord | None = None
    warnings: tuple[str, ...] = ()

    @property
    def is_plain(self) -> bool:
        return self.change is None and self.record is None and not self.warnings
