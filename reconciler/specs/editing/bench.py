"""The specs of one environment with edits that are not written yet: what would they say?"""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

from reconciler.errors import Problem, SpecsInvalid
from reconciler.model.agent import MergedSpec
from reconciler.model.desired import DesiredAgent
from reconciler.model.values import same
from reconciler.specs.assemble import Assembler
from reconciler.specs.discovery import Found, discover
from reconciler.specs.editing.operations import CannotEdit
from reconciler.specs.editing.write import FileEdit
from reconciler.specs.files import (
    MAX_SPEC_BYTES,
    MAX_TEXT_BYTES,
    Files,
    Source,
    Unreadable,
    _decode,
)
from reconciler.specs.layers import Merged, problem_at
from reconciler.specs.load import _desired, _load, load_specs
from reconciler.specs.marks import Text
from reconciler.specs.project_file import FILE_NAME, LoadedProject
from reconciler.specs.rules import agent_findings
from reconciler.specs.rules.fleet import fleet_findings
from reconciler.specs.rules.view import View
from reconciler.specs.shape import shape_findings
from reconciler.specs.yaml_reader import read

BOM: Final = "\ufeff"


@dataclass
class _Edited(Files):
    """The files as they would be; `edits` are by real path."""

    edits: Mapping[str, str] = field(default_factory=dict)

    def text(self, path: str, limit: int = MAX_TEXT_BYTES) -> Text:
        edit = self.edits.get(os.path.realpath(path)) if self.edits else None
        if edit is None:
            return super().text(path, limit)
        return Text(self.name(path), _checked(edit))

    def take(self, other: Files, unchanged: Callable[[str], bool]) -> None:
        """Spare what another has read already."""
        self._texts = {p: each for p, each in other._texts.items() if unchanged(p)}  # noqa: SLF001  of one kind
        self._sources = {p: each for p, each in other._sources.items() if unchanged(p)}  # noqa: SLF001  as above


def _checked(edit: str) -> str:
    try:
        return _decode(edit.encode("utf-8"))
    except UnicodeEncodeError as error:
        raise Unreadable("SPEC003", "half a character can not be written") from error


