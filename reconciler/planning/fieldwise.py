"""The field changes of one agent, each with its origin (DESIGN.md 6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from reconciler.model.change import FieldChange, Origin
from reconciler.model.ledger import AgentRecord
from reconciler.model.values import ABSENT, Document, Path, lookup, same
from reconciler.planning.diff import Difference, differences, set_path, tool_names
from reconciler.planning.normal import keyed, unkeyed
from reconciler.planning.secrets import secret_places
from reconciler.planning.target import Target


@dataclass(frozen=True, slots=True)
class Fieldwise:
    """`changes` are to be made; `left` is drift that stays as it is by the project's choice.

    `left_paths` are the paths of `left` with tools by id; `document` is the target with the live
    values in those places: what is to be written.
    """

    document: Document
    changes: tuple[FieldChange, ...] = ()
    left: tuple[FieldChange, ...] = ()
    left_paths: tuple[Path, ...] = ()


def field_changes(
    target: Target,
    live: Document,
    record: AgentRecord | None,
    *,
    on_drift: Literal["revert", "leave", "stop"],
    hidden: Sequence[Path] = (),
) -> Fieldwise:
    """Compare a target with the normal live document.

    `hidden` are write-only parts that can not be compared.
    """
    wanted, now = keyed(target.document), keyed(live)
    if wanted == now and same(wanted, now):
        return Fieldwise(target.document)
    sent = keyed(record.sent) if record else {}
    answer = keyed(record.answer) if record else {}
    changes, left, left_paths = [], [], []
    for difference in differences(now, wanted, tool_names(live, target.document)):
        if difference.path[:1] in hidden:
            continue
        origin = _origin(difference, sent, answer) if record else Origin.UNKNOWN
        if origin is None:
            continue
        change = FieldChange(
            path=difference.shown,
            before=difference.before,
            after=difference.after,
            origin=origin,
            reset=any(difference.path[: len(unit)] == unit for unit in target.resets),
        )
        if origin is Origin.DRIFT and on_drift == "leave":
            left.append(change)
            left_paths.append(difference.path)
        else:
            changes.append(change)
    document = _with_live_values(target.document, live, left_paths) if left else target.document
    return Fieldwise(document, tuple(changes), tuple(left), tuple(left_paths))


def _origin(difference: Difference, sent: Document, answer: Document) -> Origin | None:
    """None where the API normalised what we sent: no change at all."""
    in_git = not same(difference.after, lookup(sent, difference.path))
    in_live = not same(difference.before, lookup(answer, difference.path))
    if in_git:
        return Origin.CONFLICT if in_live else Origin.GIT
    return Origin.DRIFT if in_live else None


def _with_live_values(document: Document, live: Document, paths: Sequence[Path]) -> Document:
    """A target in which some fields stay as they are live; the secrets of other tools survive."""
    secrets = dict(secret_places(document))
    changed, now = keyed(document), keyed(live)
    for path in paths:
        changed = set_path(changed, path, lookup(now, path))
    for place, ref in secrets.items():
        if lookup(changed, place[:-1]) is not ABSENT or len(place) == 1:
            changed = set_path(changed, place, ref)
    return unkeyed(changed)
