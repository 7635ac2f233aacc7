"""The world as planning is told of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from datetime import datetime

from reconciler.model.change import Approval
from reconciler.model.desired import Specs
from reconciler.model.ledger import LedgerState
from reconciler.model.live import LiveAgent
from reconciler.model.project import Project
from reconciler.model.values import SecretRef
from reconciler.nouns import noun


def _unknown(_: object) -> None:
    return None


@noun
class Hashes:
    """Keyed hashes: of a secret's value (None when it is not set), and of any text."""

    secret: Callable[[SecretRef], str | None] = _unknown
    text: Callable[[str], str | None] = _unknown


@noun(kw_only=True)
class PlanInputs:
    """Everything a plan is made from.

    `notes` are warnings about the specs, for people. `last_calls` tells when an agent had its
    latest call, for the agents whose delete must wait for quiet. `targets` narrows the plan to
    some keys. `settled` are agents that the last plan found in sync. `is_rollback` says that
    `specs` is not what git says, but what was before a run.
    """

    environment: str
    project: Project
    specs: Specs
    live: Sequence[LiveAgent]
    state: LedgerState
    now: datetime
    approval: Approval = field(default_factory=Approval)
    organisation_id: str | None = None
    targets: frozenset[str] = frozenset()
    hashes: Hashes = field(default_factory=Hashes)
    notes: tuple[str, ...] = ()
    last_calls: Mapping[str, datetime | None] = field(default_factory=dict)
    settled: Mapping[str, str] = field(default_factory=dict)
    is_rollback: bool = False
