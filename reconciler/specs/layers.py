"""A merged document remembers its layers, and from them where each value was written."""

from collections.abc import Sequence
from dataclasses import field, replace
from typing import Any, Final

from reconciler.errors import Position, Problem
from reconciler.model.identity import labels
from reconciler.model.values import Document, Path
from reconciler.nouns import noun
from reconciler.specs import yaml_nodes
from reconciler.specs.files import Source
from reconciler.specs.findings import Finding, dotted, severity_of
from reconciler.specs.marks import START, Span, Steps, Text
from reconciler.specs.problems import is_echo
from reconciler.specs.rules.tools import has_lost_tools
from reconciler.specs.rules.view import View
from reconciler.specs.variables import Variables, names_used
from reconciler.specs.yaml_nodes import Node

_SECRETS: Final = frozenset({"auth", "slng_api_key", "api_key", "notify"})


@noun
class Place:
    """Where something was written, and the chain by which it arrived where it took effect.

    `anchors` are the places whose comments may silence a warning; `told` is what was wrong with the
    text itself.
    """

    text: Text
    span: Span
    via: tuple[str, ...] = ()
    anchors: tuple[tuple[Text, int], ...] = ()
    told: tuple[Problem, ...] = ()

    @property
    def is_told(self) -> bool:
        """Whether the value here could not be read: what else is wrong with it does not matter."""
        return any(is_echo(self.position, each.position, self.text) for each in self.told)

    @property
    def position(self) -> Position:
        return self.text.position(self.span)


@noun(slots=False)
class Layer:
    """What one place says about agents, resolved for one environment.

    `prefix` leads to it inside its file; `label` names it, empty for a spec's own top level.
    """

    label: str
    source: Source
    prefix: Steps
    value: Document
    variables: Variables
    texts: dict[Steps, Text] = field(default_factory=dict)
    omitted: tuple[tuple[str, ...], ...] = ()

    def depth(self, steps: Steps) -> tuple[int, bool]:
        """How far a path leads in this layer, and whether earlier layers are out of the game."""
        value: Any = self.value
        in_list = False  # lists replace as one: what they lack, no earlier layer has
        for count, step in enumerate(steps):
            if isinstance(value, dict):
                if step not in value:
                    return count, in_list
            elif not isinstance(value, list) or not isinstance(step, int) or step >= len(value):
                return count, True
            else:
                in_list = True
            value = value[step]
        return len(steps), True

    def place(self, finding: Finding) -> Place:
        """The place of a finding whose value is this layer's."""
        steps = finding.steps
        node, exact = yaml_nodes.find(self.source.root, (*self.prefix, *steps))
        mark = node.mark if node is not None else START
        if finding.at_key and node is not None and node.key is not None and exact:
            mark = node.key
        via = (self.label,) if self.label not in {"", self.source.name} else ()
        anchors = self._anchors(node, mark)
        here = Place(self.source.text, mark, via, anchors, self.source.problems)
        if not exact or node is None:
            return self._in_file(finding, here) or here
        if not finding.as_written and node.text is not None and (names := names_used(node.text)):
            told = ", ".join(f"`${{{name}}}`" for name in names)
            environment = self.variables.environment
            via = (f"{told} from the variables of environment {environment}", *via)
            here = replace(here, via=via)
        return self._in_file(finding, here) or self._in_scalar(finding, node, here) or here

    def _anchors(self, node: Node | None, mark: Span) -> tuple[tuple[Text, int], ...]:
        lines = {mark.line}
        if node is not None and node.key is not None:
            lines.add(node.key.line)
        return tuple((self.source.text, line) for line in sorted(lines))

    def _in_file(self, finding: Finding, here: Place) -> Place | None:
        """A stretch of a text that came from a file, placed in that file."""
        steps = finding.steps
        owner = next((s for n in range(len(steps), 0, -1) if (s := steps[:n]) in self.texts), None)
        if owner is None or (finding.offset is None and owner == steps):
            return None
        text = self.texts[owner]
        via = (f"`{dotted(owner)}` of {here.position}", *here.via)
        if owner == steps and finding.offset is not None:
            offset = self._written(text.content, finding)
            return Place(text, text.span_at(offset, finding.length), via, here.anchors)
        node, _ = yaml_nodes.find(Source(text).root, steps[len(owner) :])
        return Place(text, node.mark if node is not None else START, via, here.anchors)

    def _in_scalar(self, finding: Finding, node: Node, here: Place) -> Place | None:
        if finding.offset is None or node.text is None:
            return None
        offset = self._written(node.text, finding)
        found = yaml_nodes.span_in_scalar(here.text, node, offset, finding.length)
        return None if found is None else replace(here, span=found)

    def _written(self, text: str, finding: Finding) -> int:
        offset = finding.offset or 0
        return offset if finding.as_written else self.variables.written_offset(text, offset)


