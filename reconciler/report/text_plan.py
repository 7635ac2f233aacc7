"""A plan as text for people."""

from collections.abc import Iterator, Sequence
from typing import Final

from reconciler.model.change import Action, Change, Guard, Plan
from reconciler.model.counting import counted
from reconciler.model.live import LiveAgent
from reconciler.report.accounting import flags
from reconciler.report.counting import plan_summary
from reconciler.report.escaping import inline, page, quoted
from reconciler.report.look import Look

SIGNS: Final = {
    Action.CREATE: ("+", "green"),
    Action.ADOPT: ("=", "cyan"),
    Action.UPDATE: ("~", "yellow"),
    Action.DELETE: ("-", "red"),
    Action.REKEY: ("=", "cyan"),
    Action.FORGET: ("=", "cyan"),
}
NO_MEMORY: Final = (
    "This plan has no memory: there is no ledger for this environment yet, so drift, deletes and "
    "resets can not be seen."
)
LONGEST_ACTION: Final = 6
_MOST_NAMES: Final = 10
_MOST_WARNINGS: Final = 25


def plan_text(plan: Plan, *, color: bool = False, width: int = 100, verbose: bool = False) -> str:
    """The plan, guards on top, one summary line at the end."""
    return page(_plan(plan, Look(color, width, verbose)))


def _plan(plan: Plan, look: Look) -> Iterator[str]:
    if not plan.memory:
        yield look.paint("yellow", NO_MEMORY)
    yield title("Plan for", plan, look)
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


def title(words: str, plan: Plan, look: Look) -> str:
    """Of which environment, and whose it is."""
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
    from reconciler.report.text_fields import (  # noqa: PLC0415  # most plans change nothing
        changed_fields,
        created_fields,
    )

    if change.action is Action.CREATE:
        yield from created_fields(change.fields, look)
    else:
        yield from changed_fields(change.fields, look)


def heading(change: Change, look: Look) -> str:
    """`~ update  sales/desk  "Desk"`."""
    sign, style = SIGNS[change.action]
    if change.blocked is not None:
        sign, style = "!", "alarm"
    lead = look.paint(style, f"{sign} {change.action:<{LONGEST_ACTION}}")
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
        from reconciler.report.values import masked, shown  # noqa: PLC0415  # rarely

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
