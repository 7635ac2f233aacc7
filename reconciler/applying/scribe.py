"""The ledger is written beside the event loop, and what comes together is written together."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeAlias

from reconciler.model.ledger import Ledger, LedgerWriter
from reconciler.nouns import noun

Deed: TypeAlias = Callable[[LedgerWriter], None]
Kept: TypeAlias = asyncio.Future[None]
"""Done when the ledger has it, or failed with the `LedgerError`."""


@noun
class _Telling:
    """Deeds that are kept together, and who hears of it."""

    deeds: tuple[Deed, ...]
    durable: bool
    kept: Kept


class Scribe:
    """Writes in the order in which it was told. While one block is kept, the next one gathers."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._waiting: list[_Telling] = []
        self._work: asyncio.Task[None] | None = None

    def tell(self, *deeds: Deed, durable: bool = False) -> Kept:
        """Have deeds done, together. Nobody needs to wait for the answer."""
        telling = _Telling(deeds, durable, asyncio.get_running_loop().create_future())
        self._waiting.append(telling)
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._keep())
        return telling.kept

    async def _keep(self) -> None:
        while self._waiting:
            together, self._waiting = self._waiting, []
            errors = await asyncio.to_thread(self._written, together)
            for telling, error in zip(together, errors, strict=True):
                if telling.kept.cancelled():
                    continue
                if error is None:
                    telling.kept.set_result(None)
                else:
                    telling.kept.set_exception(error)
                    telling.kept.exception()  # heard: nobody needs to wait for it

    def _written(self, together: Sequence[_Telling]) -> list[Exception | None]:
        try:
            with self._ledger.writing(durable=any(t.durable for t in together)) as writer:
                for telling in together:
                    for deed in telling.deeds:
                        deed(writer)
        except Exception as error:  # noqa: BLE001  # whoever waits for it raises it
            if len(together) == 1:
                return [error]
            # One that can not be written must not take the others along.
            return [self._written([telling])[0] for telling in together]
        return [None] * len(together)


async def all_kept(tellings: Sequence[Kept]) -> None:
    """Wait for all of them. Raises LedgerError, that of the first that failed."""
    errors = await asyncio.gather(*tellings, return_exceptions=True)
    for error in errors:
        if error is not None:
            raise error
