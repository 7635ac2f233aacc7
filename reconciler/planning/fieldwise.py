"""The field changes of one agent, each with its origin (DESIGN.md 6)."""

from collections.abc import Sequence
from typing import Final, Literal

from reconciler.model import fields
from reconciler.model.change import FieldChange, Origin
from reconciler.model.ledger import AgentRecord
from reconciler.model.values import ABSENT, Document, Path, lookup, same, set_path
from reconciler.nouns import noun
from reconciler.planning.diff import Difference, differences, shown_value, tool_names
from reconciler.planning.ignored import Accepted
from reconciler.planning.normal import keyed, unkeyed
from reconciler.planning.secrets import secret_places
from reconciler.planning.target import Target

PARKED_NAME: Final = "reconciler-renaming-"


@noun
class Fieldwise:
    """`changes` are to be made; `left` is drift that stays as it is by choice, and why.

    `left_paths` are the paths of `left` with tools by id; `document` is the target with the live
    values in those places: what is to be written.
    """

    document: Document
    changes: tuple[FieldChange, ...] = ()
    left: tuple[tuple[FieldChange, str], ...] = ()
    left_paths: tuple[Path, ...] = ()


def field_changes(
    target: Target,
    live: Document,
    record: AgentRecord | None,
    *,
    on_drift: Literal["revert", "leave", "stop"],
    hidden: Sequence[Path] = (),
    accepted: Accepted = lambda _shown: None,
) -> Fieldwise:
    """Compare a target with the normal live document.

    `hidden` are write-only parts that can not be compared; `accepted` knows which drift is to
    stay.
    """
    if same(target.document, live):
        return Fieldwise(target.document)
    wanted, now = keyed(target.document), keyed(live)
    if same(wanted, now):
        return Fieldwise(target.document)
    sent = keyed(record.sent) if record else {}
    answer = (now if record.answer is live else keyed(record.answer)) if record else {}
    changes, left, left_paths = [], [], []
    for difference in differences(now, wanted, tool_names(live, target.document)):
        if difference.path[:1] in hidden:
            continue
        origin = _origin(difference, sent, answer) if record else Origin.UNKNOWN
        ours = difference.path in target.anew or _is_parked(difference)
        if record is not None and ours:
            origin = Origin.GIT
        if origin is None:
            continue
        change = FieldChange(
            path=difference.shown,
            before=shown_value(difference.path, difference.before),
            after=shown_value(difference.path, difference.after),
            origin=origin,
            reset=any(difference.path[: len(unit)] == unit for unit in target.resets),
        )
        if origin is Origin.DRIFT and (why := _why_left(change.path, on_drift, accepted)):
            left.append((change, why))
            left_paths.append(difference.path)
        else:
            changes.append(change)
    document = _with_live_values(target.document, live, left_paths) if left else target.document
    return Fieldwise(document, tuple(changes), tuple(left), tuple(left_paths))


def _why_left(shown: Path, on_drift: str, accepted: Accepted) -> str | None:
    because = accepted(shown)
    if because is not None:
        return f"ignored: {because}"
    return "on_drift: leave" if on_drift == "leave" else None


def _origin(difference: Difference, sent: Document, answer: Document) -> Origin | None:
    """None where the API normalised what we sent: no change at all."""
    in_git = differs(difference.after, sent, difference.path)
    in_live = differs(difference.before, answer, difference.path)
    if in_git:
        return Origin.CONFLICT if in_live else Origin.GIT
    return Origin.DRIFT if in_live else None


def _is_parked(difference: Difference) -> bool:
    """A temporary name is our own doing, left by an apply that was killed."""
    parked = difference.path == ("name",) and isinstance(difference.before, str)
    return parked and difference.before.startswith(PARKED_NAME)


def differs(value: object, remembered: Document, path: Path) -> bool:
    """Whether a value is another than the one remembered at a path.

    A value that is not there is as remembered only if the object around it is remembered: of an
    object that was never sent, no key is known to have been left out on purpose.
    """
    then = lookup(remembered, path)
    if then is ABSENT and value is ABSENT:
        return not isinstance(lookup(remembered, path[:-1]), dict)
    return not same(value, then)


def _with_live_values(document: Document, live: Document, paths: Sequence[Path]) -> Document:
    """A target in which some fields stay as they are live; the secrets of other tools survive."""
    secrets = dict(secret_places(document))
    changed, now = keyed(document), keyed(live)
    for path in paths:
        changed = set_path(changed, path, lookup(now, path))
    for place, ref in secrets.items():
        if _has_place(changed, place):
            changed = set_path(changed, place, ref)
    return unkeyed(changed)


def _has_place(document: Document, place: Path) -> bool:
    """The runtime key always has; a tool's secret only while its `auth` is of the same type."""
    if len(place) == 1:
        return True
    auth = lookup(document, place[:-1])
    return isinstance(auth, dict) and fields.SECRET_KEYS.get(str(auth.get("type"))) == place[-1]
