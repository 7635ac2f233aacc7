"""The page around the cards."""

import base64
import hashlib
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Final

from reconciler.model.change import Action, Origin, Plan
from reconciler.model.counting import counted
from reconciler.nouns import noun
from reconciler.report.accounting import flags
from reconciler.report.counting import plan_summary
from reconciler.report.escaping import inline, quoted
from reconciler.report.html.cards import SIGNS, Card, cards
from reconciler.report.text_plan import NO_MEMORY

if TYPE_CHECKING:
    from jinja2 import Environment

_SIGNS: Final = {str(action): sign for action, sign in SIGNS.items()} | {
    "conflict": "⚡",
    "drift": "≠",
    "blocked": "!",
}


@noun
class Alarm:
    """What a reviewer must not miss, with the cards it speaks of."""

    kind: str
    text: str
    cards: tuple[Card, ...]


@noun
class Tile:
    """How many changes are of one kind; a filter where there are scripts."""

    kind: str
    sign: str
    count: int


def plan_html(plan: Plan) -> str:
    """The plan as one self-contained file, the same for the same plan, byte by byte."""
    environment = _environment()
    shown = cards(plan)
    return environment.get_template("page.html").render(
        environment=inline(plan.environment),
        organisation=inline(plan.organisation_id or ""),
        summary=plan_summary(plan),
        no_memory="" if plan.memory else NO_MEMORY,
        allowed=flags(plan.approval),
        guards=[(inline(g.code), inline(g.message), inline(g.way_out)) for g in plan.guards],
        refused=counted(len(plan.guards), "guard"),
        alarms=list(_alarms(plan, shown)),
        tiles=list(_tiles(plan, shown)),
        cards=shown,
        warnings=[inline(warning) for warning in plan.warnings],
        unmanaged=[(quoted(agent.name), inline(agent.id)) for agent in plan.unmanaged],
        digest=inline(plan.digest),
    )


def _alarms(plan: Plan, shown: list[Card]) -> Iterator[Alarm]:
    def told(kind: str) -> tuple[Card, ...]:
        return tuple(card for card in shown if kind in card.kinds)

    def fields(origin: Origin) -> str:
        number = sum(f.origin is origin for change in plan.changes for f in change.fields)
        return counted(number, "field")

    alarms = (
        ("delete", f"{counted(len(told('delete')), 'agent')} will be deleted"),
        ("conflict", f"{fields(Origin.CONFLICT)} changed live and in git; git wins"),
        ("blocked", f"{counted(len(told('blocked')), 'change')} blocked"),
        ("drift", f"{fields(Origin.DRIFT)} changed live since the last apply; git wins"),
    )
    for kind, text in alarms:
        if told(kind):
            yield Alarm(kind, text, told(kind))


def _tiles(plan: Plan, shown: list[Card]) -> Iterator[Tile]:
    for kind in (*map(str, Action), "conflict", "drift", "blocked"):
        count = sum(kind in card.kinds for card in shown)
        if count:
            yield Tile(kind, _SIGNS[kind], count)
    yield Tile("unchanged", "✓", plan.summary["unchanged"])


@cache
def _environment() -> "Environment":
    # Not at the top: only this format needs it.
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415  # for HTML alone
    from markupsafe import Markup  # noqa: PLC0415  # for HTML alone

    from reconciler.report.html.visible import attribute, visible  # noqa: PLC0415  # for HTML alone

    loader = PackageLoader("reconciler.report.html")
    environment = Environment(
        loader=loader,
        autoescape=True,
        finalize=visible,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["attribute"] = attribute
    for name in ("style.css", "script.js"):
        text = loader.get_source(environment, name)[0]
        kind = name.partition(".")[0]
        environment.globals[kind] = Markup(text)  # noqa: S704  # a file of ours
        environment.globals[f"{kind}_hash"] = Markup(_hash(text))  # noqa: S704  # base64
    return environment


def _hash(text: str) -> str:
    """What the page's own policy knows its script and its style by."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
