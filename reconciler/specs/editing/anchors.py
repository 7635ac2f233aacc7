"""Values that anchors and merge keys share, made separate with no change of what the text says.

All texts that come from here have one alias or merged key less than before, or an anchor further
down; whoever takes one reads it (see `edit`). `CannotEdit` is raised where there is none.
"""

from collections.abc import Iterator
from typing import Any

from reconciler.nouns import noun
from reconciler.specs.editing import copies, flows, lines, nodes
from reconciler.specs.editing.copies import Copy, anchor_span
from reconciler.specs.editing.nodes import Node
from reconciler.specs.editing.operations import CannotEdit, Operation, value_at
from reconciler.specs.editing.quoting import inline
from reconciler.specs.editing.spots import Spot, way
from reconciler.specs.editing.surgery import Surgeon
from reconciler.specs.yaml_nodes import Step, Steps


@noun
class _Place:
    """Where a node is written. `steps` lead to it; through `<<` they do not."""

    spot: Spot
    steps: Steps


class Sharing:
    """Who shares what in one text, whose value is `value`."""

    def __init__(self, surgeon: Surgeon, value: Any) -> None:
        self.surgeon = surgeon
        self.text = surgeon.text
        self.value = value
        self.places: dict[int, _Place] = {}
        self.uses: dict[int, list[Node]] = {}
        self._walk(surgeon.root, ())

    def _walk(self, node: Node, steps: Steps) -> None:
        if node.target is not None:
            self.uses.setdefault(id(node.target), []).append(node)
        for n, child in enumerate(node.children):
            step: Step = n if node.keys is None else str(node.keys[n].text)
            self.places[id(child)] = _Place(Spot(node, n), (*steps, step))
            self._walk(child, (*steps, step))

    def spot_of(self, node: Node) -> Spot:
        """Where a node is written."""
        return self.places[id(node)].spot

    def separated(self, operation: Operation, *, hand_over: bool) -> Iterator[str]:
        """Texts in which an operation concerns one place less.

        What its path enters by an alias or a merge key is written out where it comes in. What
        others share from here goes to the first of them, anchor and all (`hand_over`), or they
        get copies, one after the other.
        """
        spots = way(self.surgeon.root, operation.steps)
        if (entered := self._entered(operation, spots)) is not None:
            yield from entered
            return
        for node, step in self._anchored(operation, spots):
            inside = {id(each) for each in nodes.below(node)} if step is None else set()
            for use in self.uses[id(node)]:
                if hand_over and id(use) not in inside:
                    yield from self._handed_over(node, use)
                    return
                found = list(self._detached(node, use, step))
                if found:
                    yield from found
                    return

    def _entered(self, operation: Operation, spots: list[Spot]) -> Iterator[str] | None:
        """What an alias or a merge key brings in, written out; None where a path meets none."""
        last = len(operation.steps) - 1
        for n, spot in enumerate(spots):
            if spot.merging is not None:
                gone = n == last and operation.kind == "remove"
                return self._unmerged(spot.merging, None if gone else operation.steps[n])
            if spot.value.target is not None and (n < last or operation.kind != "put"):
                return self._written_out(spot.value)
        if operation.kind == "remove" and spots and _is_covered(spots[-1]):
            return self._unmerged(spots[-1].around, None)
        return None

    def _anchored(
        self, operation: Operation, spots: list[Spot]
    ) -> Iterator[tuple[Node, Step | None]]:
        """The shared nodes that a path goes through, each with the step below it.

        And, where the path ends, those that would go or give way.
        """
        for n, spot in enumerate(spots):
            step = operation.steps[n + 1] if n + 1 < len(operation.steps) else None
            if step is not None and id(spot.value) in self.uses:
                yield spot.value, step
        if spots and len(spots) == len(operation.steps) and operation.kind != "insert":
            for node in nodes.below(spots[-1].value):
                if id(node) in self.uses:
                    yield node, None

    def _detached(self, node: Node, use: Node, step: Step | None) -> Iterator[str]:
        """A text in which a use of a node does not see what happens to one of its keys."""
        merging = self._merging(use)
        if merging is None:
            yield from self._written_out(use)
            return
        if step is None or node.index(step) is None:
            yield from self._unmerged(merging, None)
            return
        spot = _entry(merging, step)
        if spot.merging is not None and spot.around is node:
            yield from self._unmerged(merging, step)

    def _merging(self, use: Node) -> Node | None:
        """The mapping that merges an alias in, where that is what it is for."""
        spot = self.spot_of(use)
        if spot.key is None and id(spot.around) in self.places:
            spot = self.spot_of(spot.around)
        is_merge = spot.key is not None and spot.key.text == "<<" and spot.key.style == ""
        return spot.around if is_merge else None

    def _handed_over(self, node: Node, use: Node) -> Iterator[str]:
        """The anchor with its value moves to one of its uses; the node itself stays, unshared."""
        start, end = anchor_span(self.text, node)
        for way_ in self._written_out(use, anchor=node.anchor):
            yield way_[:start] + way_[end:]

    def _written_out(self, use: Node, anchor: str | None = None) -> Iterator[str]:
        """A copy in the place of an alias."""
        assert use.target is not None
        mark = f"&{anchor}" if anchor else ""
        spot = self.spot_of(use)
        copy = copies.of_value(self.text, use.target)
        if copy.is_short or not spot.around.flow:
            yield self._placed(spot, use, copy, mark)
        value = self._value_of(use)
        short = inline(value, self.surgeon.manner, flow=True)
        yield self._placed(spot, use, Copy([short]), mark)
        if not mark:
            yield from self.surgeon.put(spot, value)

    def _placed(self, spot: Spot, use: Node, copy: Copy, mark: str) -> str:
        found, by = list(copy.found), self.surgeon.margin(spot)
        if copy.is_block and (mark or spot.key is not None):
            found = [mark, *found]
            is_list = spot.key is not None and use.real.keys is None
            by += self.surgeon.manner.listed - self.surgeon.manner.step if is_list else 0
        elif mark:
            found = [f"{mark} {found[0]}", *found[1:]]
        return self.surgeon.replaced(use, spot.slot, found, by)

    def _value_of(self, use: Node) -> Any:
        """What an alias stands for."""
        assert use.target is not None
        return self._value_at(use.target)

    def _value_at(self, node: Node) -> Any:
        """The value of a node; raises `CannotEdit` where no path leads to it."""
        steps = self.places[id(node)].steps if id(node) in self.places else ()
        try:
            return value_at(self.value, steps)
        except KeyError as error:  # it is written in a `<<`
            raise CannotEdit("the value of a merge key has no place of its own") from error

    def _unmerged(self, merging: Node, step: Step | None) -> Iterator[str]:
        """A mapping with a key of its own that was merged in, or with all of them and no `<<`."""
        entry = next(n for n, _ in merging.merged())
        value = self._value_at(merging)
        names = [name for name in value if merging.index(name) is None]
        if step is None:
            yield from self._without_merge(merging, entry, {name: value[name] for name in names})
            return
        name = str(step)
        spot = _entry(merging, name)
        copy = copies.of_pair(self.text, spot.around, spot.index)
        if not merging.flow:
            yield from self.surgeon.add_lines(merging, list(copy.found))
        elif copy.is_short:
            index, newline = len(merging.children) - 1, self.surgeon.newline
            yield from flows.added(self.text, merging, index, copy.found[0], newline)
        yield from self.surgeon.add(merging, None, name, value[name])

    def _without_merge(self, merging: Node, entry: int, values: dict[str, Any]) -> Iterator[str]:
        spots = [_entry(merging, name) for name in values]
        found = [copies.of_pair(self.text, spot.around, spot.index) for spot in spots]
        start = merging.leads[entry]
        end = nodes.content_end(self.text, merging.children[entry])
        if not merging.flow:
            margin = self.surgeon.newline + " " * lines.column(self.text, start)
            whole = margin.join(line for copy in found for line in copy.found)
            yield self.text[:start] + whole + self.text[end:]
        manner = self.surgeon.manner
        pairs = inline(values, manner, flow=True).removeprefix("{").removesuffix("}").strip()
        if all(copy.is_short for copy in found):
            pairs = ", ".join(copy.found[0] for copy in found)
        yield self.text[:start] + pairs + self.text[end:]


def _is_covered(spot: Spot) -> bool:
    """Whether a merge key would bring in what a mapping says itself, if it did not."""
    step = spot.key.text if spot.key is not None else None
    return step is not None and any(way(x.real, (step,)) for _, x in spot.around.merged())


def _entry(mapping: Node, step: Step) -> Spot:
    """The entry of a mapping, its own or one that is merged in."""
    spots = way(mapping, (step,))
    if not spots:
        raise CannotEdit("an anchor is set twice, one in the other")
    return spots[0]
