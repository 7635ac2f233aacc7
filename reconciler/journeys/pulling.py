"""Live drift, taken back into the specs as the smallest edit (DESIGN.md 9, `pull`).

`pull_drift` says what changed live, `taking` has it written, field by field; here is what is asked
of whom, and what is left alone. Nothing is written: `PullResult.edits` is what there is to do.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from reconciler.errors import SpecsInvalid, UsageError
from reconciler.journeys.pull_drift import Drift
from reconciler.journeys.taking import Pulled, Refusal, Taking
from reconciler.nouns import noun
from reconciler.planning.match import Matching, Pair, match
from reconciler.planning.recover import recovered_records
from reconciler.site import Site
from reconciler.specs.editing import Bench, CannotEdit, FileEdit, To

__all__ = ["PullRequest", "PullResult", "Pulled", "Refusal", "Untouched", "pull"]


def _clean(_real: str) -> bool:
    return False


@noun(kw_only=True)
class PullRequest:
    """What a person asked for. `dirty` tells of a file (its real path) that git could not restore.

    `force` takes conflicts from live and edits dirty files.
    """

    keys: frozenset[str] = frozenset()
    to: To | None = None
    force: bool = False
    dirty: Callable[[str], bool] = _clean


@noun
class Untouched:
    """An agent (or an ignored field of one) that a pull has nothing to do with, and why."""

    who: str
    why: str


@noun
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
    bench = Bench.opened(site.loaded, site.environment)
    strange = sorted(request.keys - {*bench.keys})
    if strange:
        raise UsageError(
            f"there is no spec {', '.join(strange)} in environment {site.environment}",
            hint="a key is the path below the specs folder without its ending",
        )
    state = site.ledger.read()
    live = await site.store.list_agents()
    records = recovered_records(state, live, site.hashes(state).text)
    matching = match([bench.agent(key) for key in bench.keys], live, records)
    asked = [pair for pair in matching.pairs if _is_asked(pair, request)]
    why = {
        pair.desired.key: _why_untouched(pair, own=pair.desired.key in records, memory=memory)
        for memory in [state.has_memory]
        for pair in asked
    }
    drift = Drift(
        {pair.desired.key: pair for pair in matching.pairs},
        site.loaded.project.ignore,
        site.now().date(),
        request.force,
    )
    untouched = _untouched(bench, drift, why, None if request.keys else matching)
    result = PullResult(site.environment, state.has_memory, untouched=untouched)
    return _taken(bench, drift, request, [key for key in why if why[key] is None], result)


def _is_asked(pair: Pair, request: PullRequest) -> bool:
    return not request.keys or pair.desired.key in request.keys


def _why_untouched(pair: Pair, *, own: bool, memory: bool) -> str | None:
    if pair.live is None:
        return "vanished live" if pair.vanished else "never applied"
    if pair.record is None and own:
        return "recreated under another id: `reconciler plan` says what becomes of it"
    if pair.record is None and memory:
        return "not managed yet: apply would adopt it"
    return None


def _untouched(
    bench: Bench, drift: Drift, why: Mapping[str, str | None], matching: Matching | None
) -> tuple[Untouched, ...]:
    """Who is left alone; `matching` where nobody asked for certain keys."""
    found: list[Untouched] = []
    for key, reason in why.items():
        if reason is not None:
            found.append(Untouched(key, reason))
            continue
        for path, accepted in drift.ignored(bench, key).items():
            found.append(Untouched(f"{key} {'.'.join(path)}", f"ignored: {accepted}"))
    if matching is not None:
        found += [Untouched(record.key, "its spec is gone") for record, _ in matching.gone]
        found += [Untouched(agent.name, "unmanaged") for agent in matching.unmanaged]
    return tuple(found)


def _taken(
    bench: Bench, drift: Drift, request: PullRequest, keys: list[str], result: PullResult
) -> PullResult:
    """What comes of all drift; every spec is read once more with all edits in place."""
    taking, wrong = _run(bench, drift, request, keys, careful=False)
    if wrong is not None:
        taking, wrong = _run(bench, drift, request, keys, careful=True)
    if wrong is None:
        return _of(taking, result)
    reason = f"with all edits the specs would be wrong: {wrong}"
    pulled = [Refusal(each.key, each.change.path, reason) for each in taking.pulled]
    return replace(result, refused=_sorted([*taking.refused, *pulled]))


def _run(
    bench: Bench, drift: Drift, request: PullRequest, keys: list[str], *, careful: bool
) -> tuple[Taking, Exception | None]:
    dirty = _clean if request.force else request.dirty
    taking = Taking(bench, drift, request.to, dirty, careful=careful)
    for key in keys:
        taking.agent(key)
    try:
        taking.bench.check()
    except (CannotEdit, SpecsInvalid) as error:
        return taking, error
    return taking, None


def _of(taking: Taking, result: PullResult) -> PullResult:
    elsewhere = taking.bench.elsewhere() if taking.pulled else {}
    return replace(
        result,
        pulled=tuple(taking.pulled),
        refused=_sorted(taking.refused),
        edits=taking.bench.file_edits(),
        notes=tuple(
            f"environment {name} gets another plan too: {', '.join(keys)}"
            for name, keys in elsewhere.items()
        ),
    )


def _sorted(refused: list[Refusal]) -> tuple[Refusal, ...]:
    return tuple(sorted(refused, key=lambda each: (each.key, each.path)))
