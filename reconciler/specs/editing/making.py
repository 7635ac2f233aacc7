"""One field of one agent, changed in the files: where it was written, or as the spec's own."""

from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from typing import Final, Literal

from reconciler.model.values import Document, same
from reconciler.nouns import noun
from reconciler.specs.editing.bench import Bench
from reconciler.specs.editing.operations import CannotEdit, Operation, operations, value_at
from reconciler.specs.editing.places import Made, as_own, at_origin, for_all, is_shared_place

To = Literal["spec", "origin"]
Agrees = Callable[[Bench, Bench, str], bool]
"""Whether what an edit makes of another agent is what that agent is live already."""

_MOST_NAMED: Final = 5
_WAYS_OUT: Final = (
    "`--to spec` gives the spec a value of its own, `--to origin` changes the shared place for all"
)


@noun
class Change:
    """A bench with one more field changed, and the files that were cut for it.

    `others` are the other agents that it changed with it.
    """

    bench: Bench
    files: tuple[str, ...]
    others: tuple[str, ...] = ()


def changed(bench: Bench, key: str, wanted: Document, to: To | None, agrees: Agrees) -> Change:
    """The bench in which an agent's merged document is `wanted` and no other's is touched.

    Where all that an anchor shares is live as wanted, the anchor changes. With `to="origin"` a
    shared place may change too, where all agents that it changes agree. Raises `CannotEdit`, with
    the ways out where there are any.
    """
    steps = list(operations(bench.merged(key).document, wanted))
    if (together := _together(bench, key, steps, agrees)) is not None:
        return together
    try:
        made = _made(bench, key, steps, at_origin)
    except CannotEdit:
        if to != "spec":
            raise
        return _own(bench, key, steps, wanted)
    shared = [x for x in made.files if is_shared_place(bench.merged(key), x)]
    mirrored = not same(made.bench.merged(key).document, wanted)
    if to == "origin":
        return _agreed(made, bench, key, agrees, mirrored=mirrored)
    others = _others(made, bench, key, _MOST_NAMED + 1)
    if not (shared or mirrored or others):
        return made
    if to == "spec":
        return _own(bench, key, steps, wanted)
    raise CannotEdit(_shared_message(made, shared[:1], others, key))


def _agreed(made: Change, bench: Bench, key: str, agrees: Agrees, *, mirrored: bool) -> Change:
    """A change of a shared place, unless somebody who shares it is live otherwise."""
    others: list[str] = []
    strangers = [key] if mirrored and not agrees(bench, made.bench, key) else []
    for each in made.bench.affected(bench):
        if each != key:
            others.append(each)
            strangers += [] if agrees(bench, made.bench, each) else [each]
        if len(strangers) > _MOST_NAMED:
            break
    if strangers:
        raise CannotEdit(_strangers_message(made, strangers, key))
    return replace(made, others=tuple(others))


def _together(bench: Bench, key: str, steps: list[Operation], agrees: Agrees) -> Change | None:
    """One change of what an anchor shares inside the spec, where all of it is live so."""
    if len(steps) != 1:
        return None
    try:
        made = for_all(bench, key, steps[0])
        if made is None or is_shared_place(bench.merged(key), made.file):
            return None
        change = Change(made.bench, (made.file,))
        alone = agrees(bench, made.bench, key) and not _others(change, bench, key, most=1)
    except CannotEdit:
        return None
    return change if alone else None


def _own(bench: Bench, key: str, steps: list[Operation], wanted: Document) -> Change:
    made = _made(bench, key, steps, as_own)
    if _others(made, bench, key, most=1) or not same(made.bench.merged(key).document, wanted):
        raise CannotEdit("the spec can not be given a value of its own here: edit it by hand")
    return made


def _others(made: Change, before: Bench, key: str, most: int | None = None) -> list[str]:
    """The other agents that a change concerns."""
    affected = (each for each in made.bench.affected(before) if each != key)
    return list(islice(affected, most))


def _made(
    bench: Bench, key: str, steps: list[Operation], how: Callable[[Bench, str, Operation], Made]
) -> Change:
    files: list[str] = []
    for operation in steps:
        while True:
            made = how(bench, key, operation)
            bench = made.bench
            files.append(made.file)
            if not _is_left(bench, key, operation):
                break
    return Change(bench, tuple(dict.fromkeys(files)))


def _is_left(bench: Bench, key: str, operation: Operation) -> bool:
    """A key taken out of one layer may stand in another one below."""
    if operation.kind != "remove" or not isinstance(operation.steps[-1], str):
        return False
    try:
        value_at(bench.merged(key).document, operation.steps)
    except KeyError:
        return False
    return True


def _shared_message(made: Change, shared: list[str], others: list[str], key: str) -> str:
    place = shared[0] if shared else made.files[0]
    if others:
        return f"{place} says it for {_listed(others)} too: {_WAYS_OUT}"
    if shared:
        return f"{place} says it for every agent that does not say otherwise: {_WAYS_OUT}"
    return f"{place} says it for another field of {key} too: {_WAYS_OUT}"


def _strangers_message(made: Change, strangers: list[str], key: str) -> str:
    which = "another field of it" if strangers == [key] else _listed(strangers)
    return (
        f"{made.files[0]} says it for {which} too, where the live value is another: "
        "`--to spec` gives the spec a value of its own"
    )


def _listed(keys: list[str]) -> str:
    more = " and more" if len(keys) > _MOST_NAMED else ""
    return ", ".join(keys[:_MOST_NAMED]) + more