@dataclass(frozen=True)
class Bench:
    """Edits laid over the files of a project; a new one for each edit, sharing what it can."""

    loaded: LoadedProject
    environment: str
    edits: Mapping[str, str] = field(default_factory=dict)
    _files: _Edited | None = field(default=None, repr=False)
    _merged: dict[str, Merged] = field(default_factory=dict, repr=False)
    _used: dict[str, frozenset[str]] = field(default_factory=dict, repr=False)
    _real: dict[str, str] = field(default_factory=dict, repr=False)

    @cached_property
    def files(self) -> _Edited:
        return self._files or _Edited(self.loaded.folder, edits=self.edits)

    @cached_property
    def found(self) -> Found:
        folder = str(self.loaded.folder / self.loaded.project.specs)
        return discover(self.files, folder, str(self.loaded.folder / FILE_NAME))

    @cached_property
    def assembler(self) -> Assembler:
        return Assembler(self.loaded, self.environment, self.files, self.found.defaults)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The agents that live in this environment; raises `SpecsInvalid` like `load_specs`."""
        specs, _ = load_specs(self.loaded, self.environment)
        return tuple(agent.key for agent in specs.agents)

    def merged(self, key: str) -> Merged:
        if key not in self._merged:
            source = self.files.document(self.found.specs[key])
            if source.problems or not isinstance(source.value, dict):
                raise CannotEdit("the spec would not be read again")
            self._merged[key] = self.assembler.spec(key, source)
        return self._merged[key]

    def agent(self, key: str) -> DesiredAgent:
        return _desired(self.merged(key))

    def real(self, name: str) -> str:
        """Where a file really is, by its path or the name that positions have."""
        if name not in self._real:
            path = os.path.join(self.loaded.folder, name)  # noqa: PTH118  an absolute name stays
            self._real[name] = os.path.realpath(path)
        return self._real[name]

    def users(self, real: str) -> list[str]:
        """The agents that a file has a say in."""
        return [key for key in self.keys if real in self._sources(key)]

    def _sources(self, key: str) -> frozenset[str]:
        if key not in self._used:
            layers = self.merged(key).layers
            names = {layer.source.name for layer in layers}
            names |= {text.name for layer in layers for text in layer.texts.values()}
            self._used[key] = frozenset(self.real(name) for name in names)
        return self._used[key]

    def with_edit(self, real: str, text: str) -> "Bench":
        """The bench with another text for one file."""
        try:
            _checked(text)
        except Unreadable as error:
            raise CannotEdit(f"the file would not be read again: {error.message}") from error
        edits = {**self.edits, real: text}
        files = _Edited(self.loaded.folder, edits=edits)
        loaded = self.loaded
        if real == self.real(FILE_NAME):
            loaded = _project_with(loaded, text)
        else:
            files.take(self.files, lambda path: self.real(path) != real)
        touched = set(self.users(real))
        new = Bench(
            loaded,
            self.environment,
            edits,
            files,
            {key: each for key, each in self._merged.items() if key not in touched},
            {key: each for key, each in self._used.items() if key not in touched},
            self._real,
        )
        for name in ("found", "keys"):  # an edit makes and loses no spec
            new.__dict__[name] = getattr(self, name)
        return new

    def affected(self, before: "Bench") -> Iterator[str]:
        """The agents whose merged document is another than before."""
        changed = [real for real, text in self.edits.items() if before.edits.get(real) != text]
        keys = {key for real in changed for bench in (self, before) for key in bench.users(real)}
        for key in sorted(keys):
            if not same(self.merged(key).document, before.merged(key).document):
                yield key

    def problems(self, key: str) -> tuple[Problem, ...]:
        """What `validate` would call an error in one spec, or in the fleet because of it."""
        merged = self.merged(key)
        fresh = Assembler(self.loaded, self.environment, self.files, self.found.defaults)
        fresh.spec(key, merged.source)
        document = merged.document
        findings = [*shape_findings(MergedSpec, document)]
        findings += agent_findings(View(key, document))
        found = [problem_at(each, merged.place(each)) for each in findings]
        fleet = [self.merged(each) for each in self.keys]
        found += [problem_at(each, agent.place(each)) for agent, each in fleet_findings(fleet)]
        return tuple(p for p in (*fresh.problems, *found) if p.severity == "error")

    def check(self) -> None:
        """Read all specs with all edits once more; raises `SpecsInvalid`."""
        _load(self.loaded, self.environment, _Edited(self.loaded.folder, edits=self.edits))

    def file_edits(self) -> tuple[FileEdit, ...]:
        """What is to be written, sorted by name; texts without their byte order mark."""
        found = []
        for real, after in self.edits.items():
            name = os.path.relpath(real, self.files.root).replace(os.sep, "/")
            before = Files(self.loaded.folder).text(real, MAX_SPEC_BYTES).content
            if before != after:
                found.append(FileEdit(name, real, before, after))
        return tuple(sorted(found, key=lambda edit: edit.name))

    def elsewhere(self) -> dict[str, list[str]]:
        """The agents of other environments that the edits say something else about.

        An environment whose specs are wrong already is left out.
        """
        found: dict[str, list[str]] = {}
        for name in self.loaded.project.environments:
            if name == self.environment:
                continue
            before = Bench(_as_on_disk(self.loaded), name)
            try:
                before.keys  # noqa: B018  reads the specs
                after = Bench(self.loaded, name, self.edits)
                after.__dict__["keys"] = before.keys
                keys = list(after.affected(before))
            except (SpecsInvalid, CannotEdit):
                continue
            if keys:
                found[name] = keys
        return found


def _as_on_disk(loaded: LoadedProject) -> LoadedProject:
    source = Files(loaded.folder).document(str(loaded.folder / FILE_NAME))
    return loaded if source.text == loaded.source.text else _project_of(loaded, source)


def _project_with(loaded: LoadedProject, text: str) -> LoadedProject:
    """The project with another text of its file; only what specs are merged from may differ."""
    marked = Text(loaded.source.name, _checked(text))
    value, problems = read(marked)
    if problems or not isinstance(value, dict):
        raise CannotEdit("the project file would not be read again")
    if not same(_frame(value), _frame(loaded.source.value)):
        raise CannotEdit("the project file would say something else in another place")
    return _project_of(loaded, Source(marked, value))


def _project_of(loaded: LoadedProject, source: Source) -> LoadedProject:
    environments = {
        name: each.model_copy(update={"overrides": _overrides(source.value, name)})
        for name, each in loaded.project.environments.items()
    }
    update = {"defaults": source.value.get("defaults") or {}, "environments": environments}
    return replace(loaded, project=loaded.project.model_copy(update=update), source=source)


def _overrides(value: Mapping[str, Any], name: str) -> Any:
    return value["environments"][name].get("overrides") or {}


def _frame(value: Mapping[str, Any]) -> Any:
    """The project file less what is merged into specs."""
    environments = {
        name: {key: item for key, item in each.items() if key != "overrides"}
        for name, each in value["environments"].items()
    }
    rest = {key: item for key, item in value.items() if key != "defaults"}
    return {**rest, "environments": environments}
