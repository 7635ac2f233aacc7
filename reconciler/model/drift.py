"""What changed live since the last apply (DESIGN.md 9)."""

from enum import StrEnum

from reconciler.model.change import FieldChange
from reconciler.nouns import noun


class DriftStatus(StrEnum):
    """`pending` is a change in git only; `conflict` a field changed on both sides."""

    CLEAN = "clean"
    DRIFTED = "drifted"
    PENDING = "pending"
    CONFLICT = "conflict"
    VANISHED = "vanished"
    RECREATED = "recreated"
    UNMANAGED = "unmanaged"
    NEVER_APPLIED = "never_applied"


UNCLEAN = frozenset(
    {DriftStatus.DRIFTED, DriftStatus.CONFLICT, DriftStatus.VANISHED, DriftStatus.RECREATED}
)


@noun
class FieldDrift:
    """`change.before` is the value at the last apply (A), `change.after` the live one (L).

    `ignored` is the reason why the drift is accepted, or None.
    """

    change: FieldChange
    declared: bool
    ignored: str | None = None


@noun
class AgentDrift:
    """One agent; `key` is None for an unmanaged one."""

    key: str | None
    agent_id: str | None
    name: str
    status: DriftStatus
    fields: tuple[FieldDrift, ...] = ()


@noun
class DriftReport:
    """Sorted by key, unmanaged agents last. Without `memory` it compares desired with live."""

    environment: str
    memory: bool
    agents: tuple[AgentDrift, ...]
    warnings: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        return not any(agent.status in UNCLEAN for agent in self.agents)
