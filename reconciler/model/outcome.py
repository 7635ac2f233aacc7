"""What became of each change of a plan."""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

from reconciler.errors import ExitCode, LedgerError
from reconciler.model.change import Change, Plan
from reconciler.nouns import noun


class Result(StrEnum):
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    NOT_STARTED = "not_started"


@noun
class ChangeOutcome:
    """`error` says why a change is not done, in a sentence for the user.

    `asked` is False for a change that the reviewed plan does not hold. `warnings` are what its
    answer taught us (a write-only field, a key that the API keeps).
    """

    change: Change
    result: Result
    error: str | None = None
    hint: str | None = None
    asked: bool = True
    warnings: tuple[str, ...] = ()


@noun
class Outcome:
    """One for every change of the plan, in its order. `run_id` addresses it in the history.

    `ledger_error` says that the ledger could not be told of the run as a whole; what is done
    stays done.
    """

    plan: Plan
    changes: tuple[ChangeOutcome, ...]
    run_id: str | None = None
    interrupted: bool = False
    ledger_error: str | None = None

    def with_ledger_error(self, error: LedgerError) -> "Outcome":
        """The same; the first error of the ledger stays."""
        return replace(self, ledger_error=self.ledger_error or error.message)

    @property
    def counts(self) -> Mapping[Result, int]:
        return {r: sum(o.result is r for o in self.changes) for r in Result}

    @property
    def exit_code(self) -> ExitCode:
        results = {outcome.result for outcome in self.changes if outcome.asked}
        if self.interrupted:
            return ExitCode.INTERRUPTED
        if Result.FAILED in results or self.ledger_error is not None:
            return ExitCode.FAILED
        if self.plan.guards or results - {Result.DONE}:
            return ExitCode.REFUSED
        return ExitCode.DONE
