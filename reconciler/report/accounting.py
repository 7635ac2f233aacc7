"""Every change of a plan is accounted for, even one that the applying side lost sight of."""

from reconciler.model.outcome import ChangeOutcome, Outcome, Result


def accounted(outcome: Outcome) -> list[ChangeOutcome]:
    """One outcome for each change of the plan, in its order."""
    known = {(o.change.key, o.change.action): o for o in outcome.changes}
    return [
        known.get((change.key, change.action))
        or ChangeOutcome(change, Result.NOT_STARTED, "Nothing is known of it.")
        for change in outcome.plan.changes
    ]
