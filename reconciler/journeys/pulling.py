"""Live drift, taken back into the specs as the smallest edit (DESIGN.md 9, `pull`).

`planning` says what changed live, `specs.editing` what to cut; here is only which of the two is
asked when, and what is left alone. Nothing is written: `PullResult.edits` is what there is to do.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from reconciler.errors import SpecsInvalid, UsageError
from reconciler.model.change import FieldChange, Origin
from reconciler.model.desired import Ignore
from reconciler.model.values import Document, Path
from reconciler.planning import normalise
from reconciler.planning.fieldwise import field_changes
from reconciler.planning.match import Pair, match
from reconciler.planning.records import write_only
from reconciler.planning.recover import recovered_records
from reconciler.planning.target import target_of
from reconciler.specs.editing import (
    Bench,
    CannotEdit,
    FileEdit,
    To,
    Unpullable,
    changed,
    with_live,
)
from reconciler.workflow import Site, _hashes


def _clean(_real: str) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """What a person asked for. `dirty` tells of a file (its real path) that git could not restore.

    `force` takes conflicts from live and edits dirty files.
    """

    keys: frozenset[str] = frozenset()
    to: To | None = None
    force: bool = False
    dirty: Callable[[str], bool] = _clean


@dataclass(frozen=True, slots=True)
class Pulled:
    """One field that the files say now as it is live; `change.before` is the live value."""

    key: str
    change: FieldChange
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """One field that stays as it is in the files, and why."""

    key: str
    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class Untouched:
    """An agent (or an ignored field of one) that a pull has nothing to do with, and why."""

    who: str
    why: str


@dataclass(frozen=True, slots=True)
class PullResult:
    environment: str
    memory: bool
    pulled: tuple[Pulled, ...] = ()
    refused: tuple[Refusal, ...] = ()
    untouched: tuple[Untouched, ...] = ()
    edits: tuple[FileEdit, ...] = ()
    notes: tuple[str, ...] = ()


async def pull(site: Site, request: PullRequest) -> PullResult:
    """What a pull would write.

    Raises:
        SpecsInvalid, LiveError, LedgerError: the drift can not be told.
        UsageError: a key that there is not.
    """
    bench = Bench(site.loaded, site.environment)
    strange = sorted(request.keys - {*bench.keys})
    if strange:
        raise UsageError(
            f"there is no spec {', '.join(strange)} in environment {site.environment}",
            hint="a key is the path below the specs folder without its ending",
        )
    state = site.ledger.read()
    live = await site.store.list_agents()
    records = recovered_records(state, live, _hashes(site, state).text)
    matching = match([bench.agent(key) for key in bench.keys], live, records)
    pull = _Pull(site, request, bench, {pair.desired.key: pair for pair in matching.pairs})
    for pair in matching.pairs:
        if request.keys and pair.desired.key not in request.keys:
            continue
        why = _why_untouched(pair, own=pair.desired.key in records, memory=state.has_memory)
        if why is None:
            pull.agent(pair.desired.key)
        else:
            pull.untouched.append(Untouched(pair.desired.key, why))
    if not request.keys:
        pull.untouched += [Untouched(r.key, "its spec is gone") for r, _ in matching.gone]
        pull.untouched += [Untouched(a.name, "unmanaged") for a in matching.unmanaged]
    return pull.result(memory=state.has_memory)


def _why_untouched(pair: Pair, *, own: bool, memory: bool) -> str | None:
    if pair.live is None:
        return "vanished live" if pair.vanished else "never applied"
    if pair.record is None and own:
        return "recreated under another id: `reconciler plan` says what becomes of it"
    if pair.record is None and memory:
        return "not managed yet: apply would adopt it"
    return None


@dataclass(slots=True)
class _Pull:
    """One run over the agents; `bench` has the edits so far."""

    site: Site
    request: PullRequest
    bench: Bench
    pairs: dict[str, Pair]
    pulled: list[Pulled] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    untouched: list[Untouched] = field(default_factory=list)

    def agent(self, key: str) -> None:
        """All drift of one agent; what would make the specs invalid is taken back."""
        before = self.bench
        bench, pulled, refused = self.attempt(key, before, lambda _bench: ())
        if bench is not before and self.problems(before, bench, key):
            bench, pulled, refused = self.attempt(
                key, before, lambda after: self.problems(before, after, key)
            )
        self.bench = bench
        self.pulled += pulled
        self.refused += refused

    def problems(self, before: Bench, after: Bench, key: str) -> Sequence[str]:
        keys = {key, *after.affected(before)}
        return [f"{p.position}: {p.message}" for k in sorted(keys) for p in after.problems(k)]

    def attempt(
        self, key: str, bench: Bench, objections: Callable[[Bench], Sequence[str]]
    ) -> tuple[Bench, list[Pulled], list[Refusal]]:
        """Field after field, again and again while one can be taken."""
        pulled: list[Pulled] = []
        reasons: dict[Path, str] = {}
        self.skip_ignored(key, bench, reasons)
        ignored = set(reasons)
        again = True
        while again:
            again = False
            for change in self.drift(key, bench):
                if change.path in ignored:
                    continue
                try:
                    after, files = self.field(key, bench, change)
                except (CannotEdit, Unpullable) as error:
                    reasons[change.path] = str(error)
                    continue
                if found := objections(after):
                    reasons[change.path] = found[0]
                    continue
                bench, again = after, True
                reasons.pop(change.path, None)
                pulled.append(Pulled(key, change, files))
                break
        left = {change.path for change in self.drift(key, bench)} - ignored
        return bench, pulled, [Refusal(key, path, reasons[path]) for path in sorted(left)]

    def field(self, key: str, bench: Bench, change: FieldChange) -> tuple[Bench, tuple[str, ...]]:
        """One field; raises `CannotEdit` or `Unpullable`."""
        if change.origin is Origin.CONFLICT and not self.request.force:
            raise CannotEdit("changed both in git and live: `--force` takes the live value")
        live = self.normal(key)
        wanted = target_of(bench.agent(key), live, self.pairs[key].record).document
        tools = wanted.get("tools") or [], live.get("tools") or []
        document = with_live(bench.merged(key).document, change, *tools)
        made = changed(bench, key, document, self.request.to, self.agrees)
        if any(other.path == change.path for other in self.drift(key, made.bench)):
            raise CannotEdit("a spec has no words for the live value")
        dirty = [n for n in made.files if not self.request.force and self.is_dirty(bench.real(n))]
        if dirty:
            raise CannotEdit(
                f"{dirty[0]} has changes that are not committed: commit them, or give `--force`"
            )
        return made.bench, made.files

    def is_dirty(self, real: str) -> bool:
        return self.request.dirty(real)

    def agrees(self, before: Bench, after: Bench, key: str) -> bool:
        """Whether an agent wants nothing new that it is not live already."""
        pair = self.pairs[key]
        if pair.live is None:
            return False
        then = {change.path for change in self.changes(key, before)}
        return all(change.path in then for change in self.changes(key, after))

    def drift(self, key: str, bench: Bench) -> list[FieldChange]:
        """What changed live, or may have; what changed in git alone is for `apply`."""
        return [
            change
            for change in self.changes(key, bench)
            if change.origin is not Origin.GIT and not change.reset and not change.secret
        ]

    def changes(self, key: str, bench: Bench) -> Iterable[FieldChange]:
        live, record = self.normal(key), self.pairs[key].record
        target = target_of(bench.agent(key), live, record)
        hidden = write_only(target, record)
        return field_changes(target, live, record, on_drift="revert", hidden=hidden).changes

    def normal(self, key: str) -> Document:
        live: Any = self.pairs[key].live
        return normalise(live.document)

    def skip_ignored(self, key: str, bench: Bench, reasons: dict[Path, str]) -> None:
        """Known drift is accepted, and said to be."""
        project = self.site.loaded.project.ignore
        rules = [Ignore(tuple(r.path.split(".")), r.reason, r.until) for r in project]
        today = self.site.now().date()
        for change in self.drift(key, bench):
            for rule in (*bench.agent(key).ignore, *rules):
                if _in_force(rule, today) and change.path[: len(rule.path)] == rule.path:
                    reasons.setdefault(change.path, rule.reason)
                    note = Untouched(f"{key} {'.'.join(change.path)}", f"ignored: {rule.reason}")
                    self.untouched += [note] if note not in self.untouched else []

    def result(self, *, memory: bool) -> PullResult:
        """All that came of it; every spec is read once more with all edits in place."""
        edits = self.bench.file_edits()
        notes = []
        if edits:
            try:
                self.bench.check()
            except SpecsInvalid as error:
                reason = f"with all edits the specs would be invalid: {error.message}"
                self.refused += [Refusal(p.key, p.change.path, reason) for p in self.pulled]
                self.pulled, edits = [], ()
            else:
                notes = [
                    f"environment {name} gets another plan too: {', '.join(keys)}"
                    for name, keys in self.bench.elsewhere().items()
                ]
        return PullResult(
            self.site.environment,
            memory,
            tuple(self.pulled),
            tuple(sorted(self.refused, key=lambda each: (each.key, each.path))),
            tuple(self.untouched),
            edits,
            tuple(notes),
        )


def _in_force(rule: Ignore, today: date) -> bool:
    return rule.until is None or today <= rule.until
