"""Cycles of names and trunks turn because one agent gives up its own for a moment (DESIGN.md 7)."""

from typing import Final

from reconciler.applying.announce import as_parked
from reconciler.applying.fresh import fresh
from reconciler.applying.world import World
from reconciler.errors import LiveError
from reconciler.model.change import Change
from reconciler.model.values import Document

_NAME: Final = "name"
_INBOUND: Final = "sip_inbound_trunk_id"


async def park(change: Change, world: World) -> None:
    """Let the agent give up a name or trunk for a moment, so that a cycle can turn."""
    agent = await fresh(change, world)
    await world.journal.begin(change, agent.raw)
    try:
        parked = await world.store.patch_agent(agent.id, change.parking)
    except LiveError as error:
        if not error.unclear and change.record is not None:
            withdrawn = change.record.key  # it certainly has all that it had
            world.journal.tell(change, lambda writer: writer.withdraw(withdrawn))
        raise
    world.latest[agent.id] = parked
    if change.record is not None:
        taken = {name: parked.document.get(name) for name in change.parking}
        known = as_parked(change.record, taken)
        world.journal.tell(change, lambda writer: writer.record(known))
    await world.journal.settled(change)


def takes_from(change: Change, parked: Change) -> bool:
    """Whether a change takes what the parked agent gives up. It does not say so in `waits_for`."""
    if change.write is None or parked.live is None or change.key == parked.key:
        return False
    given, taken = parked.live.document, change.write.document
    return any(
        _value(given, what) is not None and _value(given, what) == _value(taken, what)
        for what in (_NAME, _INBOUND)
        if what in parked.parking
    )


def _value(document: Document, what: str) -> str | None:
    value = document.get(what)
    if not isinstance(value, str):
        return None
    return value.lower() if what == _INBOUND else value