@noun(slots=False)
class Merged:
    """One spec with all that is merged into it, for one environment."""

    key: str
    source: Source
    document: Document
    layers: Sequence[Layer]

    @property
    def file(self) -> str:
        return self.source.name

    @property
    def face(self) -> Document:
        return self.document

    @property
    def lost_tools(self) -> bool:
        return has_lost_tools(View(self.key, self.document))

    def place(self, finding: Finding) -> Place:
        """Where a value of the merged document was written."""
        layer, depth = self._winner(finding.steps)
        if depth < len(finding.steps):
            finding = Finding(finding.code, finding.message, finding.steps[:depth])
        place = layer.place(finding)
        if layer.source is self.source:
            return place
        via = (*place.via, f"merged into {self.source.name}")
        return replace(place, via=via)

    def _winner(self, steps: Steps) -> tuple[Layer, int]:
        """The layer whose word counts for a path, and how much of the path it has."""
        best = next(layer for layer in self.layers if layer.source is self.source)
        most = 0
        for layer in reversed(self.layers):
            depth, final = layer.depth(steps)
            if depth > most:
                best, most = layer, depth
            if final:
                break
        return best, most

    def locate(self, path: Path) -> Position | None:
        """The position of a path that steps through tools by their labels."""
        return self.place(Finding("", "", self.steps(path))).position

    def steps(self, path: Path) -> Steps:
        """The same path with list indices; it ends where the document does."""
        value: Any = self.document
        steps: Steps = ()
        for step in path:
            if isinstance(value, list):
                index = _index(value, step)
                if index is None:
                    break
                steps, value = (*steps, index), value[index]
            else:
                steps = (*steps, step)
                value = value.get(step) if isinstance(value, dict) else None
        return steps


def _index(items: list[Any], step: str) -> int | None:
    """The item that a step names: a tool by its label, else by `name`, else by number."""
    mappings = [item if isinstance(item, dict) else {} for item in items]
    names = labels(mappings) if any("type" in item for item in mappings) else []
    if step in names:
        return names.index(step)
    for index, item in enumerate(mappings):
        if step in (item.get("name"), item.get("id")):
            return index
    return int(step) if step.isdecimal() and int(step) < len(items) else None


def _may_be_secret(steps: Steps) -> bool:
    """Whether a literal secret may stand at a place, whatever is wrong with it."""
    return not _SECRETS.isdisjoint(steps) or steps in {("ledger",), ("ledger", "url")}


def problem_at(finding: Finding, place: Place) -> Problem:
    """The problem that a finding is, once its place is known."""
    secret = finding.code in {"SPEC024", "SPEC027"} or _may_be_secret(finding.steps)
    return Problem(
        code=finding.code,
        message=finding.message,
        position=place.position,
        hint=finding.hint,
        severity=severity_of(finding.code),
        source_line=None if secret else place.text.shown(place.span.line),
        via=place.via,
    )
