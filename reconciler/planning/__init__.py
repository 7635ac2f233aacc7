"""Match, diff, origin, order, guards: pure functions from nouns to nouns, no I/O and no clock."""

from reconciler.planning.answer import PlanningReferee
from reconciler.planning.drift import drift_of
from reconciler.planning.guards import approve
from reconciler.planning.inputs import Hashes, PlanInputs
from reconciler.planning.normal import normalise
from reconciler.planning.plan import make_plan
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
