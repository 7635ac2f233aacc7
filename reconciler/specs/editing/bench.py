"""The specs of one environment with edits that are not written yet: what would they say?"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import field
from functools import cached_property

from reconciler.errors import Problem, SpecsInvalid
from reconciler.model.desired import DesiredAgent
from reconciler.model.values import same
from reconciler.nouns import noun
from reconciler.specs.assemble import Assembler
from reconciler.specs.discovery import Found, discover
from reconciler.specs.editing.operations import CannotEdit
from reconciler.specs.editing.projects import project_in
from reconciler.specs.editing.uses import Uses
from reconciler.specs.editing.write import FileEdit
from reconciler.specs.files import MAX_SPEC_BYTES, Files, Unreadable
from reconciler.specs.layers import Merged, problem_at
from reconciler.specs.load import desired_of, load_from, load_specs
from reconciler.specs.loaded import FILE_NAME, LoadedProject
from reconciler.specs.rules import agent_findings
from reconciler.specs.rules.fleet import fleet_findings
from reconciler.specs.rules.view import View
from reconciler.specs.shape import shape_findings


@noun(slots=False)
class Bench:
    """Edits laid over the files of a project; a new one for each edit, sharing what it can.

    `edits` are whole files by real path, without byte order mark. Only what an edit concerns is
    read again.
    """

    loaded: LoadedProject
    environment: str
    keys: tuple[str, ...]
    found: Found
    edits: Mapping[str, bytes] = field(default_factory=dict)
    _uses: Uses | None = field(default=None, repr=False)
    _agents: dict[str, DesiredAgent] = field(default_factory=dict, repr=False)
    _merged: dict[str, Merged] = field(default_factory=dict, repr=False)

    @staticmethod
    def opened(loaded: LoadedProject, environment: str) -> "Bench":
        """The bench without an edit; raises `SpecsInvalid` and `UsageError` like `load_specs`."""
        agents = {agent.key: agent for agent in load_specs(loaded, environment)[0].agents}
        folder = str(loaded.folder / loaded.project.specs)
        found = discover(Files(loaded.folder), folder, str(loaded.folder / FILE_NAME))
        return Bench(loaded, environment, tuple(agents), found, _agents=agents)

    @cached_property
    def files(self) -> Files:
        return Files(self.loaded.folder, edits=self.edits)

    @cached_property
    def uses(self) -> Uses:
        return self._uses or Uses(str(self.loaded.folder), self.found, self.keys, self.merged)

    def merged(self, key: str) -> Merged:
        """A spec with its layers; raises `CannotEdit` where an edit has broken it."""
        if key not in self._merged:
            source = self.files.document(self.found.specs[key])
            if source.problems or not isinstance(source.value, dict):
                raise CannotEdit("the spec would not be read again")
            self._merged[key] = self._assembler.spec(key, source)
        return self._merged[key]

    @cached_property
    def _assembler(self) -> Assembler:
        return Assembler(self.loaded, self.environment, self.files, self.found.defaults)

    def agent(self, key: str) -> DesiredAgent:
        """What a spec asks for; the same object for as long as it says the same."""
        if key not in self._agents:
            self._agents[key] = desired_of(self.merged(key))
        return self._agents[key]

    def real(self, name: str) -> str:
        """Where a file really is, by its path or the name that positions have."""
        return self.uses.real(name)

    def with_edit(self, real: str, text: str) -> "Bench":
        """The bench with another text for one file; raises `CannotEdit`."""
        try:
            edit = text.encode("utf-8")
            Files(self.loaded.folder, edits={real: edit}).text(real, MAX_SPEC_BYTES)
        except UnicodeEncodeError as error:
            raise CannotEdit("half a character can not be written") from error
        except Unreadable as error:
            raise CannotEdit(f"the file would not be read again: {error.message}") from error
        return self._with({real: edit})

    def _with(self, edits: Mapping[str, bytes]) -> "Bench":
        loaded, agents, merged = self.loaded, self._agents.copy(), self._merged.copy()
        for key in {key for real in edits for key in self.uses.of(real)}:
            agents.pop(key, None)
            merged.pop(key, None)
        if self.real(FILE_NAME) in edits:
            loaded = project_in(loaded, Files(loaded.folder, edits=edits))
        every = {**self.edits, **edits}
        return Bench(
            loaded, self.environment, self.keys, self.found, every, self.uses, agents, merged
        )

    def affected(self, before: "Bench") -> Iterator[str]:
        """The agents whose merged document is another than before, sorted."""
        changed = [real for real, edit in self.edits.items() if before.edits.get(real) != edit]
        for key in sorted({key for real in changed for key in self.uses.of(real)}):
            if not same(self.merged(key).document, before.merged(key).document):
                yield key

    def problems(self, key: str, *, fleet: bool) -> tuple[Problem, ...]:
        """What `validate` would call an error in one spec, and in the fleet because of it."""
        merged = self.merged(key)
        fresh = Assembler(self.loaded, self.environment, self.files, self.found.defaults)
        document = fresh.spec(key, merged.source).document
        findings = [*shape_findings("spec", document), *agent_findings(View(key, document))]
        found = [*fresh.problems, *(problem_at(each, merged.place(each)) for each in findings)]
        if fleet:
            members = [self.merged(each) for each in self.keys]
            told = fleet_findings(members)
            found += [problem_at(each, agent.place(each)) for agent, each in told]
        return tuple(problem for problem in found if problem.severity == "error")

    def check(self) -> None:
        """Read all specs once more, edits included: they must be valid, and say what is wanted.

        Raises `SpecsInvalid` and `CannotEdit`.
        """
        is_known = self.real(FILE_NAME) not in self.edits  # else no entry of the cache would do
        cache = self.loaded.cache if is_known else None
        specs, _ = load_from(self.loaded, self.environment, self.files, cache)
        for agent in specs.agents:
            if not same(agent.declared, self.agent(agent.key).declared):
                raise CannotEdit(f"{agent.key} would say something that nobody asked for")

    def file_edits(self) -> tuple[FileEdit, ...]:
        """What is to be written, sorted by name; texts without their byte order mark."""
        on_disk = Files(self.loaded.folder)
        found = []
        for real, edit in self.edits.items():
            name, after = os.path.relpath(real, on_disk.root), edit.decode("utf-8")
            before = on_disk.text(real, MAX_SPEC_BYTES).content
            if before != after:
                found.append(FileEdit(name.replace(os.sep, "/"), real, before, after))
        return tuple(sorted(found, key=lambda edit: edit.name))

    def elsewhere(self) -> dict[str, list[str]]:
        """The agents of other environments that the edits say something else about.

        An environment whose specs are wrong already is left out.
        """
        found: dict[str, list[str]] = {}
        on_disk = project_in(self.loaded, Files(self.loaded.folder))
        for name in self.loaded.project.environments:
            if name == self.environment:
                continue
            try:
                before = Bench.opened(on_disk, name)
                keys = [*before._with(self.edits).affected(before)]  # noqa: SLF001  # of one kind
            except (SpecsInvalid, CannotEdit):
                continue
            if keys:
                found[name] = keys
        return found
