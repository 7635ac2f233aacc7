"""POST is not idempotent: an agent is made once, whatever happens to the answer (DESIGN.md 8)."""

from reconciler.applying.world import NotTaken, World
from reconciler.errors import LiveError
from reconciler.model.change import Change
from reconciler.model.live import LiveAgent

_CONFLICT = 409
_ATTEMPTS = 4
_FIRST_PAUSE = 0.5  # seconds; doubled each time


async def create(change: Change, world: World) -> LiveAgent:
    """Make the agent. The intent is in the ledger before the first byte is sent.

    Raises:
        LiveError: the API refused, or it can not be told what happened (the intent stays).
        NotTaken: another agent has the name, or one appeared that is not what was sent.
    """
    assert change.write is not None
    await world.journal.begin(change)
    unclear: LiveError | None = None
    for attempt in range(_ATTEMPTS):
        if unclear is not None:
            found = await _made_after_all(change, world)
            if found is not None:
                return found
            await world.sleep(_FIRST_PAUSE * 2**attempt)
        try:
            return await world.store.create_agent(change.write.body)
        except LiveError as error:
            unclear = _unclear(error, unclear, change, world)
    found = await _made_after_all(change, world)
    if found is not None:
        return found
    assert unclear is not None
    raise unclear


def _unclear(error: LiveError, before: LiveError | None, change: Change, world: World) -> LiveError:
    """The error that leaves it open whether the agent was made; one that does not is raised."""
    if error.unclear:
        return error
    if before is None:
        _withdraw(change, world)
        raise error
    if error.status != _CONFLICT:
        raise error  # an attempt before may still have made it: the intent stays
    return before


async def _made_after_all(change: Change, world: World) -> LiveAgent | None:
    """Look the name up after an unclear answer."""
    agents = await world.store.list_agents()
    named = [a for a in agents if a.name == change.name and a.id not in world.known_ids]
    if not named:
        return None
    if len(named) == 1 and world.referee.is_ours(change, named[0]):
        return named[0]
    _withdraw(change, world)
    raise NotTaken(
        f"an agent named {change.name!r} appeared meanwhile that is not what was sent "
        f"({named[0].id}); it is not adopted",
        hint="plan again: it will be shown as an adopt",
    )


def _withdraw(change: Change, world: World) -> None:
    world.journal.tell(change, lambda writer: writer.withdraw(change.key))
