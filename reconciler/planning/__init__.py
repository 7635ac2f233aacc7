"""Match, diff, origin, order, guards: pure functions from nouns to nouns, no I/O and no clock."""

from typing import TYPE_CHECKING, Any

from reconciler.planning.inputs import Hashes, PlanInputs
from reconciler.planning.normal import normalise
from reconciler.planning.plan import make_plan

if TYPE_CHECKING:
    from reconciler.planning.answer import PlanningReferee
    from reconciler.planning.drift import drift_of
    from reconciler.planning.guards import approve
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

_HOMES = {
    "PlanningReferee": "answer",
    "approve": "guards",
    "drift_of": "drift",
    "not_reviewed": "review",
}


def __getattr__(name: str) -> Any:
    """Import on first use: a plan needs neither drift nor reviews."""
    if name not in _HOMES:
        raise AttributeError(name)
    import importlib  # noqa: PLC0415  # as late as the rest

    return getattr(importlib.import_module(f"reconciler.planning.{_HOMES[name]}"), name)
