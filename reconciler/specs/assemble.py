"""The layers of each spec, read, resolved and merged for one environment (DESIGN.md 3)."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

from reconciler.errors import Problem
from reconciler.model.values import ABSENT, Document, lookup
from reconciler.specs.discovery import folders_above
from reconciler.specs.files import Files, Source
from reconciler.specs.findings import Finding, did_you_mean, listed
from reconciler.specs.layers import Layer, Merged, problem_at
from reconciler.specs.loaded import FILE_NAME, LoadedProject
from reconciler.specs.marks import START, Steps
from reconciler.specs.merging import merged, paths_of, without
from reconciler.specs.problems import is_silenced
from reconciler.specs.resolving import Resolver
from reconciler.specs.rules.fields import extra_is_extra, omitted_paths
from reconciler.specs.rules.ignored import ignored_paths, wrong_ignores
from reconciler.specs.rules.typed import mapping
from reconciler.specs.rules.view import View
from reconciler.specs.shape import shape_findings

_PLACED: Final = {
    "id": "under `environments: {<name>: {id: …}}` of a spec",
    "moved_from": "at the top level of a spec",
    "environments": "at the top level of a spec",
}


class Assembler:
    """Puts specs together; what it finds wrong with files and layers is kept in `problems`."""

    def __init__(
        self,
        loaded: LoadedProject,
        environment: str,
        files: Files,
        folder_defaults: Mapping[str, str],
    ) -> None:
        self.loaded = loaded
        self.environment = environment
        self.files = files
        self.folder_defaults = folder_defaults
        self.problems: list[Problem] = []
        self.variables = loaded.variables(environment)
        self.secret_rules = loaded.secret_rules
        self._by_folder: dict[str, list[Layer]] = {}
        self._folder_layers: dict[str, Layer] = {}

    def spec(self, key: str, source: Source) -> Merged:
        """A spec that lives in this environment, with all that is merged into it."""
        own = {name: value for name, value in source.value.items() if name != "environments"}
        spec = self._layer("", source, (), own, allowed={"moved_from"})
        layers = [*self._defaults_for(key), spec]
        if (overrides := self._overrides) is not None:
            layers.append(
                dataclasses.replace(overrides, value=without(overrides.value, spec.omitted))
                if spec.omitted
                else overrides
            )
        if here := self._environment_part(source):
            label = f"environments.{self.environment} of {source.name}"
            steps = ("environments", self.environment)
            layers.append(self._layer(label, source, steps, here, allowed={"id"}))
        layers = _less_omitted(layers)
        document: Document = {}
        for layer in layers:
            document = merged(document, layer.value)
        return Merged(key, source, document, layers)

    def as_written(self, source: Source) -> Layer:
        """A whole file as a layer, nothing resolved."""
        return Layer("", source, (), source.value, self.variables)

    def _environment_part(self, source: Source) -> Mapping[str, Any]:
        environments = source.value.get("environments")
        here = environments.get(self.environment) if isinstance(environments, dict) else None
        return here if isinstance(here, dict) else {}

    def _defaults_for(self, key: str) -> list[Layer]:
        """The defaults of the project and of the folders around a key, from the outside in."""
        folder = key.rpartition("/")[0]
        if folder not in self._by_folder:
            paths = [self.folder_defaults.get(name) for name in folders_above(key)]
            found = [self._project_defaults, *(self._folder_layer(p) for p in paths if p)]
            self._by_folder[folder] = [layer for layer in found if layer is not None]
        return self._by_folder[folder]

    @cached_property
    def _project_defaults(self) -> Layer | None:
        return self._project_layer("defaults", ("defaults",), self.loaded.project.defaults)

    @cached_property
    def _overrides(self) -> Layer | None:
        name = self.environment
        overrides = self.loaded.project.environments[name].overrides
        label = f"overrides of environment {name}"
        return self._project_layer(label, ("environments", name, "overrides"), overrides)

    def _project_layer(self, label: str, steps: Steps, value: Mapping[str, Any]) -> Layer | None:
        if not value:
            return None
        return self._shared(f"{label} of {FILE_NAME}", self.loaded.source, steps, value)

    def check_shared(self) -> None:
        """Read all layers that specs share, those that no spec uses too."""
        _ = self._project_defaults, self._overrides
        self._check_ignores()
        for path in self.folder_defaults.values():
            self._folder_layer(path)

    def _check_ignores(self) -> None:
        """The project file's rules are for every agent; which fields are `extra`, it may know."""
        project = self.loaded.project
        if not project.ignore:
            return
        stated = [project.defaults, *(each.overrides for each in project.environments.values())]
        extra = {name for each in stated for name in mapping(each.get("extra"))}
        layer = self.as_written(self.loaded.source)
        self._report([*wrong_ignores(layer.value.get("ignore"), extra)], layer)

    def _folder_layer(self, path: str) -> Layer:
        if path not in self._folder_layers:
            source = self.files.document(path)
            self.problems += source.problems
            if not source.problems and not isinstance(source.value, dict):
                self.problems.append(not_a_mapping(source, "defaults"))
            value = source.value if isinstance(source.value, dict) else {}
            self._folder_layers[path] = self._shared(source.name, source, (), value)
        return self._folder_layers[path]

    def _shared(self, label: str, source: Source, steps: Steps, value: Mapping[str, Any]) -> Layer:
        """A layer of many specs is checked by itself too: some may override what is wrong in it."""
        layer = self._layer(label, source, steps, value, allowed=set())
        self._report(shape_findings("spec", layer.value, partial=True), layer)
        view = View("", layer.value)
        self._report([*extra_is_extra(view), *omitted_paths(view), *ignored_paths(view)], layer)
        return layer

    def _layer(
        self, label: str, source: Source, steps: Steps, value: Mapping[str, Any], allowed: set[str]
    ) -> Layer:
        path = str(self.loaded.folder / source.name)
        resolver = Resolver(self.files, path, self.variables, self.secret_rules)
        misplaced = [name for name in _PLACED if name in value and name not in allowed]
        resolved = resolver.layer(
            {name: each for name, each in value.items() if name not in misplaced}
            if misplaced
            else value
        )
        omitted = tuple(paths_of(resolved))
        layer = Layer(label, source, steps, resolved, self.variables, resolver.texts, omitted)
        self.problems += resolver.problems
        self._report([*resolver.findings, *_layer_findings(misplaced, resolved, omitted)], layer)
        return layer

    def _report(self, findings: Sequence[Finding], layer: Layer) -> None:
        placed = ((finding, layer.place(finding)) for finding in findings)
        self.problems += [
            problem_at(each, place)
            for each, place in placed
            if not place.is_told and not is_silenced(each.code, place)
        ]


