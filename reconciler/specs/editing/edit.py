"""One operation on one text, read again before it counts."""

from collections.abc import Iterator
from typing import Any

from reconciler.model.values import same
from reconciler.specs import yaml_reader
from reconciler.specs.editing import nodes
from reconciler.specs.editing.nodes import Node, Spot
from reconciler.specs.editing.operations import CannotEdit, Operation, done, value_at
from reconciler.specs.editing.quoting import one_line
from reconciler.specs.editing.surgery import Surgeon
from reconciler.specs.json_reader import read_json
from reconciler.specs.marks import Text
from reconciler.specs.yaml_events import YAMLError
from reconciler.specs.yaml_nodes import Steps


def edited(text: str, operation: Operation, *, json_only: bool = False, own: bool = False) -> str:
    """The text with one operation done and nothing else.

    A value that anchors share changes everywhere, unless `own` is given: then it gets a value of
    its own. Raises `CannotEdit`.
    """
    before = _read(text, json_only=json_only)
    root = _root(text)
    operation = _nearest(before, operation)
    if own:
        operation = _on_this_side(root, before, operation)
    expected = done(before, operation)
    mirrored: str | None = None
    for way in _ways(Surgeon(text, json_only), root, operation, own=own):
        try:
            found = _read(way, json_only=json_only)
        except CannotEdit:
            continue
        if same(found, expected):
            return way
        if not own and mirrored is None and _is_there(found, expected, operation):
            mirrored = way
    if mirrored is not None and _is_shared(root, operation.steps):
        return mirrored
    raise CannotEdit("no edit of the file says this and leaves all the rest as it is")


def _read(text: str, *, json_only: bool) -> Any:
    value, problems = (read_json if json_only else yaml_reader.read)(Text("", text))
    if problems:
        raise CannotEdit(f"the file would not be read again: {problems[0].message}")
    return value


def _root(text: str) -> Node:
    try:
        root = nodes.compose(text)
    except (YAMLError, RecursionError, KeyError, ValueError) as error:
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


def _on_this_side(root: Node, before: Any, operation: Operation) -> Operation:
    """What an alias or a merge key brings in is written out where it comes in."""
    for count, spot in enumerate(nodes.way(root, operation.steps), 1):
        enters = spot.value.target is not None and count < len(operation.steps)
        if spot.crossed or enters:
            steps = operation.steps[:count]
            return Operation("put", steps, value_at(done(before, operation), steps))
    return operation


def _ways(surgeon: Surgeon, root: Node, operation: Operation, *, own: bool) -> Iterator[str]:
    spots = nodes.way(root, operation.steps)
    missing = len(operation.steps) - len(spots)
    last = operation.steps[-1] if operation.steps else None
    if own and spots and spots[-1].crossed and not missing:
        missing, spots = 1, spots[:-1]
    if operation.kind == "insert" and isinstance(last, int):
        yield from surgeon.insert(spots[len(operation.steps) - 2], last, operation.value)
    elif missing == 1 and operation.kind == "put":
        yield from surgeon.add(spots[-1] if spots else root, str(last), operation.value)
    elif missing or not spots:
        return
    elif operation.kind == "remove":
        yield from _removed(surgeon, spots)
    else:
        yield from _put(surgeon, root, spots[-1], operation.value, own=own)


def _removed(surgeon: Surgeon, spots: list[Spot]) -> Iterator[str]:
    around = spots[-1].around
    if len(around.children) > 1:
        yield from surgeon.remove(spots[-1])
    elif len(spots) > 1:
        empty: Any = {} if around.items is None else []
        above = spots[-2]
        yield from surgeon.put(Spot(above.around, above.key, above.value.real, False), empty)


def _put(surgeon: Surgeon, root: Node, spot: Spot, value: Any, *, own: bool) -> Iterator[str]:
    target = spot.value.target
    if target is None or own:
        yield from surgeon.put(spot, value)
    else:
        yield from surgeon.put(Spot(spot.around, spot.key, target, True), value)
    if own and spot.value.anchor and not isinstance(value, dict | list):
        use = next((a for a in nodes.aliases(root) if a.target is spot.value), None)
        if use is not None:
            ways = one_line(value, spot.value.style, json_only=False)
            yield from surgeon.hand_over(spot, use, ways)


def _is_there(found: Any, expected: Any, operation: Operation) -> bool:
    """Whether the place itself is as wanted, whatever became of others."""
    steps = operation.steps[:-1] if operation.kind != "put" else operation.steps
    try:
        return same(value_at(found, steps), value_at(expected, steps))
    except KeyError:
        return False


def _is_shared(root: Node, steps: Steps) -> bool:
    """Whether an anchor or an alias is on the way to a value."""
    for spot in nodes.way(root, steps):
        if spot.crossed or spot.value.target is not None or spot.value.anchor:
            return True
    return root.anchor is not None
