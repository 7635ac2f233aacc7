"""The way from the root of a text to a value in it."""

from reconciler.nouns import noun
from reconciler.specs.editing.nodes import Node
from reconciler.specs.yaml_nodes import Step, Steps


@noun
class Spot:
    """One step of a way: an entry of a collection.

    `merging` is the mapping whose `<<` brought the entry in, None for an entry of its own.
    """

    around: Node
    index: int
    merging: Node | None = None

    @property
    def key(self) -> Node | None:
        return self.around.keys[self.index] if self.around.keys is not None else None

    @property
    def value(self) -> Node:
        return self.around.children[self.index]

    @property
    def lead(self) -> int:
        return self.around.leads[self.index]

    @property
    def slot(self) -> int:
        return self.around.slots[self.index]


def way(root: Node, steps: Steps) -> list[Spot]:
    """The way to a path, as far as it goes."""
    spots: list[Spot] = []
    around = root
    for step in steps:
        spot = _step(around.real, step)
        if spot is None:
            break
        spots.append(spot)
        around = spot.value
    return spots


def _step(around: Node, step: Step) -> Spot | None:
    if (index := around.index(step)) is not None:
        return Spot(around, index)
    for _, source in around.merged():
        if (found := _step(source.real, step)) is not None:
            return Spot(found.around, found.index, around)
    return None