def _layer_findings(
    misplaced: Sequence[str], value: Document, omitted: Sequence[tuple[str, ...]]
) -> Iterator[Finding]:
    for name in misplaced:
        message, hint = f"`{name}` can not stand here", f"it stands {_PLACED[name]} only"
        yield Finding("SPEC039", message, (name,), hint, at_key=True)
    for path in omitted:
        if lookup(value, path) is not ABSENT:
            message = f"`{'.'.join(path)}` is declared and omitted in one place"
            yield Finding("SPEC058", message, path, "keep one of the two", at_key=True)


def _less_omitted(layers: list[Layer]) -> list[Layer]:
    """The layers, each less what a later one omits, so that places are those of what counts."""
    result: list[Layer] = []
    for layer in layers:
        if layer.omitted:
            result = [
                dataclasses.replace(below, value=without(below.value, layer.omitted))
                for below in result
            ]
        result.append(layer)
    return result


def not_a_mapping(source: Source, what: str) -> Problem:
    message = f"{what} must be a mapping of fields"
    return source.text.problem("SPEC015", message, START, hint="start with `name: …`")


def environments_findings(stated: Any, known: Sequence[str]) -> Iterator[Finding]:
    """What is wrong with the `environments` of a spec, but for the fields in them."""
    if stated is ABSENT:
        return
    if not isinstance(stated, dict):
        message = "`environments` must be a mapping of environments to overrides"
        yield Finding("SPEC032", message, ("environments",), "write `only: [production]` below it")
        return
    for name, value in stated.items():
        steps = ("environments", name)
        if name == "only":
            yield from _only_findings(value, known)
        elif name not in known:
            yield _unknown_environment(name, steps, known, at_key=True)
        elif not isinstance(value, dict):
            message = f"`environments.{name}` must be a mapping of fields"
            yield Finding("SPEC032", message, steps, "remove it if there is nothing to override")


def _only_findings(value: Any, known: Sequence[str]) -> Iterator[Finding]:
    steps = ("environments", "only")
    if not isinstance(value, list) or not value:
        message = "`only` must list the environments in which the agent lives"
        yield Finding("SPEC066", message, steps, "write `only: [production]`, or remove it")
        return
    for index, name in enumerate(value):
        if name not in known:
            yield _unknown_environment(str(name), (*steps, index), known, at_key=False)


def _unknown_environment(name: str, steps: Steps, known: Sequence[str], *, at_key: bool) -> Finding:
    hint = did_you_mean(name, known) or f"there are {listed(known)}"
    message = f"reconciler.yaml has no environment `{name[:80]}`"
    return Finding("SPEC065", message, steps, hint, at_key=at_key)
