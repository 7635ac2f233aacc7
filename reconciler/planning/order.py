"""In which order changes are made: a name or an inbound trunk must be free before it is taken.

Names are unique in an organisation and an inbound trunk belongs to one agent. What can not be
waited for blocks; a cycle is broken by parking one agent under a temporary name (or without its
trunk) first.
"""

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Final, TypeAlias

from reconciler.model.change import Action, Change
from reconciler.model.live import LiveAgent
from reconciler.model.values import Document
from reconciler.nouns import noun
from reconciler.planning.cycles import cycle_in
from reconciler.planning.fieldwise import PARKED_NAME

_NAME: Final = "name"
_INBOUND: Final = "sip_inbound_trunk_id"
_GREETING: Final = "inbound_greeting"
_RANK: Final = {Action.FORGET: 0, Action.REKEY: 0, Action.DELETE: 2}

_Edges: TypeAlias = dict[str, dict[str, set[str]]]
"""Which change waits for which, and for what (a name, a trunk, or both)."""

_Holders: TypeAlias = Mapping[tuple[str, str], Sequence[LiveAgent]]


@noun
class _Wish:
    """A name or trunk that a change takes (`what`, `value`), and who holds it now."""

    what: str
    value: str
    holder: LiveAgent


def ordered(changes: Sequence[Change], live: Sequence[LiveAgent]) -> tuple[Change, ...]:
    """The changes in a fixed, workable order, with `waits_for`, `parking` and `blocked` set."""
    by_key = {change.key: change for change in changes}
    by_agent = {c.live.id: c for c in changes if c.live is not None}
    holders = cache(lambda: _holders(live))  # asked for a name or trunk that is taken: rarely
    wishes = {change.key: list(_wishes(change, holders)) for change in changes}
    blocked = {change.key: change.blocked for change in changes if change.blocked}
    while True:
        blocked = _blocked(changes, wishes, by_agent, blocked)
        edges = _edges(wishes, by_agent, blocked)
        stuck, parked = _break_cycles(by_key, edges)
        if not stuck:
            break
        blocked |= stuck
    involved = {*blocked, *parked, *(key for key, waits in edges.items() if waits)}
    finished = [
        replace(
            change,
            blocked=blocked.get(change.key),
            waits_for=tuple(sorted(edges[change.key])),
            parking=parked.get(change.key, {}),
        )
        if change.key in involved
        else change
        for change in changes
    ]
    return _sorted(finished)


def _holders(live: Sequence[LiveAgent]) -> _Holders:
    found = defaultdict(list)
    for agent in live:
        for what in (_NAME, _INBOUND):
            value = _value(agent.document, what)
            if value is not None:
                found[what, value].append(agent)
    return found


def _value(document: Document, what: str) -> str | None:
    value = document.get(what)
    if not isinstance(value, str):
        return None
    return value.lower() if what == _INBOUND else value


def _target(change: Change) -> Document | None:
    return change.write.document if change.write is not None else None


def _wishes(change: Change, holders: Callable[[], _Holders]) -> Iterable[_Wish]:
    target = _target(change)
    if target is None:
        return
    now: Document = change.live.document if change.live else {}
    for what in (_NAME, _INBOUND):
        value = _value(target, what)
        if value is None or value == _value(now, what):
            continue
        for agent in holders().get((what, value), ()):
            if agent.id != change.agent_id:
                yield _Wish(what, value, agent)


def _blocked(
    changes: Sequence[Change],
    wishes: Mapping[str, list[_Wish]],
    by_agent: Mapping[str, Change],
    already: Mapping[str, str],
) -> dict[str, str]:
    """Why a change can not be made: its own reason, or a name or trunk that will not be free."""
    blocked = dict(already)
    waiting = [change for change in changes if change.key not in blocked and wishes[change.key]]
    while True:
        found = {}
        for change in waiting:
            reasons = [
                reason
                for wish in wishes[change.key]
                if (reason := _never_free(wish, by_agent.get(wish.holder.id), blocked))
            ]
            if reasons:
                found[change.key] = "; ".join(reasons)
        if not found:
            return blocked
        blocked |= found
        waiting = [change for change in waiting if change.key not in found]


