"""One change: read the agent again, write, compare the answer, remember."""

from dataclasses import replace

from reconciler.applying.create import create
from reconciler.applying.fresh import fresh, surely_gone
from reconciler.applying.world import NotTaken, StepRefused, World
from reconciler.errors import LiveError
from reconciler.model import carried
from reconciler.model.change import Action, Change, Write
from reconciler.model.live import LiveAgent
from reconciler.model.values import Path

_REFUSALS = (400, 422)


async def perform(change: Change, world: World) -> tuple[str, ...]:
    """Make one change and remember it; answers what a person should know of it.

    Raises:
        StepRefused: the agent is no longer what the plan saw.
        NotTaken: the API answered well, but did not take some field.
        LiveError: the API refused or failed.
    """
    match change.action:
        case Action.FORGET:
            if change.live is None:
                await surely_gone(change, world)
            agent_id = change.record.agent_id if change.record else None
            world.journal.tell(change, lambda w: w.forget(change.key, agent_id=agent_id))
        case Action.DELETE:
            await _delete(change, world)
        case Action.CREATE:
            if change.vanished:
                await surely_gone(change, world)
            answer = await create(change, world)
            world.latest[answer.id] = answer
            world.journal.made[change.key] = answer.id
            return _judge(change, answer, world)
        case Action.ADOPT | Action.UPDATE | Action.REKEY:
            return await _update(change, world)
    return ()


async def _update(change: Change, world: World) -> tuple[str, ...]:
    assert change.after is not None
    if change.write is None:
        after = change.after
        world.journal.tell(change, lambda w: w.record(after, replaces=change.key_from))
        return ()
    agent = await fresh(change, world)
    if not change.parking:  # what it was before it parked is remembered already
        await world.journal.begin(change, agent.raw)
    answer, omitted = await _written(change.write, agent, world)
    world.latest[agent.id] = answer
    return _judge(change, answer, world, tuple(sorted(omitted)))


async def _written(write: Write, agent: LiveAgent, world: World) -> tuple[LiveAgent, set[str]]:
    """Send the write; a carried unknown field that the API refuses by name is left out once."""
    if write.method == "PATCH":
        return await world.store.patch_agent(agent.id, write.body), set()
    omitted = {name for name in write.carried if name in world.read_only}
    while True:
        try:
            return await _replaced(write, agent, omitted, world), omitted
        except LiveError as error:
            refused = _refused(error, write) - omitted
            if not refused:
                raise
        # An API may name one field at a time.
        world.read_only.update(refused)
        omitted |= refused


def _refused(error: LiveError, write: Write) -> set[str]:
    if error.status not in _REFUSALS:
        return set()
    return carried.refused(error.fields, write.body, write.carried)


async def _replaced(write: Write, agent: LiveAgent, omit: set[str], world: World) -> LiveAgent:
    body = write.body
    for name in omit:
        body = carried.without(body, _path(name))
    return await world.store.replace_agent(agent.id, body)


def _path(name: str) -> Path:
    return tuple(name.split("."))


def _judge(
    change: Change, answer: LiveAgent, world: World, omitted: tuple[str, ...] = ()
) -> tuple[str, ...]:
    judgement = world.referee.judge(change, answer)
    learned = tuple(sorted({*judgement.record.read_only, *omitted}))
    record = replace(judgement.record, read_only=learned)
    world.journal.tell(change, lambda w: w.record(record, replaces=change.key_from))
    before = change.live.document if change.live else {}
    lost = [name for name in omitted if carried.is_lost(_path(name), before, answer.document)]
    wrong = [*judgement.not_taken, *lost]
    if wrong:
        raise NotTaken(
            f"not taken: {', '.join(wrong)}. The API answered with success, but the agent does "
            "not have the value that was sent",
            hint="look at the agent; the next plan shows what is still missing",
        )
    return judgement.warnings


async def _delete(change: Change, world: World) -> None:
    assert change.live is not None
    assert change.record is not None
    key, agent_id = change.record.key, change.live.id
    try:
        agent = await fresh(change, world)
    except StepRefused:
        if await world.store.get_agent(agent_id) is not None:
            raise
    else:
        await world.journal.begin(change, agent.raw)
        try:
            await world.store.delete_agent(agent_id)
        except LiveError as error:
            if not error.unclear and error.status is not None:  # it is certainly still there
                world.journal.tell(change, lambda writer: writer.withdraw(key))
            raise
    world.journal.tell(change, lambda writer: writer.forget(key, agent_id=agent_id))
