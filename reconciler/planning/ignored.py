"""Drift that somebody knows of and accepts: counted, never hidden, and never reverted."""

from collections.abc import Callable, Sequence
from datetime import date

from reconciler.model.desired import DesiredAgent, Ignore
from reconciler.model.values import Path
from reconciler.planning.inputs import PlanInputs

Accepted = Callable[[Path], str | None]
"""Why drift at a path, as people read it, is accepted; None where it is not."""


def accepted_for(desired: DesiredAgent, inputs: PlanInputs) -> Accepted:
    """What the spec and the project file accept today."""
    today = inputs.now.date()
    return lambda shown: reason((*desired.ignore, *project_rules(inputs)), shown, today)


def project_rules(inputs: PlanInputs) -> tuple[Ignore, ...]:
    """The rules of the project file, for every agent."""
    return tuple(
        Ignore(tuple(rule.path.split(".")), rule.reason, rule.until)
        for rule in inputs.project.ignore
    )


def reason(rules: Sequence[Ignore], shown: Path, today: date) -> str | None:
    """The reason of the first rule in force that covers a path."""
    for rule in rules:
        in_force = rule.until is None or today <= rule.until
        if in_force and shown[: len(rule.path)] == rule.path:
            return rule.reason
    return None
