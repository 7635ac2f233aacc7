"""A fixed number of workers take the changes of an approved plan in order (DESIGN.md 8)."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from reconciler.applying.parking import park, takes_from
from reconciler.applying.proving import check_organisation
from reconciler.applying.step import perform
from reconciler.applying.world import StepRefused, World
from reconciler.errors import LedgerError, LiveError, ReconcilerError
from reconciler.model.change import Action, ApprovedPlan, Change
from reconciler.model.counting import counted
from reconciler.model.ledger import LedgerWriter
from reconciler.model.outcome import ChangeOutcome, Outcome, Result
from reconciler.nouns import noun

_LEDGER_FAILED = "the ledger failed"


class Progress(Protocol):
    """Told of every change as it starts and ends."""

    def started(self, change: Change) -> None: ...

    def finished(self, outcome: ChangeOutcome) -> None: ...


@noun
class ApplySettings:
    """`workers` writes are in flight at once; after `max_failures` nothing new is started.

    With `announced_together` the ledger hears of so many changes at a time: of the first ones
    before any write, of the others while those are made, each before its own. Without, of all at
    once.
    `proves` is the organisation that the first create must land in, alone, when the organisation
    has no agent yet to tell whose it is.
    """

    workers: int = 16
    max_failures: int = 10
    announced_together: int | None = None
    proves: str | None = None


@dataclass(slots=True)
class Applier:
    """Makes the changes of one approved plan, once. `stop` ends it after what is in flight."""

    approved: ApprovedPlan
    world: World
    settings: ApplySettings
    progress: Progress
    stop: asyncio.Event
    _outcomes: dict[str, ChangeOutcome] = field(default_factory=dict)
    _ended: dict[str, asyncio.Event] = field(default_factory=dict)
    _in_the_way: list[Change] = field(default_factory=list)
    _failures: int = 0
    _halt: str | None = None
    _ledger_error: str | None = None

    async def run(self) -> Outcome:
        """Make the changes; every one of them has its outcome at the end.

        Raises:
            Refused: the first create landed in another organisation (it was deleted again).
        """
        changes = self.approved.plan.changes
        self._ended = {change.key: asyncio.Event() for change in changes}
        await self._prove(changes)
        await self._announce(changes)
        await self._park_all(changes)
        queue = iter(changes)
        workers = [self._work(queue) for _ in range(self.settings.workers)]
        await asyncio.gather(*workers)
        await self._take_back()
        outcome = Outcome(
            plan=self.approved.plan,
            changes=tuple(self._outcomes[change.key] for change in changes),
            run_id=self.world.run.id,
            interrupted=self.stop.is_set(),
            ledger_error=self._ledger_error,
        )
        if outcome.interrupted or outcome.ledger_error or outcome.counts[Result.FAILED]:
            return outcome
        return await self._with_in_sync(outcome)

    async def _take_back(self) -> None:
        """What was announced and never begun is not on its way."""
        try:
            await self.world.journal.take_back()
        except LedgerError as error:
            self._ledger_error = self._ledger_error or error.message

    async def _with_in_sync(self, outcome: Outcome) -> Outcome:
        """Remember the agents that needed no write; what was written stands if that fails."""
        plan = self.approved.plan

        def all_of_them(writer: LedgerWriter) -> None:
            for record in plan.in_sync:
                writer.record(record)
            for key in plan.stale:
                writer.withdraw(key)

        try:
            if plan.in_sync or plan.stale:
                await self.world.journal.scribe.tell(all_of_them)
        except LedgerError as error:
            if not outcome.changes:
                raise
            return replace(outcome, ledger_error=error.message)
        return outcome

    async def _prove(self, changes: Sequence[Change]) -> None:
        """With no agent to tell whose organisation it is, one create goes first, alone.

        One that fails proves nothing: then the next one does.
        """
        if self.settings.proves is None:
            return
        for change in changes:
            if self._will_create(change):
                await self._settle(await self._make(change))
                made = next(iter(self.world.latest.values()), None)
                if made is not None:
                    await check_organisation(change, made, self.settings.proves, self.world)
                    return

    def _will_create(self, change: Change) -> bool:
        wanted = change.action is Action.CREATE and change.blocked is None
        return wanted and not change.waits_for and change.key not in self.approved.left_out

    async def _announce(self, changes: Iterable[Change]) -> None:
        """Tell the ledger what is coming; one that can not be told ends the run."""
        coming = [c for c in changes if c.key not in self._outcomes and self._barred(c) is None]
        self.world.journal.announce(coming, together=self.settings.announced_together)
        for change in coming[:1]:
            await self._announced(change)

    async def _announced(self, change: Change) -> None:
        try:
            await self.world.journal.announced(change)
        except LedgerError as error:
            self._halt, self._ledger_error = _LEDGER_FAILED, error.message

    async def _park_all(self, changes: Iterable[Change]) -> None:
        for change in changes:
            if not change.parking:
                continue
            await self._announced(change)
            if self._barred(change) is not None:
                self._in_the_way.append(change)
                continue
            try:
                await park(change, self.world)
            except ReconcilerError as error:
                self._in_the_way.append(change)
                await self._settle(self._failed(change, error))

    async def _work(self, queue: Iterator[Change]) -> None:
        """One change after the other; while one is being recorded, the next one is made."""
        last: asyncio.Task[None] | None = None
        for change in queue:
            if change.key in self._outcomes:
                continue
            for key in change.waits_for:
                if key in self._ended:
                    await self._ended[key].wait()
            outcome = await self._make(change)
            if last is not None:
                await last
            last = asyncio.create_task(self._settle(outcome))
        if last is not None:
            await last

    async def _make(self, change: Change) -> ChangeOutcome:
        await self._announced(change)
        obstacle = self._obstacle(change)
        if obstacle is not None:
            return obstacle
        self.progress.started(change)
        try:
            warnings = await perform(change, self.world)
        except ReconcilerError as error:
            return self._failed(change, error)
        self.world.journal.note(change, str(Result.DONE))
        return ChangeOutcome(change, Result.DONE, warnings=warnings)

    def _failed(self, change: Change, error: ReconcilerError) -> ChangeOutcome:
        outcome = _failure(change, error)
        if isinstance(error, LedgerError):
            self._halt = _LEDGER_FAILED
        else:
            self.world.journal.note(change, str(outcome.result), error=outcome.error)
        self._failures += outcome.result is Result.FAILED
        if self._failures >= self.settings.max_failures and self._halt is None:
            self._halt = f"stopped after {counted(self._failures, 'failure')}"
        return outcome

    async def _settle(self, outcome: ChangeOutcome) -> None:
        """A change has come to its end once the ledger knows."""
        change = outcome.change
        try:
            await self.world.journal.settled(change)
        except LedgerError as error:
            # Without its memory nothing more may be written.
            self._halt = _LEDGER_FAILED
            if outcome.result is Result.DONE:
                outcome = _failure(change, error)
        self._outcomes[change.key] = outcome
        self._ended[change.key].set()
        self.progress.finished(outcome)

    def _obstacle(self, change: Change) -> ChangeOutcome | None:
        """Why a change is not even started."""
        undone = [k for k in change.waits_for if not self._is_done(k)]
        undone += [c.key for c in self._in_the_way if takes_from(change, c)]
        if undone and self._unwanted(change) is None:
            return _not_started(change, f"it waits for {', '.join(undone)}, which is not done")
        return self._barred(change)

    def _barred(self, change: Change) -> ChangeOutcome | None:
        return self._unwanted(change) or self._over(change)

    def _unwanted(self, change: Change) -> ChangeOutcome | None:
        if change.blocked is not None:
            return ChangeOutcome(change, Result.REFUSED, f"blocked: {change.blocked}")
        if change.key in self.approved.left_out:
            why = "the reviewed plan does not hold this change"
            return ChangeOutcome(change, Result.NOT_STARTED, why, asked=False)
        return None

    def _over(self, change: Change) -> ChangeOutcome | None:
        if self.stop.is_set():
            return _not_started(change, "interrupted")
        return _not_started(change, self._halt) if self._halt is not None else None

    def _is_done(self, key: str) -> bool:
        outcome = self._outcomes.get(key)
        return key not in self._ended or (outcome is not None and outcome.result is Result.DONE)


def _failure(change: Change, error: ReconcilerError) -> ChangeOutcome:
    result = Result.REFUSED if isinstance(error, StepRefused) else Result.FAILED
    message = error.message
    if isinstance(error, LiveError) and error.request_id:
        message = f"{message} (request {error.request_id})"
    return ChangeOutcome(change, result, message, error.hint)


def _not_started(change: Change, why: str) -> ChangeOutcome:
    return ChangeOutcome(change, Result.NOT_STARTED, why)
