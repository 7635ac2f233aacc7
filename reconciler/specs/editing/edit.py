"""One operation on one text, read again before it counts."""

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any, Final

from reconciler.model.values import same
from reconciler.specs import yaml_reader
from reconciler.specs.editing import nodes
from reconciler.specs.editing.anchors import Sharing
from reconciler.specs.editing.nodes import Node
from reconciler.specs.editing.operations import (
    CannotEdit,
    Operation,
    done,
    operations,
    value_at,
)
from reconciler.specs.editing.spots import Spot, way
from reconciler.specs.editing.surgery import Surgeon
from reconciler.specs.json_reader import read_json
from reconciler.specs.marks import Text
from reconciler.specs.yaml_events import YAMLError
from reconciler.specs.yaml_nodes import Steps

_MOST_SHARES: Final = 100
_NO_EDIT: Final = "no edit of the file says this and leaves all the rest as it is"


def edited(text: str, operation: Operation, *, json_only: bool = False) -> str:
    """The text with one operation done and nothing else, whatever anchors share.

    Raises `CannotEdit`.
    """
    before = _read(text, json_only=json_only)
    operation = _nearest(before, operation)
    expected = done(before, operation)
    surgeon = Surgeon(text, _root(text), json_only)
    for attempt in _ways(surgeon, operation):
        if _says(attempt, expected, json_only=json_only):
            return attempt
    found = [_alone(surgeon, before, operation, hand_over=each) for each in (True, False)]
    texts = [each for each in found if each is not None]
    if not texts:
        raise CannotEdit(_NO_EDIT)
    return min(texts, key=lambda after: _cost(text, after))


def edited_for_all(text: str, operation: Operation) -> tuple[str, list[Steps]] | None:
    """The text with one operation done where an anchor has the value, and all places it changes.

    None where nothing is shared, or the place itself would not be as wanted.
    """
    if "&" not in text or "*" not in text:
        return None
    before = _read(text, json_only=False)
    expected = done(before, operation)
    surgeon = Surgeon(text, _root(text))
    sharing = Sharing(surgeon, before)
    for attempt in _ways(surgeon, operation, sharing):
        try:
            found = _read(attempt, json_only=False)
        except CannotEdit:
            continue
        if not same(found, expected) and _is_there(found, expected, operation):
            return attempt, [each.steps for each in operations(before, found)]
    return None


def _alone(surgeon: Surgeon, value: Any, operation: Operation, *, hand_over: bool) -> str | None:
    """The operation, after all that shares its place has been made separate from it."""
    expected = done(value, operation)
    for _ in range(_MOST_SHARES):
        sharing = Sharing(surgeon, value)
        separate = sharing.separated(operation, hand_over=hand_over)
        try:
            text = next((each for each in separate if _says(each, value)), None)
        except CannotEdit:
            return None
        if text is None:
            return None
        surgeon = Surgeon(text, _root(text))
        for attempt in _ways(surgeon, operation):
            if _says(attempt, expected):
                return attempt
    return None


def _says(text: str, value: Any, *, json_only: bool = False) -> bool:
    try:
        return same(_read(text, json_only=json_only), value)
    except CannotEdit:
        return False


def _read(text: str, *, json_only: bool) -> Any:
    try:
        value, problems = (read_json if json_only else yaml_reader.read)(Text("", text))
    except UnicodeEncodeError as error:
        raise CannotEdit("half a character can not be written") from error
    if problems:
        raise CannotEdit(f"the file would not be read again: {problems[0].message}")
    return value


def _root(text: str) -> Node:
    try:
        root = nodes.compose(text)
    except (YAMLError, RecursionError, KeyError, ValueError, StopIteration) as error:
        raise CannotEdit("the places of the values in the file can not be found") from error
    if root is None:
        raise CannotEdit("the file is empty")
    return root


def _nearest(value: Any, operation: Operation) -> Operation:
    """A put below something that is not there puts that something."""
    for count in range(1, len(operation.steps)):
        try:
            above = value_at(value, operation.steps[:count])
        except KeyError:
            above = None
        if above is None:
            inner = Operation("put", operation.steps[count:], operation.value)
            return Operation("put", operation.steps[:count], _nested(inner.steps, inner.value))
    return operation


def _nested(steps: Steps, value: Any) -> Any:
    for step in reversed(steps):
        value = {step: value}
    return value


def _ways(surgeon: Surgeon, operation: Operation, sharing: Sharing | None = None) -> Iterator[str]:
    """Ways to do the operation where it stands; `sharing` follows aliases and merge keys."""
    steps = operation.steps
    spots = way(surgeon.root, steps)
    above = spots[: len(steps) - 1]
    missing = len(steps) - len(spots)
    if sharing is None and any(s.merging or s.value.target for s in above):
        return
    around = above[-1].value.real if above else surgeon.root
    if operation.kind == "insert" and isinstance(steps[-1], int):
        yield from surgeon.insert(above[-1], steps[-1], operation.value)
    elif operation.kind == "put" and missing == 1:
        owner = above[-1] if above else None
        yield from surgeon.add(around, owner, str(steps[-1]), operation.value)
    elif missing or not spots:
        return
    elif operation.kind == "remove":
        if sharing is not None or spots[-1].merging is None:
            yield from _removed(surgeon, spots)
    else:
        yield from _put(surgeon, spots, operation, sharing)


def _put(
    surgeon: Surgeon, spots: list[Spot], operation: Operation, sharing: Sharing | None
) -> Iterator[str]:
    spot = spots[-1]
    if sharing is not None and spot.value.target is not None:
        spot = sharing.spot_of(spot.value.target)
    elif sharing is None and spot.merging is not None:
        owner = spots[-2] if len(spots) > 1 else None
        key = str(operation.steps[-1])
        yield from surgeon.add(spot.merging, owner, key, operation.value)
        return
    yield from surgeon.put(spot, operation.value)


def _removed(surgeon: Surgeon, spots: list[Spot]) -> Iterator[str]:
    around = spots[-1].around
    if len(around.children) > 1:
        yield from surgeon.remove(spots[-1])
    elif len(spots) > 1:
        empty: Any = {} if around.keys is not None else []
        yield from surgeon.put(spots[-2], empty)


def _is_there(found: Any, expected: Any, operation: Operation) -> bool:
    """Whether the place itself is as wanted, whatever became of others."""
    steps = operation.steps[:-1] if operation.kind != "put" else operation.steps
    try:
        return same(value_at(found, steps), value_at(expected, steps))
    except KeyError:
        return False


def _cost(before: str, after: str) -> tuple[int, int]:
    """Lines that differ, then characters."""
    one, two = before.splitlines(), after.splitlines()
    codes = SequenceMatcher(None, one, two, autojunk=False).get_opcodes()
    return sum(i2 - i1 + j2 - j1 for tag, i1, i2, j1, j2 in codes if tag != "equal"), len(after)
