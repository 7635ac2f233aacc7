"""One spec after the other, read and checked: the part of loading that knows YAML and pydantic."""

from reconciler.errors import Problem
from reconciler.model.values import ABSENT
from reconciler.nouns import noun
from reconciler.specs.assemble import Assembler, environments_findings, not_a_mapping
from reconciler.specs.files import Files, Source
from reconciler.specs.findings import Finding
from reconciler.specs.layers import Merged, problem_at
from reconciler.specs.loaded import LoadedProject
from reconciler.specs.problems import is_silenced
from reconciler.specs.rules.all import agent_findings
from reconciler.specs.rules.fleet import Member
from reconciler.specs.rules.view import View
from reconciler.specs.shape import shape_findings


@noun
class Reading:
    """What came of one file: an agent, unless it lives elsewhere or is none, and problems."""

    merged: Merged | None
    problems: tuple[Problem, ...]
    elsewhere: bool = False


class Reader:
    """Reads the specs of one environment."""

    def __init__(
        self, loaded: LoadedProject, environment: str, files: Files, defaults: dict[str, str]
    ) -> None:
        self.assembler = Assembler(loaded, environment, files, defaults)
        self.problems: list[Problem] = []
        self.assembler.check_shared()
        self.shared_problems = tuple(self.assembler.problems)

    def read(self, key: str, path: str) -> Reading:
        self.problems, before = [], len(self.assembler.problems)
        source = self.assembler.files.document(path)
        is_spec = self._is_spec(source)
        here = is_spec and self._lives_here(source)
        merged = self._checked(self.assembler.spec(key, source)) if here else None
        found = (*source.problems, *self.assembler.problems[before:], *self.problems)
        return Reading(merged, found, elsewhere=is_spec and not here)

    def _is_spec(self, source: Source) -> bool:
        """Whether there are fields to check; a file with mistakes in its text may have some."""
        if not isinstance(source.value, dict) and not source.problems:
            self.problems.append(not_a_mapping(source, "a spec"))
        return isinstance(source.value, dict)

    def _lives_here(self, source: Source) -> bool:
        stated = source.value.get("environments", ABSENT)
        known = tuple(self.assembler.loaded.project.environments)
        whole = Merged("", source, source.value, [self.assembler.as_written(source)])
        for finding in environments_findings(stated, known):
            self._report(finding, whole)
        only = stated.get("only") if isinstance(stated, dict) else None
        return not isinstance(only, list) or self.assembler.environment in only

    def _checked(self, agent: Merged) -> Merged:
        for finding in shape_findings("spec", agent.document):
            self._report(finding, agent)
        for finding in agent_findings(View(agent.key, agent.document)):
            self._report(finding, agent)
        return agent

    def _report(self, finding: Finding, agent: Member) -> None:
        self.problems += reported(finding, agent)


def reported(finding: Finding, agent: Member) -> list[Problem]:
    """The problem that a finding is, unless it echoes another or a comment silences it."""
    place = agent.place(finding)
    if place.is_told or is_silenced(finding.code, place):
        return []
    return [problem_at(finding, place)]
