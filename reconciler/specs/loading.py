"""One run over all spec files, for one environment: from the cache what has not changed."""

import os
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from reconciler.errors import Position, Problem, SpecsInvalid
from reconciler.model.desired import DesiredAgent, Specs
from reconciler.model.values import Path
from reconciler.specs.caching import Cache, CachePlace
from reconciler.specs.discovery import Found
from reconciler.specs.files import Files
from reconciler.specs.fingerprint import digest, fingerprint
from reconciler.specs.problems import in_order
from reconciler.specs.remembered import (
    Remembered,
    agent_of,
    entry_of,
    entry_of_problem,
    problem_of,
)
from reconciler.specs.rules.fleet import Member, fleet_findings

if TYPE_CHECKING:
    from reconciler.specs.layers import Merged
    from reconciler.specs.project_file import LoadedProject
    from reconciler.specs.reading import Reader


class Loading:
    """`desired` makes the agent of a merged spec without errors."""

    def __init__(
        self,
        loaded: "LoadedProject",
        environment: str,
        files: Files,
        found: Found,
        *,
        place: CachePlace | None,
        desired: "Callable[[Merged], DesiredAgent]",
    ) -> None:
        self.loaded = loaded
        self.environment = environment
        self.files = files
        self.found = found
        self.desired = desired
        self.problems: list[Problem] = []
        self.members: list[Member] = []
        self.agents: list[DesiredAgent] = []
        self.skipped: list[str] = []
        print_of_code = fingerprint() if place is not None else None
        context = self._context(print_of_code) if print_of_code else None
        self.cache = Cache(place if context else None, environment, context or "")

    def run(self) -> tuple[Specs, tuple[Problem, ...]]:
        shared = self._shared()
        for key, path in sorted(self.found.specs.items()):
            entry = self.cache.get(key) if shared else None
            if entry is not None and self._holds(entry, path):
                self._recall(key, path, entry)
            else:
                self._read(key, path)
        for member, finding in fleet_findings(self.members):
            from reconciler.specs.reading import reported  # noqa: PLC0415  heavy, and rare

            self.problems += reported(finding, member)
        self.cache.save(set(self.found.specs))
        problems = in_order([*self.found.problems, *self.problems])
        if any(problem.severity == "error" for problem in problems):
            raise SpecsInvalid(problems)
        return Specs(tuple(self.agents), tuple(self.skipped)), problems

    def _context(self, code: str) -> str:
        """A hash of all that every spec rests on, but for texts that defaults name."""
        defaults = sorted(
            (folder, self.files.name(path), self.files.digest(path))
            for folder, path in self.found.defaults.items()
        )
        told = repr((code, self.environment, self.loaded.project.specs, defaults))
        return digest(told.encode(), self.loaded.source.text.content.encode())

    def _shared(self) -> bool:
        """Whether what specs share is as the cache knows it; if not, it is read."""
        entry = self.cache.get("")
        if entry is not None and self._holds(entry):
            self.problems += map(problem_of, entry["problems"])
            return True
        self.problems += self._reader.shared_problems
        self._keep("", None, self._reader.shared_problems)
        return False

    @cached_property
    def _reader(self) -> "Reader":
        from reconciler.specs.reading import Reader  # noqa: PLC0415  not where all is known

        self.files.used.clear()
        return Reader(self.loaded, self.environment, self.files, self.found.defaults)

    def _holds(self, entry: Mapping[str, Any], own: str | None = None) -> bool:
        """Whether the files that an entry rests on are as they were, and still inside.

        Its own file has been found in the specs folder, which has seen to that.
        """
        return all(
            self.files.digest(path) == known and (path == own or self.files.is_inside(path))
            for name, known in entry["rests"].items()
            for path in [os.path.join(self.loaded.folder, name)]  # noqa: PTH118  faster
        )

    def _recall(self, key: str, path: str, entry: Mapping[str, Any]) -> None:
        self.files.drop(path)
        self.problems += map(problem_of, entry["problems"])
        if entry["agent"] is None:
            self.skipped.append(key)
            return
        agent = agent_of(key, entry["agent"], lambda steps: self._locate(key, steps))
        self.agents.append(agent)
        name = self.files.name(path)
        self.members.append(Remembered(agent, name, lambda: self._merged(key)))

    def _read(self, key: str, path: str) -> None:
        reader = self._reader
        self.files.used.clear()
        reading = reader.read(key, path)
        self.problems += reading.problems
        if reading.merged is not None:
            self.members.append(reading.merged)
        elif reading.elsewhere:
            self.skipped.append(key)
        if any(problem.severity == "error" for problem in reading.problems):
            return
        agent = self.desired(reading.merged) if reading.merged else None
        self.agents += [agent] if agent else []
        self._keep(key, agent, reading.problems)

    def _keep(self, key: str, agent: DesiredAgent | None, problems: tuple[Problem, ...]) -> None:
        if not self.cache.active or any(problem.severity == "error" for problem in problems):
            return
        rests = {
            os.path.relpath(path, self.loaded.folder): self.files.digest(path)
            for path in self.files.used
        }
        told = [entry_of_problem(problem) for problem in problems]
        known = entry_of(agent) if agent else None
        self.cache.put(key, {"rests": rests, "problems": told, "agent": known})

    def _locate(self, key: str, steps: Path) -> Position | None:
        try:
            return self._merged(key).locate(steps)
        except LookupError:
            return None  # the file is another by now

    def _merged(self, key: str) -> "Merged":
        merged = self._reader.read(key, self.found.specs[key]).merged
        if merged is None:
            raise LookupError(key)
        return merged
