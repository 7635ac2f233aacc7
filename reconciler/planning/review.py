"""The plan that was reviewed against the plan that is made now (DESIGN.md 7)."""

from typing import TYPE_CHECKING

from reconciler.errors import Refused
from reconciler.model.change import Plan
from reconciler.model.values import moved_sides

if TYPE_CHECKING:  # its library takes longer to load than most plans take to be made
    from reconciler.model.plan_document import PlanDocument


def not_reviewed(
    made: Plan, reviewed: "PlanDocument | None", expected_digest: str | None
) -> tuple[str, ...]:
    """The keys of changes that the reviewed plan does not hold: they are not to be made.

    Raises:
        Refused: a change that the reviewed plan holds is no longer the same.
    """
    if expected_digest is not None and expected_digest != made.digest:
        raise _stale(
            f"the plan is no longer the reviewed one: its digest is {made.digest}, not "
            f"{expected_digest}"
        )
    if reviewed is None:
        return ()
    moved = _moved(made, reviewed)
    if moved:
        raise _stale("the reviewed plan is stale: " + "; ".join(moved))
    held = {change.key for change in reviewed.changes}
    return tuple(change.key for change in made.changes if change.key not in held)


def _stale(message: str) -> Refused:
    return Refused(message, code="STALE", hint="plan and review again")


def _moved(made: Plan, reviewed: "PlanDocument") -> list[str]:
    if reviewed.environment != made.environment:
        return [f"it is for environment {reviewed.environment}, not {made.environment}"]
    if reviewed.ledger_id != made.ledger_id:
        return [_other_ledger(made.ledger_id, reviewed.ledger_id)]
    now = {change.key: change for change in made.changes}
    found = []
    for change in reviewed.changes:
        current = now.get(change.key)
        if current is not None and current.digest != change.digest:
            sides = ", ".join(moved_sides(change.digest, current.digest))
            found.append(f"{change.key} changed since the review ({sides})")
        elif current is not None and change.blocked and not current.blocked:
            found.append(f"{change.key} was blocked when it was reviewed, and is not any more")
        elif current is None and not _only_secrets(change.fields):
            found.append(f"{change.key} ({change.action}) is no longer to be changed")
    return found


def _other_ledger(now: str | None, then: str | None) -> str:
    if now is None:
        return f"it rests on the ledger {then}, and here there is none"
    if then is None:
        return f"there was no ledger when it was made, and now there is one ({now})"
    return f"the ledger is another one ({now}, not {then})"


def _only_secrets(fields: object) -> bool:
    """Knowledge of secrets is no part of a plan: such a change may come and go."""
    listed = list(fields) if isinstance(fields, (list, tuple)) else []
    return bool(listed) and all(field.secret for field in listed)
