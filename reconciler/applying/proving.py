"""Whose organisation it is, where only an agent that we made can tell (DESIGN.md 7)."""

from contextlib import suppress

from reconciler.applying.world import World
from reconciler.errors import LedgerError, LiveError, Refused
from reconciler.model.change import Change
from reconciler.model.live import LiveAgent


async def check_organisation(change: Change, made: LiveAgent, expected: str, world: World) -> None:
    """Delete the agent again, and its memory, if it landed in another organisation.

    Raises:
        Refused: it did.
    """
    if made.organisation_id == expected:
        return
    fate = "deleted again"
    try:
        await world.store.delete_agent(made.id)
    except LiveError as error:
        fate = f"not deleted ({error.message}): delete {made.id} by hand"
    with suppress(LedgerError):  # that it is the wrong organisation is what matters
        await _forget(change, made, world)
    raise Refused(
        f"the API key belongs to organisation {made.organisation_id}, not to {expected}: the "
        f"agent made to find out was {fate}",
        code="GUARD_ORGANISATION",
        hint="use the API key of the right organisation, or correct `organisation_id`",
    )


async def _forget(change: Change, made: LiveAgent, world: World) -> None:
    before, journal = change.record, world.journal
    if before is None:
        journal.tell(change, lambda writer: writer.forget(change.key, agent_id=made.id))
    else:  # of the agent that the right organisation may still have
        journal.tell(change, lambda writer: writer.record(before))
    await journal.settled(change)
