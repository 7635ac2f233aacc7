"""One field of one agent, changed in the files: where it was written, or as the spec's own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from reconciler.model.values import Document, same
from reconciler.specs.editing.bench import Bench
from reconciler.specs.editing.operations import CannotEdit, Operation, operations, value_at
from reconciler.specs.editing.places import Made, as_own, at_origin, is_shared_place

To = Literal["spec", "origin"]
Agrees = Callable[[Bench, Bench, str], bool]
"""Whether what an edit makes of another agent is what that agent is live already."""

_WAYS_OUT = (
    "`--to spec` gives the spec a value of its own, `--to origin` changes the shared place for all"
)


@dataclass(frozen=True, slots=True)
class Change:
    """A bench with one more field changed, and the files that were cut for it."""

    bench: Bench
    files: tuple[str, ...]


def changed(bench: Bench, key: str, wanted: Document, to: To | None, agrees: Agrees) -> Change:
    """The bench in which an agent's merged document is `wanted` and no other's is touched.

    With `to="origin"` a shared place may change where all agents that it changes agree. Raises
    `CannotEdit`, with the ways out where there are any.
    """
    steps = list(operations(bench.merged(key).document, wanted))
    try:
        made = _made(bench, key, steps, at_origin)
    except CannotEdit:
        if to != "spec":
            raise
        return _own(bench, key, steps, wanted)
    after, files = made.bench, made.files
    shared = [x for x in files if is_shared_place(bench.merged(key), x)]
    others = [each for each in after.affected(bench) if each != key]
    mirrored = not same(after.merged(key).document, wanted)
    if to == "spec" and (shared or others or mirrored):
        return _own(bench, key, steps, wanted)
    if to is None and (shared or others or mirrored):
        raise CannotEdit(_shared_message(made, shared[:1], others, key))
    strangers = [each for each in others if not agrees(bench, after, each)]
    if mirrored and not agrees(bench, after, key):
        strangers = [key, *strangers]
    if strangers:
        raise CannotEdit(_strangers_message(made, strangers, key))
    return made


def _own(bench: Bench, key: str, steps: list[Operation], wanted: Document) -> Change:
    made = _made(bench, key, steps, as_own)
    others = [each for each in made.bench.affected(bench) if each != key]
    if others or not same(made.bench.merged(key).document, wanted):
        raise CannotEdit("the spec can not be given a value of its own here: edit it by hand")
    return made


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
    return f"an anchor in {place} says it for another field of {key} too: {_WAYS_OUT}"


def _strangers_message(made: Change, strangers: list[str], key: str) -> str:
    which = "another field of it" if strangers == [key] else _listed(strangers)
    return (
        f"{made.files[0]} says it for {which} too, where the live value is another: "
        "`--to spec` gives the spec a value of its own"
    )


def _listed(keys: list[str], most: int = 5) -> str:
    more = f" and {len(keys) - most} more" if len(keys) > most else ""
    return ", ".join(keys[:most]) + more
