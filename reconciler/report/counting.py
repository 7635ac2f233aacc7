"""The sentences that count: the last line of each report."""

from reconciler.errors import ExitCode
from reconciler.model.change import Action, Plan
from reconciler.model.outcome import ChangeOutcome, Result
from reconciler.report.look import counted

EXIT_MEANINGS = {
    ExitCode.DONE: "everything is done",
    ExitCode.FAILED: "something failed; what does not depend on it went on",
    ExitCode.REFUSED: "not everything is done: see what was refused or not started",
    ExitCode.INTERRUPTED: "interrupted; what was in flight was finished. Run it again to go on",
}


def plan_summary(plan: Plan) -> str:
    counts = plan.summary
    left = _left_alone(counts["unmanaged"])
    if not plan.changes:
        number = counts["unchanged"]
        agents = counted(number, "agent")
        state = f"{agents} {'is as its spec says' if number == 1 else 'are as their specs say'}"
        return f"No changes. {state if number else 'There are no specs'}{left}."
    parts = [f"{counts[action]} to {action}" for action in Action if counts[action]]
    blocked = f" ({counts['blocked']} of them blocked)" if counts["blocked"] else ""
    return f"Plan: {', '.join(parts)}{blocked}, {counts['unchanged']} unchanged{left}."


def _left_alone(unmanaged: int) -> str:
    if not unmanaged:
        return ""
    return (
        f"; {counted(unmanaged, 'unmanaged agent')} {'is' if unmanaged == 1 else 'are'} left alone"
    )


def outcome_summary(outcomes: list[ChangeOutcome]) -> str:
    if not outcomes:
        return "Apply: there was nothing to do."
    counts = {result: sum(o.result is result for o in outcomes) for result in Result}
    named = (f"{counts[r]} {WORDS[r]}" for r in Result if counts[r] or r is Result.DONE)
    return f"Apply: {', '.join(named)}."


WORDS = {
    Result.DONE: "done",
    Result.FAILED: "failed",
    Result.REFUSED: "refused",
    Result.NOT_STARTED: "not started",
}
