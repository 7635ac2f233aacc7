"""Before it is written to, an agent is read again (DESIGN.md 8)."""

from reconciler.applying.world import StepRefused, World
from reconciler.model.change import Change
from reconciler.model.live import LiveAgent
from reconciler.model.values import same


async def fresh(change: Change, world: World) -> LiveAgent:
    """The agent as it is now, if it is still what the plan saw or what we made of it.

    Raises:
        StepRefused: somebody else changed or deleted it.
    """
    assert change.live is not None
    now = await world.store.get_agent(change.live.id)
    if now is None:
        raise StepRefused(f"agent {change.live.id} has vanished since the plan", hint="plan again")
    expected = world.latest.get(change.live.id, change.live)
    # Mostly nothing at all has changed, and the normal form costs more than a look.
    if not same(now.document, expected.document) and not world.referee.same_agent(now, expected):
        raise StepRefused(
            f"agent {change.live.id} was changed by someone else since the plan",
            hint="plan again to see what changed",
        )
    return now


async def surely_gone(change: Change, world: World) -> None:
    """Look for an agent that the list did not show: it may lag behind.

    Then a create would make a second one, and one that is forgotten would answer calls for ever.

    Raises:
        StepRefused: it is still there.
    """
    agent_id = change.record.agent_id if change.record else ""
    if agent_id and await world.store.get_agent(agent_id) is not None:
        raise StepRefused(
            f"agent {agent_id} is still there, though the list did not show it",
            hint="plan again",
        )
