"""Field after field of live drift, taken into the specs on a bench."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from reconciler.journeys.pull_drift import Drift
from reconciler.model.change import FieldChange
from reconciler.model.values import Path
from reconciler.nouns import noun
from reconciler.specs.editing import Bench, CannotEdit, Change, To, Unpullable, changed

_MOST_ROUNDS: Final = 50
_AGAIN: Final = "it comes back with another field: edit it by hand"


@noun
class Pulled:
    """One field that the files say now as it is live; `change.before` is the live value."""

    key: str
    change: FieldChange
    files: tuple[str, ...]


@noun
class Refusal:
    """One field that stays as it is in the files, and why."""

    key: str
    path: Path
    reason: str


@dataclass(slots=True)
class Taking:
    """One run over the agents; `bench` has the edits so far.

    `careful` looks at the whole fleet after each agent, which takes time: for when something is
    known to be wrong with it. `dirty` tells of a file (its real path) that must not be touched.
    """

    bench: Bench
    drift: Drift
    to: To | None
    dirty: Callable[[str], bool]
    careful: bool = False
    pulled: list[Pulled] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)

    def agent(self, key: str) -> None:
        """All drift of one agent; what would make the specs invalid is taken back."""
        before, pulled = self.bench, len(self.pulled)
        refused = self._attempt(key, lambda _bench: ())
        if self.bench is not before and self._problems(before, self.bench, key):
            self.bench = before
            del self.pulled[pulled:]
            refused = self._attempt(key, lambda after: self._problems(before, after, key))
        self.refused += refused

    def _attempt(self, key: str, objections: Callable[[Bench], Sequence[str]]) -> list[Refusal]:
        """Field after field, those that were refused once more after the others."""
        ignored = self.drift.ignored(self.bench, key)
        reasons: dict[Path, str] = {}
        for _ in range(_MOST_ROUNDS):
            start = self.bench
            for path in [change.path for change in self.drift.of(start, key)]:
                now = {change.path: change for change in self.drift.of(self.bench, key)}
                if path in now and path not in ignored:
                    reasons[path] = self._field(key, now[path], objections) or _AGAIN
            if start is self.bench:
                break
        left = [change.path for change in self.drift.of(self.bench, key)]
        return [
            Refusal(key, path, reasons.get(path, _AGAIN))
            for path in sorted(left)
            if path not in ignored
        ]

    def _field(
        self, key: str, change: FieldChange, objections: Callable[[Bench], Sequence[str]]
    ) -> str | None:
        """Take one field, or say why it can not be taken."""
        try:
            made = self._changed(key, change)
        except (CannotEdit, Unpullable) as error:
            return str(error)
        if found := objections(made.bench):
            return found[0]
        for each in (key, *made.others):
            after = {change.path for change in self.drift.of(made.bench, each)}
            gone = [c for c in self.drift.of(self.bench, each) if c.path not in after]
            self.pulled += [Pulled(each, taken, made.files) for taken in gone]
        self.bench = made.bench
        return None

    def _changed(self, key: str, change: FieldChange) -> Change:
        """The bench with one field as it is live; raises `CannotEdit` or `Unpullable`."""
        if not self.drift.may_be_taken(change):
            raise CannotEdit("changed both in git and live: `--force` takes the live value")
        document = self.drift.wanted(self.bench, key, change)
        made = changed(self.bench, key, document, self.to, self.drift.agrees)
        if any(other.path == change.path for other in self.drift.of(made.bench, key)):
            raise CannotEdit("a spec has no words for the live value")
        for name in made.files:
            if self.dirty(self.bench.real(name)):
                raise CannotEdit(
                    f"{name} has changes that are not committed: commit them, or give `--force`"
                )
        return made

    def _problems(self, before: Bench, after: Bench, key: str) -> Sequence[str]:
        keys = {key, *after.affected(before)}
        return [
            f"{problem.position}: {problem.message}"
            for each in sorted(keys)
            for problem in after.problems(each, fleet=self.careful)
        ]
