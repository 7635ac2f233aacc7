"""Each change as a card of the page."""

from collections.abc import Iterator
from typing import Final

from reconciler.model.change import Action, Change, FieldChange, Origin, Plan
from reconciler.nouns import noun
from reconciler.report.escaping import inline, quoted
from reconciler.report.html.rows import Row, changed_rows, created_row
from reconciler.report.text_fields import HEADINGS, ORDER
from reconciler.report.text_plan import notes

SIGNS: Final = {
    Action.CREATE: "+",
    Action.ADOPT: "=",
    Action.UPDATE: "~",
    Action.DELETE: "\N{MINUS SIGN}",
    Action.REKEY: "=",
    Action.FORGET: "=",
}
# A plan of more changes than this opens as a list; what needs an eye stands open all the same.
_MOST_OPEN: Final = 12
# Characters of texts that a page carries, shared by its changes.
_ROOM: Final = 6_000_000
_LEAST_ROOM: Final = 4_000
_MOST_ROOM: Final = 120_000
_MOST_NAMED: Final = 4


@noun
class Group:
    """Fields that differ for one reason."""

    origin: str
    heading: str
    rows: tuple[Row, ...]


@noun
class Card:
    """A change as it is shown; all texts are spelt out already."""

    number: int
    sign: str
    action: str
    key: str
    name: str
    name_from: str
    key_from: str
    blocked: str
    opened: bool
    kinds: tuple[str, ...]
    gist: str
    notes: tuple[str, ...]
    groups: tuple[Group, ...]


def cards(plan: Plan) -> list[Card]:
    """One for each change, in the plan's order."""
    many = len(plan.changes) > _MOST_OPEN
    room = min(max(_ROOM // max(len(plan.changes), 1), _LEAST_ROOM), _MOST_ROOM)
    return [_card(number, change, room, many) for number, change in enumerate(plan.changes, 1)]


def kinds(change: Change) -> tuple[str, ...]:
    """What a reader may look for: the action, and what is alarming about it."""
    alarms = [
        o for o in (Origin.CONFLICT, Origin.DRIFT) if any(f.origin is o for f in change.fields)
    ]
    return (change.action, *alarms, *(("blocked",) if change.blocked is not None else ()))


def _card(number: int, change: Change, room: int, many: bool) -> Card:  # noqa: FBT001  # private
    renamed = change.name_from is not None and change.name_from != change.name
    found = kinds(change)
    return Card(
        number=number,
        sign="!" if change.blocked is not None else SIGNS[change.action],
        action=change.action,
        key=inline(change.key),
        name=quoted(change.name),
        name_from=quoted(change.name_from or "") if renamed else "",
        key_from=inline(change.key_from or ""),
        blocked=inline(change.blocked or "") if change.blocked is not None else "",
        opened=not many or bool({"conflict", "blocked"} & set(found)),
        kinds=found,
        gist=_gist(change),
        notes=(*notes(change), *_aside(change)),
        groups=tuple(_groups(change, room)),
    )


def _groups(change: Change, room: int) -> Iterator[Group]:
    if change.action is Action.CREATE:
        declared = [field for field in change.fields if field.path != ("name",)]
        rows = [created_row(field, room) for field in declared]
        if rows:
            yield Group("", "Declared fields", _tidy(rows))
        return
    for origin in ORDER:
        fields = [field for field in change.fields if field.origin is origin]
        if fields:
            heading = HEADINGS[origin].removesuffix(":")
            rows = [row for field in fields for row in changed_rows(field, room)]
            yield Group(origin, heading[0].upper() + heading[1:], _tidy(rows))


def _tidy(rows: list[Row]) -> tuple[Row, ...]:
    """Short rows first: what stands below a text's head belongs to the text."""
    return tuple(sorted(rows, key=lambda row: row.wide))


def _gist(change: Change) -> str:
    """The fields by name, to be read while the card is closed."""
    if change.action is Action.CREATE or not change.fields:
        return ""
    names = list(dict.fromkeys(map(_short, change.fields)))
    more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more


def _short(field: FieldChange) -> str:
    return inline(".".join(field.path[:2] if field.path[:1] == ("tools",) else field.path[-1:]))


def _aside(change: Change) -> Iterator[str]:
    """What becomes of an agent that has no fields to show."""
    agent = f"live agent {inline(change.agent_id or '(no id)')}"
    match change.action:
        case Action.DELETE:
            yield f"The {agent} is deleted."
        case Action.FORGET if change.live is None:
            yield f"The {agent} is already gone; it is forgotten."
        case Action.FORGET:
            yield f"The {agent} is kept, no longer managed."
        case Action.ADOPT | Action.REKEY if not change.fields:
            yield f"The {agent} stays as it is: nothing is written."
        case _:
            return
