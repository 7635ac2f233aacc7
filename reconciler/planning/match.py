"""Which spec is which live agent (DESIGN.md 5)."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from reconciler.errors import Problem, SpecsInvalid
from reconciler.model.desired import DesiredAgent
from reconciler.model.ledger import AgentRecord
from reconciler.model.live import LiveAgent
from reconciler.nouns import noun


class How(Enum):
    """By what a spec found its agent."""

    PIN = auto()
    LEDGER = auto()
    MOVED = auto()
    NAME = auto()
    NONE = auto()


@noun
class Pair:
    """A spec and the live agent it stands for.

    `record` is what the ledger knows of that agent, under whichever key. `twins` are live agents
    of one name that can not be told apart. `undecided`: the file took the place of another one and
    was renamed at once, so that nobody can tell which agent it means.
    """

    desired: DesiredAgent
    live: LiveAgent | None
    record: AgentRecord | None
    how: How
    twins: tuple[LiveAgent, ...] = ()
    vanished: bool = False
    undecided: bool = False


@noun
class Matching:
    """`gone` are records whose spec is gone, with their live agent if there is one."""

    pairs: tuple[Pair, ...]
    gone: tuple[tuple[AgentRecord, LiveAgent | None], ...]
    unmanaged: tuple[LiveAgent, ...]
    abandoned: tuple[AgentRecord, ...] = ()


@dataclass(slots=True, eq=False, repr=False)
class _Search:
    live: dict[str, LiveAgent]
    records: Mapping[str, AgentRecord]
    keys: frozenset[str]
    found: dict[str, tuple[LiveAgent | None, AgentRecord | None, How]] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)

    def take(self, key: str, agent: LiveAgent, record: AgentRecord | None, how: How) -> None:
        self.found[key] = (agent, record, how)
        self.taken.add(agent.id)
        if record is not None:
            self.used.add(record.key)

    def moved_in(self, key: str) -> bool:
        """Whether a file took the place of the one that had this key."""
        return key in self.found and self.found[key][2] is How.MOVED

    def free(self, agent_id: str | None) -> LiveAgent | None:
        return self.live.get(agent_id) if agent_id and agent_id not in self.taken else None


def match(
    desired: Sequence[DesiredAgent],
    live: Sequence[LiveAgent],
    records: Mapping[str, AgentRecord],
) -> Matching:
    """Pins first, then ledger ids, `moved_from`, exact names; no agent twice.

    A file that took the place of another one has the other's ledger id, and says by `moved_from`
    and by its name that it means its own.

    Raises:
        SpecsInvalid: a pinned id that no live agent has, nor had at the last apply.
    """
    ordered = sorted(desired, key=lambda agent: agent.key)
    search = _Search(
        live={agent.id: agent for agent in live},
        records=records,
        keys=frozenset(agent.key for agent in ordered),
    )
    owner = {record.agent_id: record for record in records.values()}
    _by_pin(search, ordered, owner)
    _each(search, ordered, _by_moved_name)
    _each(search, ordered, _by_ledger)
    _each(search, ordered, _by_moved_from)
    twins = _by_name(search, ordered, owner)
    pairs = tuple(_pair(search, agent, twins.get(agent.key, ())) for agent in ordered)
    wanted = {pair.desired.moved_from for pair in pairs if pair.undecided}
    rest = [r for k, r in sorted(records.items()) if k not in search.used]
    gone = [r for r in rest if r.key not in search.keys and r.key not in wanted]
    abandoned = [r for r in rest if r.key in search.keys and search.free(r.agent_id)]
    # Of a file that was replaced, the agent stands under the key that became free.
    waiting = [r for r in rest if search.moved_in(r.key) or r.key in wanted]
    owned = search.taken | {record.agent_id for record in (*gone, *waiting)}
    return Matching(
        pairs=pairs,
        gone=tuple((record, search.free(record.agent_id)) for record in gone),
        unmanaged=tuple(
            sorted((a for a in live if a.id not in owned), key=lambda a: (a.name, a.id))
        ),
        abandoned=tuple(abandoned),
    )


def _each(
    search: _Search,
    desired: Sequence[DesiredAgent],
    step: Callable[[_Search, DesiredAgent], None],
) -> None:
    for agent in desired:
        if agent.key not in search.found and agent.agent_id is None:
            step(search, agent)


def _by_pin(
    search: _Search, desired: Sequence[DesiredAgent], owner: Mapping[str, AgentRecord]
) -> None:
    missing = []
    for agent in desired:
        if agent.agent_id is None:
            continue
        found = search.free(agent.agent_id.lower()) or search.free(agent.agent_id)
        if found is None:
            if not _was_there(search, agent):
                missing.append(_missing_pin(agent))
            continue
        record = owner.get(found.id)
        mine = record is not None and (record.key == agent.key or record.key not in search.keys)
        search.take(agent.key, found, record if mine else None, How.PIN)
    if missing:
        raise SpecsInvalid(missing)


def _was_there(search: _Search, agent: DesiredAgent) -> bool:
    """Whether the id was right at the last apply: then the spec is, and the agent has vanished."""
    record = search.records.get(agent.key)
    return record is not None and record.agent_id.lower() == str(agent.agent_id).lower()


def _missing_pin(agent: DesiredAgent) -> Problem:
    return Problem(
        code="PLAN001",
        message=f"{agent.key} is pinned to agent {agent.agent_id}, which does not exist",
        position=agent.locate(("id",)),
        hint="correct the id, or take it out to match by name or create the agent",
    )


def _by_moved_name(search: _Search, agent: DesiredAgent) -> None:
    record = search.records.get(agent.moved_from) if agent.moved_from else None
    found = search.free(record.agent_id) if record else None
    if record is not None and found is not None and agent.name in {found.name, record.name}:
        search.take(agent.key, found, record, How.MOVED)


def _is_undecided(search: _Search, agent: DesiredAgent) -> bool:
    """Whether `moved_from` names a live agent that was not taken, though nothing else fits."""
    record = search.records.get(agent.moved_from) if agent.moved_from else None
    if record is None or record.agent_id not in search.live:
        return False  # it was applied long ago
    _, own, how = search.found.get(agent.key, (None, None, How.NONE))
    return how in {How.LEDGER, How.NONE} and (own is None or own.name != agent.name)


def _by_ledger(search: _Search, agent: DesiredAgent) -> None:
    record = search.records.get(agent.key)
    found = search.free(record.agent_id) if record else None
    if found is not None:
        search.take(agent.key, found, record, How.LEDGER)


def _by_moved_from(search: _Search, agent: DesiredAgent) -> None:
    old = agent.moved_from
    record = search.records.get(old) if old and old not in search.keys else None
    found = search.free(record.agent_id) if record else None
    if found is not None:
        search.take(agent.key, found, record, How.MOVED)


def _by_name(
    search: _Search, desired: Sequence[DesiredAgent], owner: Mapping[str, AgentRecord]
) -> dict[str, tuple[LiveAgent, ...]]:
    """A live agent of another spec's record is not free: that spec is about to rename it."""
    held = {
        agent_id
        for agent_id, record in owner.items()
        if record.key in search.keys and not search.moved_in(record.key)
    }
    named = defaultdict(list)
    for agent in search.live.values():
        if agent.id not in search.taken and agent.id not in held:
            named[agent.name].append(agent)
    twins: dict[str, tuple[LiveAgent, ...]] = {}
    for spec in desired:
        if spec.key in search.found or spec.agent_id is not None:
            continue
        candidates = named.get(spec.name, [])
        if not candidates:
            continue
        if len(candidates) > 1:
            twins[spec.key] = tuple(sorted(candidates, key=lambda a: a.id))
            continue
        record = owner.get(candidates[0].id)
        search.take(spec.key, candidates[0], record, How.NAME)
    return twins


def _pair(search: _Search, agent: DesiredAgent, twins: tuple[LiveAgent, ...]) -> Pair:
    live, record, how = search.found.get(agent.key, (None, None, How.NONE))
    own, undecided = search.records.get(agent.key), _is_undecided(search, agent)
    if live is None:
        search.used.add(agent.key)
        return Pair(
            agent,
            None,
            own,
            how,
            twins,
            vanished=own is not None and own.agent_id not in search.live,
            undecided=undecided,
        )
    if record is None and own is not None and own.agent_id not in search.live:
        search.used.add(agent.key)
    return Pair(agent, live, record, how, undecided=undecided)
