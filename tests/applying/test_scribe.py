"""The ledger is written beside the event loop, and what comes together is written together."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, get_ident
from typing import Any

import pytest

from reconciler.applying.scribe import Deed, Scribe
from reconciler.errors import LedgerError
from reconciler.model.ledger import AgentRecord, LedgerWriter
from tests.fakes import MemoryLedger
from tests.world import Fleet, spec


@dataclass
class SlowLedger(MemoryLedger):
    """Each block is kept when the test says so; `blocks` are the keys of each, and the thread."""

    go: Event = field(default_factory=Event)
    blocks: list[tuple[list[str], bool, int]] = field(default_factory=list)

    @contextmanager
    def writing(self, *, durable: bool) -> Iterator[MemoryLedger]:
        before = set(self.state.records)
        with super().writing(durable=durable) as writer:
            yield writer
            assert self.go.wait(10)
        self.blocks.append((sorted(set(self.state.records) - before), durable, get_ident()))


def recording(key: str) -> Deed:
    return lambda writer: writer.record(AgentRecord(key, f"agent {key}", key))


def _bug(_writer: LedgerWriter) -> None:
    raise ZeroDivisionError


def told(ledger: MemoryLedger, main: Callable[[Scribe], Coroutine[Any, Any, None]]) -> None:
    async def run() -> None:
        await main(Scribe(ledger))

    asyncio.run(run())


def test_while_one_block_is_kept_the_next_one_gathers() -> None:
    ledger = SlowLedger()

    async def main(scribe: Scribe) -> None:
        tellings = [scribe.tell(recording("a"))]
        await asyncio.sleep(0.01)
        tellings += [scribe.tell(recording(key)) for key in "bcd"]
        tellings += [scribe.tell(recording("e"), durable=True)]
        assert not any(telling.done() for telling in tellings)
        ledger.go.set()
        await asyncio.gather(*tellings)

    told(ledger, main)
    assert [block[:2] for block in ledger.blocks] == [(["a"], False), (["b", "c", "d", "e"], True)]
    assert get_ident() not in {thread for _, _, thread in ledger.blocks}


@pytest.mark.parametrize("spoils", [LedgerError("no"), ZeroDivisionError()])
def test_one_that_can_not_be_written_takes_no_other_along(spoils: Exception) -> None:
    ledger = MemoryLedger(breaks_for="bad")

    async def main(scribe: Scribe) -> None:
        bad = _bug if isinstance(spoils, ZeroDivisionError) else recording("bad")
        before, wrong, after = (scribe.tell(d) for d in (recording("a"), bad, recording("b")))
        with pytest.raises(type(spoils)):
            await wrong
        await asyncio.gather(before, after)

    told(ledger, main)
    assert set(ledger.read().records) == {"a", "b"}


def test_deeds_told_together_are_kept_together_or_not_at_all() -> None:
    ledger = MemoryLedger(breaks_for="bad")

    async def main(scribe: Scribe) -> None:
        with pytest.raises(LedgerError):
            await scribe.tell(recording("a"), recording("bad"))
        await scribe.tell(recording("b"))

    told(ledger, main)
    assert set(ledger.read().records) == {"b"}


def test_a_ledger_that_fails_for_one_change_fails_that_one() -> None:
    fleet = Fleet(ledger=MemoryLedger(breaks_for="b"))
    outcome = fleet.apply(spec("a"), spec("b"), spec("c"), workers=3)
    found = {o.change.key: (str(o.result), o.error) for o in outcome.changes}
    assert found == {"a": ("done", None), "b": ("failed", "the disk is full"), "c": ("done", None)}
    assert outcome.exit_code == 1


def test_a_bug_in_the_ledger_is_not_taken_for_an_outcome() -> None:
    class Buggy(MemoryLedger):
        def record(self, record: AgentRecord, *, replaces: str | None = None) -> None:
            raise ZeroDivisionError(record.key, replaces)

    with pytest.raises(ZeroDivisionError):
        Fleet(ledger=Buggy()).apply(spec("a"))
