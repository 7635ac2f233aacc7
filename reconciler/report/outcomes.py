"""The sentences that count after an apply; a change that was lost sight of is told as well."""

from typing import Final

from reconciler.errors import ExitCode
from reconciler.model.outcome import ChangeOutcome, Outcome, Result

EXIT_MEANINGS: Final = {
    ExitCode.DONE: "all that was asked for is done",
    ExitCode.FAILED: "something failed; what does not depend on it went on",
    ExitCode.REFUSED: "not everything is done: see what was refused or not started",
    ExitCode.INTERRUPTED: "interrupted; what was in flight was finished. Run it again to go on",
}
WORDS: Final = {
    Result.DONE: "done",
    Result.FAILED: "failed",
    Result.REFUSED: "refused",
    Result.NOT_STARTED: "not started",
}


def accounted(outcome: Outcome) -> list[ChangeOutcome]:
    """One outcome for each change of the plan, in its order."""
    known = {(o.change.key, o.change.action): o for o in outcome.changes}
    return [
        known.get((change.key, change.action))
        or ChangeOutcome(change, Result.NOT_STARTED, "Nothing is known of it.")
        for change in outcome.plan.changes
    ]


def outcome_summary(outcomes: list[ChangeOutcome]) -> str:
    if not outcomes:
        return "Apply: there was nothing to do."
    counts = {result: sum(o.result is result for o in outcomes) for result in Result}
    named = (f"{counts[r]} {WORDS[r]}" for r in Result if counts[r] or r is Result.DONE)
    return f"Apply: {', '.join(named)}."
