"""What is to be done to a value, in steps small enough to cut a text for."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any, Literal

from reconciler.model.identity import natural_key
from reconciler.model.values import digest, same
from reconciler.nouns import noun
from reconciler.specs.yaml_nodes import Steps


class CannotEdit(Exception):  # noqa: N818  # says what it means: there is no such edit
    """No edit of the text says what is wanted and nothing else; the message says why."""


@noun
class Operation:
    """`put` sets a value, there or not; `insert` makes room in a list first."""

    kind: Literal["put", "remove", "insert"]
    steps: Steps
    value: Any = None


def operations(old: Any, new: Any, at: Steps = ()) -> Iterator[Operation]:
    """What makes the old value the new one, to be done in this order."""
    if same(old, new):
        return
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _in_mapping(old, new, at)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _in_list(old, new, at)
    else:
        yield Operation("put", at, new)


def _in_mapping(old: dict[str, Any], new: dict[str, Any], at: Steps) -> Iterator[Operation]:
    for key, value in old.items():
        if key in new:
            yield from operations(value, new[key], (*at, key))
    for key, value in new.items():
        if key not in old:
            yield Operation("put", (*at, key), value)
    for key in old:
        if key not in new:
            yield Operation("remove", (*at, key))


def _in_list(old: list[Any], new: list[Any], at: Steps) -> Iterator[Operation]:
    pairs = _pairs(old, new)
    for left, right in pairs:
        yield from operations(old[left], new[right], (*at, left))
    kept, made = {left for left, _ in pairs}, {right for _, right in pairs}
    for index in reversed(range(len(old))):
        if index not in kept:
            yield Operation("remove", (*at, index))
    for index, value in enumerate(new):
        if index not in made:
            yield Operation("insert", (*at, index), value)


def _pairs(old: list[Any], new: list[Any]) -> list[tuple[int, int]]:
    """Which items are one and the same, in an order that both lists have."""
    names = _names(old), _names(new)
    named = all(len({*each}) == len(each) and None not in each for each in names)
    left, right = names if named else ([digest(i) for i in old], [digest(i) for i in new])
    found: list[tuple[int, int]] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        # what stands in one place in both lists is taken for changed, not for another
        if tag == "equal" or (tag == "replace" and (not named or i2 - i1 == j2 - j1)):
            found += zip(range(i1, i2), range(j1, j2), strict=False)
    return found


def _names(items: Sequence[Any]) -> list[str | None]:
    """What tools and variables are called; None for any other item."""
    return [
        f"{item.get('type')} {natural_key(item)}"
        if isinstance(item, dict) and ("type" in item or "name" in item)
        else None
        for item in items
    ]


def done(value: Any, operation: Operation) -> Any:
    """The value after an operation; a new one, the old is not changed."""
    return _done(value, operation.steps, operation)


def _done(value: Any, steps: Steps, operation: Operation) -> Any:
    if not steps:
        return operation.value
    head, rest = steps[0], steps[1:]
    if isinstance(value, dict) and isinstance(head, str):
        if not rest and operation.kind == "remove":
            return {key: item for key, item in value.items() if key != head}
        return {**value, head: _done(value.get(head), rest, operation)}
    if isinstance(value, list) and isinstance(head, int) and head <= len(value):
        if not rest and operation.kind == "remove":
            return [*value[:head], *value[head + 1 :]]
        if not rest and operation.kind == "insert":
            return [*value[:head], operation.value, *value[head:]]
        if head < len(value):
            return [*value[:head], _done(value[head], rest, operation), *value[head + 1 :]]
    raise CannotEdit("the value does not stand where it should")


def value_at(value: Any, steps: Steps) -> Any:
    """The value at a path; raises `KeyError` where there is none."""
    for step in steps:
        inside = (
            step in value
            if isinstance(value, dict)
            else isinstance(value, list) and isinstance(step, int) and step < len(value)
        )
        if not inside:
            raise KeyError(step)
        value = value[step]
    return value
