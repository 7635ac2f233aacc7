"""What an apply is about to do, for the ledger to hear once and before all of it (DESIGN.md 8)."""

from collections.abc import Iterable
from datetime import datetime

from reconciler.applying.world import World
from reconciler.model.change import Action, Change
from reconciler.model.ledger import HistoryEntry, Intent


def intent_to_create(change: Change, at: datetime) -> Intent:
    return Intent(key=change.key, kind="create", at=at, name=change.name, record=change.after)


def intent_to_delete(change: Change, at: datetime) -> Intent:
    assert change.record is not None
    assert change.live is not None
    return Intent(
        key=change.record.key, kind="delete", at=at, name=change.name, agent_id=change.live.id
    )


def announced(
    changes: Iterable[Change], world: World
) -> tuple[tuple[Intent, ...], tuple[HistoryEntry, ...]]:
    """The intents of these changes, and the full documents that they will replace or delete.

    What is said later must be equal, but for the time: a ledger knows it again by that.
    """
    intents: list[Intent] = []
    entries: list[HistoryEntry] = []
    for change in changes:
        if change.action is Action.CREATE:
            intents.append(intent_to_create(change, world.now()))
        elif change.action is Action.DELETE:
            intents.append(intent_to_delete(change, world.now()))
        if change.live is not None and (change.write or change.action is Action.DELETE):
            entries.append(world.entry(change, "started", before=change.live.raw))
    return tuple(intents), tuple(entries)
