"""What became of a plan, as text for people."""

from collections.abc import Iterator
from typing import Final

from reconciler.model.outcome import ChangeOutcome, Outcome, Result
from reconciler.report.escaping import inline, page, quoted
from reconciler.report.look import Look
from reconciler.report.outcomes import EXIT_MEANINGS, WORDS, accounted, outcome_summary
from reconciler.report.text_plan import LONGEST_ACTION, title

RESULT_SIGNS: Final = {
    Result.DONE: ("✓", "green"),
    Result.FAILED: ("✗", "alarm"),
    Result.REFUSED: ("!", "alarm"),
    Result.NOT_STARTED: ("·", "yellow"),
}


def outcome_text(
    outcome: Outcome, *, color: bool = False, width: int = 100, verbose: bool = False
) -> str:
    """What became of each change: what is done first, what failed next to the counts."""
    return page(_outcome(outcome, Look(color, width, verbose)))


def _outcome(outcome: Outcome, look: Look) -> Iterator[str]:
    outcomes = accounted(outcome)
    yield title("Apply to", outcome.plan, look)
    for result in (Result.DONE, Result.NOT_STARTED, Result.REFUSED, Result.FAILED):
        for one in outcomes:
            if one.result is result:
                yield from _outcome_lines(one, look)
    yield ""
    yield look.paint("bold", outcome_summary(outcomes))
    if outcome.ledger_error is not None:
        yield look.paint("alarm", f"The ledger failed: {inline(outcome.ledger_error)}.")
    if outcome.run_id is not None:
        yield look.paint("dim", f"Recorded as {inline(outcome.run_id)}.")
    code = outcome.exit_code
    yield look.paint("dim", f"Exit code {int(code)}: {EXIT_MEANINGS[code]}.")


def _outcome_lines(one: ChangeOutcome, look: Look) -> Iterator[str]:
    sign, style = RESULT_SIGNS[one.result]
    change = one.change
    lead = look.paint(style, f"{sign} {change.action:<{LONGEST_ACTION}}")
    word = "" if one.result is Result.DONE else look.paint(style, f"  {WORDS[one.result]}")
    yield f"{lead}  {look.paint('bold', inline(change.key))}  {quoted(change.name)}{word}"
    for text in filter(None, (one.error, one.hint)):
        yield f"    {inline(text)}"
    for text in one.warnings:
        yield f"    {look.paint('yellow', 'warning:')} {inline(text)}"
