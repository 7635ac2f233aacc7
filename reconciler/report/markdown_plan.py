"""A plan and its outcome as Markdown for a pull request (safe, bounded, split at a limit)."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from reconciler.model.change import Action, Change, Origin, Plan
from reconciler.model.counting import counted
from reconciler.model.outcome import Outcome, Result
from reconciler.report.accounting import flags
from reconciler.report.counting import plan_summary
from reconciler.report.escaping import inline, quoted
from reconciler.report.markdown import Block, Fence, Section, code, fence, parts
from reconciler.report.markdown_fields import changed_fields, created_fields
from reconciler.report.outcomes import EXIT_MEANINGS, WORDS, accounted, outcome_summary
from reconciler.report.text_plan import NO_MEMORY, notes
from reconciler.report.values import dotted

SIGNS: Final = {
    Action.CREATE: "🆕",
    Action.ADOPT: "🔗",
    Action.UPDATE: "✏️",
    Action.DELETE: "🗑️",
    Action.REKEY: "🔗",
    Action.FORGET: "🔗",
}
_MOST_LISTED: Final = 50


def plan_markdown(plan: Plan, *, limit: int | None = None) -> list[str]:
    """The parts of a comment, each at most `limit` characters long (8,000 is the least)."""
    return parts(f"Plan for {code(plan.environment)}", list(_plan(plan)), limit)


def outcome_markdown(outcome: Outcome, *, limit: int | None = None) -> list[str]:
    """What became of each change: what failed first."""
    return parts(f"Apply to {code(outcome.plan.environment)}", list(_outcome(outcome)), limit)


def _plan(plan: Plan) -> Iterator[Block]:
    if not plan.memory:
        yield f"> [!NOTE]\n> {NO_MEMORY}"
    yield f"**{plan_summary(plan)}**"
    if flags(plan.approval):
        yield f"Allowed: {', '.join(map(code, flags(plan.approval)))}"
    if plan.guards:
        yield (
            f"> [!CAUTION]\n> **Refused by {counted(len(plan.guards), 'guard')}: "
            "nothing is written as long as this stands.**"
        )
        yield fence("text", (f"{g.message}\nway out: {g.way_out}" for g in plan.guards))
    yield from _alarms(plan)
    if plan.warnings:
        yield "**Warnings**"
        yield fence("text", _listed(plan.warnings))
    yield from (_section(change) for change in plan.changes)
    if plan.unmanaged:
        number = counted(len(plan.unmanaged), "unmanaged agent")
        names = [f"{quoted(agent.name)}  {agent.id}" for agent in plan.unmanaged]
        yield Section(f"{number}, left alone", (fence("text", _listed(names)),))


def _alarms(plan: Plan) -> Iterator[Block]:
    """What a reviewer must not miss: deletes, blocked changes, conflicts, drift to be undone."""
    deletes = [c for c in plan.changes if c.action is Action.DELETE]
    if deletes:
        yield f"> [!CAUTION]\n> **{counted(len(deletes), 'agent')} will be deleted.**"
        yield fence("text", _listed([f"{inline(c.key)}  {quoted(c.name)}" for c in deletes]))
    blocked = [c for c in plan.changes if c.blocked is not None]
    if blocked:
        yield f"> [!WARNING]\n> **{counted(len(blocked), 'change')} blocked.**"
        yield fence(
            "text", _listed([f"{inline(c.key)}: {inline(c.blocked or '')}" for c in blocked])
        )
    for origin, words in (
        (Origin.CONFLICT, "changed live and in git; git wins"),
        (Origin.DRIFT, "changed live since the last apply; git wins"),
    ):
        places = _places(plan, origin)
        if places:
            yield f"> [!WARNING]\n> **{counted(len(places), 'field')} {words}.**"
            yield fence("text", _listed(places))


def _places(plan: Plan, origin: Origin) -> list[str]:
    return [
        f"{inline(change.key)}: {dotted(field.path)}"
        for change in plan.changes
        for field in change.fields
        if field.origin is origin
    ]


def _listed(lines: list[str] | tuple[str, ...]) -> Iterator[str]:
    yield from islice(lines, _MOST_LISTED)
    if len(lines) > _MOST_LISTED:
        yield f"… and {len(lines) - _MOST_LISTED:,} more"


def _section(change: Change) -> Section:
    body: list[str | Fence] = []
    told = [*_reasons(change), *notes(change)]
    if told:
        body.append(fence("text", told))
    if change.action is Action.CREATE:
        body.append(created_fields(change.fields))
    elif change.fields:
        body.extend(changed_fields(change.fields))
    elif not told:
        body.append(fence("text", [_without_fields(change)]))
    return Section(_summary(change), tuple(body))


def _reasons(change: Change) -> Iterator[str]:
    if change.blocked is not None:
        yield f"blocked: {inline(change.blocked)}"


def _summary(change: Change) -> str:
    sign = "⛔" if change.blocked is not None else SIGNS[change.action]
    line = f"{sign} {change.action} {code(change.key)} {code(quoted(change.name))}"
    if change.name_from is not None and change.name_from != change.name:
        line += f" renamed from {code(quoted(change.name_from))}"
    if change.key_from is not None:
        line += f" moved from {code(change.key_from)}"
    for origin in (Origin.CONFLICT, Origin.DRIFT):
        number = sum(field.origin is origin for field in change.fields)
        line += f", <b>{number} {origin}</b>" if number else ""
    return line


def _without_fields(change: Change) -> str:
    agent = f"live agent {inline(change.agent_id or '(no id)')}"
    match change.action:
        case Action.DELETE:
            return f"{agent} is deleted"
        case Action.FORGET:
            return f"{agent} {'is kept, no longer managed' if change.live else 'is already gone'}"
        case _:
            return f"{agent}: nothing is written"


def _outcome(outcome: Outcome) -> Iterator[Block]:
    outcomes = accounted(outcome)
    code_ = outcome.exit_code
    yield f"**{outcome_summary(outcomes)}** Exit code {int(code_)}: {EXIT_MEANINGS[code_]}."
    if outcome.ledger_error is not None:
        yield "> [!CAUTION]\n> **The ledger failed.**"
        yield fence("text", [inline(outcome.ledger_error)])
    for result in (Result.FAILED, Result.REFUSED, Result.NOT_STARTED, Result.DONE):
        lines = [
            "  ".join(
                [str(o.change.action), inline(o.change.key), quoted(o.change.name)]
                + [inline(text) for text in (o.error, o.hint) if text]
            )
            for o in outcomes
            if o.result is result
        ]
        if not lines:
            continue
        if result is Result.DONE:
            yield Section(f"{len(lines):,} done", (fence("text", lines),))
        else:
            alarm = "CAUTION" if result is Result.FAILED else "WARNING"
            yield f"> [!{alarm}]\n> **{len(lines):,} {WORDS[result]}.**"
            yield fence("text", lines)
