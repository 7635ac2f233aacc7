"""In which order changes are made: a name or an inbound trunk must be free before it is taken.

Names are unique in an organisation and an inbound trunk belongs to one agent. What can not be
waited for blocks; a cycle is broken by parking one agent under a temporary name (or without its
trunk) first.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from reconciler.model.change import Action, Change
from reconciler.model.live import LiveAgent
from reconciler.model.values import Document

_INBOUND: Final = "sip_inbound_trunk_id"
_RANK: Final = {Action.FORGET: 0, Action.REKEY: 0, Action.DELETE: 2}


@dataclass(frozen=True, slots=True)
class _Wish:
    """A name or trunk that a change takes (`what`, `value`), and who holds it now."""

    what: str
    value: str
    holder: LiveAgent


def ordered(changes: Sequence[Change], live: Sequence[LiveAgent]) -> tuple[Change, ...]:
    """The changes in a fixed, workable order, with `waits_for`, `parking` and `blocked` set."""
    wishes = {change.key: list(_wishes(change, live)) for change in changes}
    by_agent = {c.live.id: c for c in changes if c.live is not None}
    blocked = _blocked(changes, wishes, by_agent)
    edges: dict[str, dict[str, str]] = {}
    for change in changes:
        edges[change.key] = {
            by_agent[wish.holder.id].key: wish.what
            for wish in wishes[change.key]
            if wish.holder.id in by_agent and change.key not in blocked
        }
    parked = _break_cycles({c.key: c for c in changes}, edges)
    finished = [
        replace(
            change,
            blocked=blocked.get(change.key, change.blocked),
            waits_for=tuple(sorted(edges[change.key])),
            parking=parked.get(change.key, {}),
        )
        for change in changes
    ]
    return _sorted(finished)


def _target(change: Change) -> Document | None:
    return change.write.document if change.write is not None else None


def _wishes(change: Change, live: Sequence[LiveAgent]) -> Iterable[_Wish]:
    target = _target(change)
    if target is None:
        return
    now: Document = change.live.document if change.live else {}
    for what, value in (("name", target.get("name")), (_INBOUND, target.get(_INBOUND))):
        if value is None or _same_text(value, now.get(what)):
            continue
        for agent in live:
            if agent.id != change.agent_id and _same_text(agent.document.get(what), value):
                yield _Wish(what, str(value), agent)


def _same_text(left: object, right: object) -> bool:
    return left == right and left is not None


def _blocked(
    changes: Sequence[Change],
    wishes: Mapping[str, Sequence[_Wish]],
    by_agent: Mapping[str, Change],
) -> dict[str, str]:
    """Why a change can not be made: its own reason, or a name or trunk that will not be free."""
    blocked = {change.key: change.blocked for change in changes if change.blocked}
    waiting = [change for change in changes if change.key not in blocked]
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
    thing = f"the name {wish.value!r}" if wish.what == "name" else f"inbound trunk {wish.value}"
    if holder is None:
        return (
            f"{thing} belongs to agent {wish.holder.id} ({wish.holder.name!r}), which this plan "
            "does not change: free it there first"
        )
    if holder.key in blocked:
        return f"{thing} belongs to {holder.key}, whose own change is blocked"
    target = _target(holder)
    if holder.action is not Action.DELETE and (
        target is None or _same_text(target.get(wish.what), wish.value)
    ):
        return f"{thing} belongs to {holder.key}, which keeps it"
    return None


def _break_cycles(
    changes: Mapping[str, Change], edges: dict[str, dict[str, str]]
) -> dict[str, dict[str, Any]]:
    """Park one agent of each cycle; who waited for what it gives up then, waits no more."""
    parked: dict[str, dict[str, Any]] = defaultdict(dict)
    while cycle := _cycle(edges):
        first = min(cycle)
        waiter = next(key for key in cycle if first in edges[key])
        what = edges[waiter].pop(first)
        parked[first] |= _parking(changes[first], what)
    return dict(parked)


def _parking(change: Change, what: str) -> Document:
    if what == "name":
        return {"name": f"reconciler-renaming-{change.agent_id}"}
    greeting = change.live.document.get("inbound_greeting") if change.live else None
    # A greeting for inbound calls is refused without a trunk to receive them.
    return {_INBOUND: None} | ({"inbound_greeting": None} if greeting is not None else {})


def _cycle(edges: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Some cycle of the graph, or nothing; the same one every time."""
    done: set[str] = set()
    for start in sorted(edges):
        trail: list[str] = []
        stack = [(start, iter(sorted(edges[start])))]
        while stack:
            key, following = stack[-1]
            if key not in trail:
                trail.append(key)
            step = next((n for n in following if n not in done), None)
            if step is None:
                done.add(key)
                trail.pop()
                stack.pop()
            elif step in trail:
                return trail[trail.index(step) :]
            else:
                stack.append((step, iter(sorted(edges.get(step, {})))))
    return []


def _sorted(changes: Sequence[Change]) -> tuple[Change, ...]:
    """By kind and key, but never before what a change waits for."""
    by_key = {change.key: change for change in changes}
    missing = {c.key: {w for w in c.waits_for if w in by_key} for c in changes}
    ready = [(_RANK.get(c.action, 1), c.key) for c in changes if not missing[c.key]]
    heapq.heapify(ready)
    result: list[Change] = []
    while ready:
        _, key = heapq.heappop(ready)
        result.append(by_key[key])
        for other, waits in missing.items():
            if key in waits:
                waits.discard(key)
                if not waits:
                    heapq.heappush(ready, (_RANK.get(by_key[other].action, 1), other))
    return tuple(result)
