"""Match, diff, origin, order, guards: pure functions from nouns to nouns, no I/O and no clock."""

from typing import TYPE_CHECKING

from reconciler.lazy import from_homes
from reconciler.planning.inputs import Hashes, PlanInputs
from reconciler.planning.plan import make_plan

if TYPE_CHECKING:
    from reconciler.planning.answer import PlanningReferee
    from reconciler.planning.drift import drift_of
    from reconciler.planning.guards import approve
    from reconciler.planning.normal import normalise
    from reconciler.planning.review import not_reviewed

__all__ = [
    "Hashes",
    "PlanInputs",
    "PlanningReferee",
    "approve",
    "drift_of",
    "make_plan",
    "normalise",
    "not_reviewed",
]

# Imported on first use: a plan needs neither drift nor reviews.
__getattr__ = from_homes(
    __name__,
    {
        "PlanningReferee": "answer",
        "approve": "guards",
        "drift_of": "drift",
        "normalise": "normal",
        "not_reviewed": "review",
    },
)
