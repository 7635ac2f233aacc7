"""Specs, ledger and live agents are read at the same time, and what is wrong is told in order."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from reconciler.errors import LedgerError, LiveError, ReconcilerError, SpecsInvalid
from reconciler.model.ledger import LedgerState
from reconciler.model.live import LiveAgent
from reconciler.model.waiting import finished
from reconciler.sources import Sources, read_sources
from reconciler.specs import Loading, load_project, loading_specs
from tests.fakes import MemoryLedger, MemoryStore
from tests.specs.project_folder import write

UNREACHABLE = MemoryStore(failing={"LIST": LiveError("no connection")})


class Unreadable(MemoryLedger):
    """A ledger whose file is damaged."""

    def read(self) -> LedgerState:
        raise LedgerError("damaged")


@dataclass
class Slow(MemoryStore):
    """An API whose answer is `turns` of the event loop away; then it happens to remove a file."""

    turns: int = 10
    removes: Path | None = None
    given_up: bool = False

    async def list_agents(self) -> Sequence[LiveAgent]:
        try:
            for _ in range(self.turns):
                await asyncio.sleep(0)
        except asyncio.CancelledError:
            self.given_up = True
            raise
        if self.removes is not None:
            self.removes.unlink()
        return await super().list_agents()


def read(folder: Path, ledger: MemoryLedger, store: MemoryStore) -> Sources:
    return asyncio.run(read_sources(loading(folder), ledger, store))


def read_blocking(folder: Path, ledger: MemoryLedger, store: MemoryStore) -> Sources:
    return finished(read_sources(loading(folder), ledger, store, blocking=True))


def loading(folder: Path) -> Loading:
    return loading_specs(load_project(folder), "sandbox")


@pytest.mark.parametrize("look", [read, read_blocking])
@pytest.mark.parametrize(
    ("spec", "ledger", "store", "expected"),
    [
        ("nmae: Desk\n", Unreadable(), UNREACHABLE, SpecsInvalid),
        ("nmae: Desk\n", MemoryLedger(), UNREACHABLE, SpecsInvalid),
        ("name: Desk\n", Unreadable(), UNREACHABLE, LedgerError),
        ("name: Desk\n", MemoryLedger(), UNREACHABLE, LiveError),
    ],
)
def test_what_is_wrong_in_git_is_told_before_what_is_wrong_elsewhere(
    tmp_path: Path,
    *,
    spec: str,
    ledger: MemoryLedger,
    store: MemoryStore,
    expected: type[ReconcilerError],
    look: Callable[[Path, MemoryLedger, MemoryStore], Sources],
) -> None:
    with pytest.raises(expected):
        look(write(tmp_path, spec), ledger, store)


def test_nobody_waits_for_an_answer_that_is_not_wanted_any_more(tmp_path: Path) -> None:
    store = Slow(turns=1_000_000)
    with pytest.raises(LedgerError):
        read(write(tmp_path, "name: Desk\n"), Unreadable(), store)
    assert store.given_up


def test_the_answer_comes_while_specs_are_being_read(tmp_path: Path) -> None:
    files = "".join(f"# --- agents/a{n:03}.yaml\nname: A {n}\n" for n in range(100))
    folder = write(tmp_path, files)
    store = Slow(removes=folder / "agents" / "a099.yaml")
    with pytest.raises(SpecsInvalid) as caught:
        read(folder, MemoryLedger(), store)
    assert [str(p.position)[:16] for p in caught.value.problems] == ["agents/a099.yaml"]


def test_without_an_event_loop_the_same_is_read(tmp_path: Path) -> None:
    folder = write(tmp_path, "name: Desk\n")
    store = MemoryStore()
    store.add("Desk")
    found = read_blocking(folder, MemoryLedger(), store)
    assert found == read(folder, MemoryLedger(), store)
    assert [agent.name for agent in found.live] == ["Desk"]


def test_a_store_that_waits_for_an_event_loop_is_a_bug_where_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="waits for an event loop"):
        read_blocking(write(tmp_path, "name: Desk\n"), MemoryLedger(), Slow())


@pytest.fixture
def no_thread() -> Iterator[None]:
    """No machine has the memory for a stack of this size, so no thread can start."""
    before = threading.stack_size(1 << 47)
    with pytest.raises(RuntimeError, match="can't start new thread"):
        threading.Thread(target=list).start()
    yield
    threading.stack_size(before)


@pytest.mark.usefixtures("no_thread")
def test_where_there_can_be_no_thread_it_is_all_read_by_one(tmp_path: Path) -> None:
    folder = write(tmp_path, "name: Desk\n")
    found = read_blocking(folder, MemoryLedger(), MemoryStore())
    assert [agent.name for agent in found.specs.agents] == ["Desk"]
    with pytest.raises(LedgerError):
        read_blocking(folder, Unreadable(), MemoryStore())
