"""A plan and its outcome as text for people."""

from collections.abc import Iterator, Sequence
from typing import Final

from reconciler.model.change import Action, Change, Guard, Plan
from reconciler.model.live import LiveAgent
from reconciler.model.outcome import ChangeOutcome, Outcome, Result
from reconciler.report.accounting import accounted, flags
from reconciler.report.counting import EXIT_MEANINGS, WORDS, outcome_summary, plan_summary
from reconciler.report.escaping import inline, page, quoted
from reconciler.report.look import Look, counted
from reconciler.report.text_fields import changed_fields, created_fields
from reconciler.report.values import masked, shown

SIGNS: Final = {
    Action.CREATE: ("+", "green"),
    Action.ADOPT: ("=", "cyan"),
    Action.UPDATE: ("~", "yellow"),
    Action.DELETE: ("-", "red"),
    Action.REKEY: ("=", "cyan"),
    Action.FORGET: ("=", "cyan"),
}
RESULT_SIGNS: Final = {
    Result.DONE: ("✓", "green"),
    Result.FAILED: ("✗", "alarm"),
    Result.REFUSED: ("!", "alarm"),
    Result.NOT_STARTED: ("·", "yellow"),
}
NO_MEMORY: Final = (
    "This plan has no memory: there is no ledger for this environment yet, so drift, deletes and "
    "resets can not be seen."
)
_LONGEST_ACTION: Final = 6
_MOST_NAMES: Final = 10
_MOST_WARNINGS: Final = 25


def plan_text(plan: Plan, *, color: bool = False, width: int = 100, verbose: bool = False) -> str:
    """The plan, guards on top, one summary line at the end."""
    return page(_plan(plan, Look(color, width, verbose)))


def outcome_text(
    outcome: Outcome, *, color: bool = False, width: int = 100, verbose: bool = False
) -> str:
    """What became of each change: what is done first, what failed next to the counts."""
    return page(_outcome(outcome, Look(color, width, verbose)))


def _plan(plan: Plan, look: Look) -> Iterator[str]:
    if not plan.memory:
        yield look.paint("yellow", NO_MEMORY)
    yield _title("Plan for", plan, look)
    if flags(plan.approval):
        yield look.paint("yellow", f"Allowed: {', '.join(flags(plan.approval))}")
    yield from _guards(plan.guards, look)
    spacious = False
    for change in plan.changes:
        block = list(change_lines(change, look))
        if spacious or len(block) > 1 or change is plan.changes[0]:
            yield ""
        yield from block
        spacious = len(block) > 1
    yield from _warnings(plan.warnings, look)
    yield from _unmanaged(plan.unmanaged, look)
    yield ""
    yield look.paint("bold", plan_summary(plan))
    if plan.guards:
        yield look.paint("alarm", f"Refused by {counted(len(plan.guards), 'guard')}: see the top.")


def _title(words: str, plan: Plan, look: Look) -> str:
    organisation = f", organisation {inline(plan.organisation_id)}" if plan.organisation_id else ""
    head = look.paint("bold", f"{words} {inline(plan.environment)}")
    return head + look.paint("dim", organisation)


def _guards(guards: Sequence[Guard], look: Look) -> Iterator[str]:
    for guard in guards:
        yield ""
        yield look.paint("alarm", f"! {inline(guard.message)}") + look.paint(
            "dim", f" [{inline(guard.code)}]"
        )
        yield f"  Way out: {inline(guard.way_out)}"
    if guards:
        yield look.paint("alarm", "  Nothing is written as long as this stands.")


def change_lines(change: Change, look: Look) -> Iterator[str]:
    """One change with its fields."""
    yield heading(change, look)
    if change.blocked is not None:
        yield look.paint("alarm", f"    blocked: {inline(change.blocked)}")
    yield from (look.paint("dim", f"    {note}") for note in notes(change))
    if change.action is Action.CREATE:
        yield from created_fields(change.fields, look)
    else:
        yield from changed_fields(change.fields, look)


def heading(change: Change, look: Look) -> str:
    """`~ update  sales/desk  "Desk"`."""
    sign, style = SIGNS[change.action]
    if change.blocked is not None:
        sign, style = "!", "alarm"
    lead = look.paint(style, f"{sign} {change.action:<{_LONGEST_ACTION}}")
    line = f"{lead}  {look.paint('bold', inline(change.key))}  {quoted(change.name)}"
    if change.name_from is not None and change.name_from != change.name:
        line += look.paint("yellow", f"  renamed from {quoted(change.name_from)}")
    if change.key_from is not None:
        line += look.paint("cyan", f"  moved from {inline(change.key_from)}")
    return line + look.paint("dim", _aside(change))


def _aside(change: Change) -> str:
    """What becomes of an agent that has no fields to show."""
    match change.action:
        case Action.DELETE:
            return f"  live agent {_id(change)}"
        case Action.FORGET if change.live is None:
            return f"  already gone live, was {_id(change)}"
        case Action.FORGET:
            return f"  live agent {_id(change)} is kept, no longer managed"
        case Action.ADOPT if not change.fields:
            return f"  live agent {_id(change)}, nothing is written"
        case _:
            return ""


def notes(change: Change) -> Iterator[str]:
    """What a reviewer should know beyond the fields."""
    if change.vanished:
        yield "The agent we made vanished live since the last apply; it is created again."
    if change.action is Action.ADOPT and change.fields:
        yield f"The live agent {_id(change)} is not ours yet; these fields of it are overwritten."
    if change.parking:
        taken = shown(masked(change.parking))
        yield f"For a while it takes {taken}, so that others can take what it has."
    if change.waits_for:
        yield f"It waits for {', '.join(map(inline, change.waits_for))}."


def _id(change: Change) -> str:
    return inline(change.agent_id or "(no id)")


def _warnings(warnings: Sequence[str], look: Look) -> Iterator[str]:
    if warnings:
        yield ""
    shown = warnings if look.verbose else warnings[:_MOST_WARNINGS]
    for warning in shown:
        yield f"{look.paint('yellow', 'warning:')} {inline(warning)}"
    if len(warnings) > len(shown):
        rest = len(warnings) - len(shown)
        yield f"{look.paint('yellow', 'warning:')} {rest:,} more; `reconciler -v` shows all"


def _unmanaged(agents: Sequence[LiveAgent], look: Look) -> Iterator[str]:
    if not agents:
        return
    shown = agents if look.verbose else agents[:_MOST_NAMES]
    more = f" and {len(agents) - len(shown):,} more" if len(agents) > len(shown) else ""
    names = ", ".join(quoted(agent.name) for agent in shown)
    yield ""
    yield look.paint("dim", f"Unmanaged, left alone: {names}{more}")


def _outcome(outcome: Outcome, look: Look) -> Iterator[str]:
    outcomes = accounted(outcome)
    yield _title("Apply to", outcome.plan, look)
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
    lead = look.paint(style, f"{sign} {change.action:<{_LONGEST_ACTION}}")
    word = "" if one.result is Result.DONE else look.paint(style, f"  {WORDS[one.result]}")
    yield f"{lead}  {look.paint('bold', inline(change.key))}  {quoted(change.name)}{word}"
    for text in filter(None, (one.error, one.hint)):
        yield f"    {inline(text)}"
    for text in one.warnings:
        yield f"    {look.paint('yellow', 'warning:')} {inline(text)}"
