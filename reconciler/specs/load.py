"""Files → the desired agents of one environment."""

import dataclasses
from typing import Final

from reconciler.errors import Problem, SpecsInvalid, UsageError
from reconciler.model.agent import MergedSpec
from reconciler.model.desired import DesiredAgent, Ignore, Lifecycle, Specs
from reconciler.model.project import IgnoreRule
from reconciler.model.values import ABSENT
from reconciler.specs.assemble import Assembler, environments_findings, not_a_mapping
from reconciler.specs.discovery import Found, discover
from reconciler.specs.files import Files, Source
from reconciler.specs.findings import Finding, did_you_mean, listed, severity_of
from reconciler.specs.layers import Merged, problem_at
from reconciler.specs.problems import in_order, is_silenced
from reconciler.specs.project_file import FILE_NAME, LoadedProject
from reconciler.specs.rules import agent_findings
from reconciler.specs.rules.fleet import fleet_findings
from reconciler.specs.rules.view import View
from reconciler.specs.shape import shape_findings

_NOT_SENT: Final = frozenset(
    {"lifecycle", "moved_from", "omit", "environments", "ignore", "extra", "id"}
)


def load_specs(loaded: LoadedProject, environment: str) -> tuple[Specs, tuple[Problem, ...]]:
    """The desired agents of one environment, and warnings.

    Raises `SpecsInvalid` with all problems, warnings included, sorted by position, and
    `UsageError` for an environment that there is not.
    """
    return _load(loaded, environment, Files(loaded.folder))


def validate(
    loaded: LoadedProject, environment: str | None = None, *, strict: bool = False
) -> tuple[Problem, ...]:
    """All problems over one or all environments, each once; `strict` makes warnings errors."""
    files = Files(loaded.folder)
    problems: list[Problem] = []
    for name in [environment] if environment is not None else loaded.project.environments:
        try:
            problems += _load(loaded, name, files)[1]
        except SpecsInvalid as error:
            problems += error.problems
    found = in_order(problems)
    if strict:
        found = tuple(dataclasses.replace(problem, severity="error") for problem in found)
    return found


def _load(
    loaded: LoadedProject, environment: str, files: Files
) -> tuple[Specs, tuple[Problem, ...]]:
    known = loaded.project.environments
    if environment not in known:
        near = did_you_mean(environment, known)
        there_are = f"there are {listed(known)}"
        hint = f"{near} ({there_are})" if near else there_are
        raise UsageError(f"there is no environment `{environment}`", hint=hint)
    folder = str(loaded.folder / loaded.project.specs)
    found = discover(files, folder, str(loaded.folder / FILE_NAME))
    if not found.specs and not found.problems:
        return Specs((), found=False), ()
    return _Loading(Assembler(loaded, environment, files, found.defaults)).run(found)


class _Loading:
    """One run over all spec files, for one environment."""

    def __init__(self, assembler: Assembler) -> None:
        self.assembler = assembler
        self.problems: list[Problem] = []

    def run(self, found: Found) -> tuple[Specs, tuple[Problem, ...]]:
        agents, skipped = [], []
        self.assembler.check_shared()
        for key, path in sorted(found.specs.items()):
            source = self.assembler.files.document(path)
            if not self.is_spec(source):
                continue
            if self.lives_here(source):
                agents.append(self.checked(self.assembler.spec(key, source)))
            else:
                skipped.append(key)
        for agent, finding in fleet_findings(agents):
            self.report(finding, agent)
        problems = in_order([*found.problems, *self.assembler.problems, *self.problems])
        if any(problem.severity == "error" for problem in problems):
            raise SpecsInvalid(problems)
        return Specs(tuple(map(_desired, agents)), tuple(skipped)), problems

    def is_spec(self, source: Source) -> bool:
        self.problems += source.problems
        if source.problems:
            return False
        if not isinstance(source.value, dict):
            self.problems.append(not_a_mapping(source, "a spec"))
            return False
        return True

    def lives_here(self, source: Source) -> bool:
        stated = source.value.get("environments", ABSENT)
        known = tuple(self.assembler.loaded.project.environments)
        whole = Merged("", source, source.value, [self.assembler.as_written(source)])
        for finding in environments_findings(stated, known):
            self.report(finding, whole)
        only = stated.get("only") if isinstance(stated, dict) else None
        return not isinstance(only, list) or self.assembler.environment in only

    def checked(self, agent: Merged) -> Merged:
        for finding in shape_findings(MergedSpec, agent.document):
            self.report(finding, agent)
        for finding in agent_findings(View(agent.key, agent.document)):
            self.report(finding, agent)
        return agent

    def report(self, finding: Finding, agent: Merged) -> None:
        place = agent.place(finding)
        if not (severity_of(finding.code) == "warning" and is_silenced(finding.code, place)):
            self.problems.append(problem_at(finding, place))


def _desired(agent: Merged) -> DesiredAgent:
    document = agent.document
    declared = {name: value for name, value in document.items() if name not in _NOT_SENT}
    rules = [IgnoreRule.model_validate(rule) for rule in document.get("ignore", [])]
    return DesiredAgent(
        key=agent.key,
        declared={**declared, **document.get("extra", {})},
        lifecycle=Lifecycle(**document.get("lifecycle", {})),
        agent_id=document.get("id"),
        moved_from=document.get("moved_from"),
        ignore=tuple(Ignore(tuple(r.path.split(".")), r.reason, r.until) for r in rules),
        locate=agent.locate,
    )
