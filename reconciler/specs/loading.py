"""One run over all spec files, for one environment: from the cache what has not changed."""

import dataclasses
import os
from collections.abc import Callable, Generator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from reconciler.errors import Position, Problem, SpecsInvalid
from reconciler.model.desired import DesiredAgent, Specs
from reconciler.model.values import Document, Path
from reconciler.specs.caching import Cache, CachePlace
from reconciler.specs.discovery import Found
from reconciler.specs.files import Files, below
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
from reconciler.specs.sharing import shared_out

if TYPE_CHECKING:
    from reconciler.specs.layers import Merged
    from reconciler.specs.loaded import LoadedProject
    from reconciler.specs.reading import Reader, Reading

_AT_ONCE: Final = 4  # specs: some 3 ms


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
        self._latest: Merged | None = None
        print_of_code = fingerprint() if place is not None else None
        context = self._context(print_of_code) if print_of_code else None
        self.cache = Cache(place if context else None, environment, context or "")

    def steps(self) -> Generator[None, None, None]:
        """Load, and give way between the steps; after the last one there is a `result`.

        Helpers are forked before the first one: a caller may start threads meanwhile, and beside
        threads nobody forks.
        """
        if self._is_empty:
            return
        rest = self._recall_known()
        if rest:
            yield from self._read_all(rest)
        self.agents.sort(key=lambda agent: agent.key)
        self.members.sort(key=lambda member: member.key)

    def result(self) -> tuple[Specs, tuple[Problem, ...]]:
        """The agents and warnings. Raises `SpecsInvalid` with all problems, in order."""
        if self._is_empty:
            return Specs((), found=False), ()
        for member, finding in fleet_findings(self.members):
            from reconciler.specs.reading import reported  # noqa: PLC0415  # heavy, and rare

            self.problems += reported(finding, member)
        self.cache.save(set(self.found.specs))
        problems = in_order([*self.found.problems, *self.problems])
        if any(problem.severity == "error" for problem in problems):
            raise SpecsInvalid(problems)
        return Specs(tuple(self.agents), tuple(sorted(self.skipped))), problems

    @property
    def _is_empty(self) -> bool:
        return not self.found.specs and not self.found.problems

    def _recall_known(self) -> list[str]:
        """Take from the cache what it knows; the keys of the rest, sorted."""
        shared, rest = self._shared(), []
        for key, path in sorted(self.found.specs.items()):
            entry = self.cache.get(key) if shared else None
            if entry is not None and self._holds(entry, path):
                self.files.drop(path)
                self._recall(key, entry)
            else:
                rest.append(key)
        return rest

    def _read_all(self, keys: list[str]) -> Generator[None, None, None]:
        _ = self._reader  # what specs share is read once, before others help
        with shared_out(keys, self._body) as shared:
            for number, key in enumerate(shared.mine()):
                if number % _AT_ONCE == 0:
                    yield
                self._read(key)
            for key, body in shared.theirs():
                if body is None:
                    self._read(key)
                else:
                    self._recall(key, self.cache.keep(key, body))

    def _context(self, code: str) -> str:
        """A hash of all that every spec rests on, but for texts that defaults name."""
        defaults = sorted(
            (folder, self.files.name(path), self.files.digest(path))
            for folder, path in self.found.defaults.items()
        )
        told = repr((code, self.environment, self.loaded.project.specs, defaults))
        return digest(told.encode(), self.loaded.digest.encode())

    def _shared(self) -> bool:
        """Whether what specs share is as the cache knows it; if not, it is read."""
        entry = self.cache.get("")
        if entry is not None and self._holds(entry):
            self.problems += map(problem_of, entry["problems"])
            return True
        self.problems += self._reader.shared_problems
        if self.cache.active and not any(p.severity == "error" for p in self.problems):
            self.cache.put("", self._entry(None, self._reader.shared_problems))
        return False

    @cached_property
    def _reader(self) -> "Reader":
        from reconciler.specs.reading import Reader  # noqa: PLC0415  # not where all is known

        self.files.used.clear()
        return Reader(self.loaded, self.environment, self.files, self.found.defaults)

    def _holds(self, entry: Mapping[str, Any], own: str | None = None) -> bool:
        """Whether the files that an entry rests on are as they were, and still inside.

        Its own file has been found in the specs folder, which has seen to that.
        """
        return all(
            self.files.digest(path) == known and (path == own or self.files.is_inside(path))
            for name, known in entry["rests"].items()
            for path in [os.path.join(self.loaded.folder, name)]  # noqa: PTH118  # faster
        )

    def _recall(self, key: str, entry: Mapping[str, Any]) -> None:
        self.problems += map(problem_of, entry["problems"])
        if entry["agent"] is None:
            self.skipped.append(key)
        else:
            self._know(agent_of(key, entry["agent"], lambda steps: self._locate(key, steps)))

    def _know(self, agent: DesiredAgent) -> None:
        """An agent whose file need not be kept: places in it are rarely asked for."""
        name = self.files.name(self.found.specs[agent.key])
        self.agents.append(agent)
        self.members.append(Remembered(agent, name, lambda: self._merged(agent.key)))

    def _read(self, key: str) -> None:
        reading = self._reading(key)
        self.problems += reading.problems
        if any(problem.severity == "error" for problem in reading.problems):
            self.members += [reading.merged] if reading.merged else []
            return
        agent = self.desired(reading.merged) if reading.merged else None
        if self.cache.active:
            self.cache.put(key, self._entry(agent, reading.problems))
        if agent is None:
            self.skipped += [key] if reading.elsewhere else []
        else:
            self._know(dataclasses.replace(agent, locate=lambda steps: self._locate(key, steps)))

    def _body(self, key: str) -> bytes | None:
        """One spec as an entry of the cache, by another process; None if it has errors."""
        reading = self._reading(key)
        if any(problem.severity == "error" for problem in reading.problems):
            return None
        agent = self.desired(reading.merged) if reading.merged else None
        return self.cache.body(self._entry(agent, reading.problems))

    def _reading(self, key: str) -> "Reading":
        self.files.used.clear()
        path = self.found.specs[key]
        reading = self._reader.read(key, path)
        self.files.forget(path)
        return reading

    def _entry(self, agent: DesiredAgent | None, problems: tuple[Problem, ...]) -> Document:
        """What came of the spec that was read last, which rests on the files it used."""
        rests = {
            below(path, str(self.loaded.folder)): self.files.digest(path)
            for path in self.files.used
        }
        told = [entry_of_problem(problem) for problem in problems]
        known = entry_of(agent) if agent else None
        return {"rests": rests, "problems": told, "agent": known}

    def _locate(self, key: str, steps: Path) -> Position | None:
        try:
            return self._merged(key).locate(steps)
        except LookupError:
            return None  # the file is another by now

    def _merged(self, key: str) -> "Merged":
        """A spec once more, with its places. Who asks for one place asks for the next."""
        if self._latest is None or self._latest.key != key:
            self._latest = self._reader.read(key, self.found.specs[key]).merged
        if self._latest is None:
            raise LookupError(key)
        return self._latest
