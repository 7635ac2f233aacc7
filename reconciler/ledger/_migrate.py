"""From one backend to another: what is known, what was applied, and which ledger it is."""

from reconciler.errors import LedgerError
from reconciler.ledger._full import FullLedger
from reconciler.model.counting import counted
from reconciler.model.ledger import LedgerState, Run


def migrate(source: FullLedger, target: FullLedger, *, run: Run) -> LedgerState:
    """Copy all of `source` to the empty `target`, holding the locks of both; the source stays.

    The ledger's id and salt go along, so saved plans and hashes of secrets stay good.

    Raises:
        LedgerError: there is nothing to copy, or the target is not empty.
        Locked: an apply is going on at either side.
    """
    with source.lock(run):
        state = source.read()
        if not state.has_memory:
            raise LedgerError("there is no ledger to migrate", hint="the first apply makes it")
        with target.lock(run):
            _require_empty(target, state)
            details = [source.run(summary.run.id) for summary in source.runs(-1)]
            target.restore(state, details[::-1])
            copied = target.read()
    if copied != state:
        raise LedgerError("the copy differs from the ledger it was made from; do not use it")
    return copied


def _require_empty(target: FullLedger, state: LedgerState) -> None:
    there = target.read()
    if not there.has_memory:
        return
    which = "this very ledger" if there.ledger_id == state.ledger_id else "another ledger"
    raise LedgerError(
        f"the target is not empty: it holds {which} ({counted(len(there.records), 'agent')})",
        hint="nothing was copied; choose an empty place, or remove what is there yourself",
    )
