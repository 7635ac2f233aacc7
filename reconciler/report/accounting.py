"""Nothing goes untold: a change that was lost sight of, a guard that was passed."""

from dataclasses import fields

from reconciler.model.change import Approval
from reconciler.model.outcome import ChangeOutcome, Outcome, Result


def accounted(outcome: Outcome) -> list[ChangeOutcome]:
    """One outcome for each change of the plan, in its order."""
    known = {(o.change.key, o.change.action): o for o in outcome.changes}
    return [
        known.get((change.key, change.action))
        or ChangeOutcome(change, Result.NOT_STARTED, "Nothing is known of it.")
        for change in outcome.plan.changes
    ]


def allowed(approval: Approval) -> dict[str, int]:
    """The ways past the guards that were given, by name."""
    given = {field.name: getattr(approval, field.name) for field in fields(approval)}
    return {
        name: value for name, value in given.items() if value is not None and value is not False
    }


def flags(approval: Approval) -> list[str]:
    """The same as the command line has them."""
    return [
        f"--allow-{name}" + ("" if value is True else f" {value}")
        for name, value in allowed(approval).items()
    ]