def _never_free(wish: _Wish, holder: Change | None, blocked: Mapping[str, str]) -> str | None:
    thing = f"the name {wish.value!r}" if wish.what == _NAME else f"inbound trunk {wish.value}"
    if holder is None:
        return (
            f"{thing} belongs to agent {wish.holder.id} ({wish.holder.name!r}), which this plan "
            "does not change: free it there first"
        )
    if holder.key in blocked:
        return f"{thing} belongs to {holder.key}, whose own change is blocked"
    target = _target(holder)
    if holder.action is not Action.DELETE and (
        target is None or _value(target, wish.what) == wish.value
    ):
        return f"{thing} belongs to {holder.key}, which keeps it"
    return None


def _edges(
    wishes: Mapping[str, list[_Wish]],
    by_agent: Mapping[str, Change],
    blocked: Mapping[str, str],
) -> _Edges:
    edges: _Edges = {key: {} for key in wishes}
    for key, wished in wishes.items():
        for wish in wished if key not in blocked else ():
            edges[key].setdefault(by_agent[wish.holder.id].key, set()).add(wish.what)
    return edges


def _break_cycles(
    changes: Mapping[str, Change], edges: _Edges
) -> tuple[dict[str, str], dict[str, Document]]:
    """Park one agent of each cycle; who waited for what it gives up then, waits no more.

    The first answer are cycles that can not be broken, with the reason.
    """
    parked: dict[str, dict[str, Any]] = defaultdict(dict)
    while cycle := cycle_in(edges):
        turns = {key: _waited_for(key, cycle, edges) for key in sorted(cycle)}
        first = next((key for key, what in turns.items() if _can_park(changes[key], what)), None)
        if first is None:
            reason = (
                f"inbound trunks go in a circle ({', '.join(sorted(cycle))}), and to break it one "
                "agent must give up its inbound_greeting for a moment: declare inbound_greeting "
                "in one of them, so that it can not get lost"
            )
            return dict.fromkeys(cycle, reason), {}
        for what in turns[first]:
            parked[first] |= _parking(changes[first], what)
        waiter = next(key for key in cycle if first in edges[key])
        del edges[waiter][first]
    return {}, dict(parked)


def _waited_for(key: str, cycle: Sequence[str], edges: _Edges) -> list[str]:
    waiter = next(other for other in cycle if key in edges[other])
    return sorted(edges[waiter][key])


def _can_park(change: Change, what: Sequence[str]) -> bool:
    """A parked agent may stay parked if we are killed: all it gave up must be in git."""
    if _INBOUND not in what or _greeting(change) is None:
        return True
    return change.desired is not None and _GREETING in change.desired.declared


def _greeting(change: Change) -> object:
    return change.live.document.get(_GREETING) if change.live else None


def _parking(change: Change, what: str) -> Document:
    if what == _NAME:
        return {_NAME: f"{PARKED_NAME}{change.agent_id}"}
    # A greeting for inbound calls is refused without a trunk to receive them.
    return {_INBOUND: None} | ({_GREETING: None} if _greeting(change) is not None else {})


def _sorted(changes: Sequence[Change]) -> tuple[Change, ...]:
    """By kind and key, but never before what a change waits for."""
    by_key = {change.key: change for change in changes}
    missing = {c.key: {w for w in c.waits_for if w in by_key} for c in changes}
    waiters = defaultdict(list)
    for key, waits in missing.items():
        for wait in waits:
            waiters[wait].append(key)
    ready = [(_RANK.get(c.action, 1), c.key) for c in changes if not missing[c.key]]
    heapq.heapify(ready)
    result: list[Change] = []
    while ready:
        _, key = heapq.heappop(ready)
        result.append(by_key[key])
        for other in waiters[key]:
            missing[other].discard(key)
            if not missing[other]:
                heapq.heappush(ready, (_RANK.get(by_key[other].action, 1), other))
    return tuple(result)
