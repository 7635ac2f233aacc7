"""One run over all spec files, for one environment: from the cache what has not changed."""

import dataclasses
from collections.abc import Callable, Generator
from functools import cached_property, partial
from typing import TYPE_CHECKING, Final

from reconciler.errors import Problem, SpecsInvalid
from reconciler.model.desired import DesiredAgent, Specs
from reconciler.model.late import marked
from reconciler.model.values import Document
from reconciler.specs.again import Again
from reconciler.specs.caching import Cache, CachePlace, Entry, packed
from reconciler.specs.discovery import Found
from reconciler.specs.files import Files
from reconciler.specs.fingerprint import digest, fingerprint
from reconciler.specs.problems import in_order
from reconciler.specs.remembered import (
    Remembered,
    agent_of,
    body_of,
    document_of,
    entry_of_problem,
    face_of,
    head_of,
    problem_of,
)
from reconciler.specs.rests import Rests
from reconciler.specs.rules.fleet import Member, fleet_findings
from reconciler.specs.sharing import Shared, shared_out

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
        self.rests = Rests(files, str(loaded.folder))
        self.again = Again(
            loaded,
            environment,
            files,
            found,
            self.rests,
            desired=desired,
            reader=lambda: self._reader,
        )
        print_of_code = fingerprint() if place is not None else None
        context = self._context(print_of_code) if print_of_code else None
        self.cache = Cache(place if context else None, environment, context or "")
        self._steps: Generator[None, None, None] | None = None
        self.is_done = False

    def begin(self) -> None:
        """Have helpers work on what is not known, where that is worth it.

        That is before a caller starts threads: beside them nobody forks.
        """
        if self._steps is None:
            next(self.steps(), None)

    def steps(self) -> Generator[None, None, None]:
        """Load, and give way between the steps; after the last one there is a `result`."""
        self._steps = self._steps or self._stepping()
        return self._steps

    def _stepping(self) -> Generator[None, None, None]:
        is_shared = self._is_empty or self._shared_is_known()
        rest = self._recall_known() if is_shared else sorted(self.found.specs)
        if rest or not is_shared:
            with shared_out(rest, self._body) as shared:
                yield
                if not is_shared:
                    self._read_shared()
                yield from self._read_all(shared)
        self.agents.sort(key=lambda agent: agent.key)
        self.members.sort(key=lambda member: member.key)
        self.is_done = True

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
        rest = []
        for key, path in sorted(self.found.specs.items()):
            entry = self.cache.get(key)
            if entry is not None and self._is_of_now(entry) and self._holds(entry, path):
                self.files.drop(path)
                self._recall(key, entry)
            else:
                rest.append(key)
        return rest

    def _read_all(self, shared: Shared) -> Generator[None, None, None]:
        for number, key in enumerate(shared.mine(), 1):
            self._read(key)
            if number % _AT_ONCE == 0:
                yield
        for key, body in shared.theirs():
            entry = None if body is None else self.cache.put(key, body)
            if entry is None or not self._is_of_now(entry):
                self._read(key)
            else:
                self._recall(key, entry)

    def _context(self, code: str) -> str:
        """A hash of all that every spec rests on, but for texts that defaults name."""
        defaults = sorted(
            (folder, self.files.name(path), self.files.digest(path))
            for folder, path in self.found.defaults.items()
        )
        told = repr((code, self.environment, self.loaded.project.specs, defaults))
        return digest(told.encode(), self.loaded.digest.encode())

    def _shared_is_known(self) -> bool:
        """Whether what specs share is as the cache knows it; if not, no spec is known either."""
        entry = self.cache.get("")
        if entry is None or not self._holds(entry):
            return False
        self.rests.share(entry.head["rests"])
        self.problems += map(problem_of, entry.head["problems"])
        return True

    def _read_shared(self) -> None:
        self.problems += self._reader.shared_problems
        if self.cache.active and not any(p.severity == "error" for p in self.problems):
            self.cache.put("", packed(self._head(None, self._reader.shared_problems)))

    @cached_property
    def _reader(self) -> "Reader":
        from reconciler.specs.reading import Reader  # noqa: PLC0415  # not where all is known

        self.files.used.clear()
        reader = Reader(self.loaded, self.environment, self.files, self.found.defaults)
        self.rests.share(self.rests.used())
        return reader

    def _is_of_now(self, entry: Entry) -> bool:
        """Whether what specs share is what it was when a spec was read."""
        return bool(entry.head["shared"] == self.rests.mark)

    def _holds(self, entry: Entry, own: str | None = None) -> bool:
        return self.rests.hold(entry.head["rests"], own)

    def _recall(self, key: str, entry: Entry) -> None:
        self.problems += map(problem_of, entry.head["problems"])
        if entry.head["agent"] is None:
            self.skipped.append(key)
        else:
            again = self.again
            agent = agent_of(
                key, entry, partial(again.locate, key), partial(again.agent, key, entry)
            )
            self._know(agent, entry.head["agent"])

    def _know(self, agent: DesiredAgent, head: Document) -> None:
        """An agent whose file need not be kept: places in it are rarely asked for."""
        self.agents.append(agent)
        self.members.append(
            Remembered(
                agent.key,
                self.files.name(self.found.specs[agent.key]),
                face_of(head),
                head["lost_tools"],
                lambda: document_of(agent),
                partial(self.again.merged, agent.key),
            )
        )

    def _read(self, key: str) -> None:
        reading = self._reading(key)
        self.problems += reading.problems
        if any(problem.severity == "error" for problem in reading.problems):
            self.members += [reading.merged] if reading.merged else []
            return
        agent = self.desired(reading.merged) if reading.merged else None
        head, mark = self._head(agent, reading.problems, reading.merged), None
        if self.cache.active:
            mark = self.cache.put(key, packed(head, body_of(agent) if agent else b"")).mark
        if agent is None:
            self.skipped += [key] if reading.elsewhere else []
        else:
            agent = dataclasses.replace(agent, locate=partial(self.again.locate, key))
            self._know(marked(agent, mark), head["agent"])

    def _body(self, key: str) -> bytes | None:
        """One spec as an entry of the cache, by another process; None if it has errors."""
        reading = self._reading(key)
        if any(problem.severity == "error" for problem in reading.problems):
            return None
        agent = self.desired(reading.merged) if reading.merged else None
        head = self._head(agent, reading.problems, reading.merged)
        return packed(head, body_of(agent) if agent else b"")

    def _reading(self, key: str) -> "Reading":
        reader, path = self._reader, self.found.specs[key]
        self.files.used.clear()
        reading = reader.read(key, path)
        self.files.forget(path)
        return reading

    def _head(
        self,
        agent: DesiredAgent | None,
        problems: tuple[Problem, ...],
        merged: "Merged | None" = None,
    ) -> Document:
        """What came of the spec that was read last, which rests on the files it used."""
        return {
            "rests": self.rests.used(),
            "shared": self.rests.mark,
            "problems": [entry_of_problem(problem) for problem in problems],
            "agent": head_of(agent, lost_tools=merged.lost_tools) if agent and merged else None,
        }
