"""What a plan rests on: specs, ledger and live agents, read at the same time."""

import asyncio
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconciler.errors import Problem
from reconciler.model.desired import Specs
from reconciler.model.ledger import Ledger, LedgerState
from reconciler.model.live import AgentStore, LiveAgent
from reconciler.specs import loading_specs

if TYPE_CHECKING:
    from reconciler.specs import LoadedProject


@dataclass(frozen=True, slots=True)
class Sources:
    """The three sides of a comparison, and the warnings of the first one."""

    specs: Specs
    warnings: tuple[Problem, ...]
    state: LedgerState
    live: Sequence[LiveAgent]


async def read_sources(
    loaded: "LoadedProject", environment: str, ledger: Ledger, store: AgentStore
) -> Sources:
    """All three. Of several that can not be read, the first in their order is told.

    Raises:
        SpecsInvalid, LedgerError, LiveError.
    """
    loading = loading_specs(loaded, environment)
    with closing(loading.steps()) as steps:
        next(steps, None)  # before there are threads: see there
        remembering = asyncio.create_task(asyncio.to_thread(ledger.read))
        listing = asyncio.create_task(store.list_agents())
        try:
            for _ in steps:
                await asyncio.sleep(0)
            specs, warnings = loading.result()
            return Sources(specs, warnings, await remembering, await listing)
        finally:
            await _ended(remembering, listing)


async def _ended(*tasks: asyncio.Task[Any]) -> None:
    """Nobody is interested any more in those that still run."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
