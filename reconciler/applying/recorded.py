"""A run from its first line in the history to its last one."""

import gc
from contextlib import suppress
from typing import Final

from reconciler.applying.engine import Applier
from reconciler.errors import LedgerError
from reconciler.model.ledger import Ledger, LedgerState
from reconciler.model.outcome import Outcome

_YOUNG: Final = 20_000
"""Objects that are new before a collector looks at them: most of an answer stays for good."""


async def recorded(applier: Applier, state: LedgerState, organisation_id: str | None) -> Outcome:
    """Make the changes between the start and the end of a history entry.

    `state` is what the plan rests on; a ledger that is yet to be made gets its salt. Where
    `organisation_id` is not known, our own creates tell. A ledger that can not be told of the
    end loses no outcome.

    Raises:
        LedgerError: before any write.
        Refused: the first create landed in another organisation.
    """
    world = applier.world
    _open(world.ledger, state, organisation_id)
    world.ledger.start(world.run)
    if not gc.isenabled():  # the command line reads without a collector; writes take time for one
        gc.freeze()  # but what was read stays, and is not to be looked through again and again
        gc.set_threshold(_YOUNG)
        gc.enable()
    try:
        outcome = await applier.run()
    except BaseException:
        with suppress(LedgerError):
            world.ledger.finish(world.run.id, "failed")
        raise
    made = next((agent.organisation_id for agent in world.latest.values()), None)
    result = outcome.exit_code.name.lower()
    try:
        world.ledger.finish(world.run.id, result, organisation_id=made)
    except LedgerError as error:
        return outcome.with_ledger_error(error)
    return outcome


def _open(ledger: Ledger, state: LedgerState, organisation_id: str | None) -> None:
    """Make the ledger, or say whose it is, where that is not done yet."""
    if state.has_memory and (state.organisation_id or organisation_id is None):
        return
    if ledger.open(organisation_id, salt=state.salt).salt != state.salt:
        raise LedgerError("somebody else has made the ledger meanwhile", hint="apply again")
