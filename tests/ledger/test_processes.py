"""The lock and the file under real processes, and real kills."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from reconciler.errors import Locked
from reconciler.ledger import SqliteLedger
from tests.ledger.samples import a_record, a_run

Start = Callable[..., subprocess.Popen[str]]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts workers; all of them, and what they bore, are gone after the test."""
    with ExitStack() as stack:

        def started(*arguments: str) -> subprocess.Popen[str]:
            worker = subprocess.Popen(
                [sys.executable, "-m", "tests.ledger.worker", *arguments],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            stack.enter_context(worker)
            stack.callback(worker.kill)
            return worker

        yield started


def go(worker: subprocess.Popen[str]) -> None:
    assert worker.stdin
    worker.stdin.write("go\n")
    worker.stdin.flush()


def said(worker: subprocess.Popen[str]) -> str:
    assert worker.stdout
    return worker.stdout.readline().rstrip("\n")


def killed(worker: subprocess.Popen[str]) -> None:
    worker.kill()
    worker.wait()


def test_of_twenty_applies_at_once_one_holds_and_the_others_hear_who(
    start: Start, path: Path
) -> None:
    workers = {f"user{n}": start("hold", str(path), f"user{n}") for n in range(20)}
    for worker in workers.values():
        go(worker)
    answers = {actor: said(worker) for actor, worker in workers.items()}
    (winner,) = [actor for actor, answer in answers.items() if answer == "held"]
    named = (
        f"another apply holds environment production: {winner} on host7, "
        f"process {workers[winner].pid}, commit abc1234, since 2026-11-21 10:03:05 UTC"
    )
    assert {answers[actor] for actor in answers if actor != winner} == {named}


def test_twenty_applies_that_ask_again_have_the_lock_one_after_the_other(
    start: Start, path: Path, tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    workers = [start("turns", str(path), f"user{n}", str(trace)) for n in range(20)]
    for worker in workers:
        go(worker)
    assert [worker.wait() for worker in workers] == [0] * 20
    lines = trace.read_text().splitlines()
    order = [line.split()[0] for line in lines[::2]]
    assert lines == [f"{actor} {way}" for actor in order for way in ("in", "out")]
    assert sorted(order) == sorted(f"user{n}" for n in range(20))
    ledger = SqliteLedger(path, "production")
    assert set(ledger.read().records) == {f"user{n}" for n in range(20)}
    assert ledger.damage() == ()


@pytest.mark.parametrize("offspring", ["", "started", "forked"])
def test_the_lock_goes_with_its_holder_whatever_children_it_leaves(
    start: Start, path: Path, offspring: str
) -> None:
    worker = start("hold", str(path), "alice", offspring)
    go(worker)
    assert said(worker) == "held"
    ledger = SqliteLedger(path, "production")
    with pytest.raises(Locked, match=f"alice on host7, process {worker.pid}"), ledger.lock(a_run()):
        raise AssertionError
    holder = ledger.holder()
    assert holder
    assert (holder.actor, holder.pid) == ("alice", worker.pid)
    killed(worker)
    assert ledger.holder() is None
    with ledger.lock(a_run("run-2")):
        assert ledger.holder() == a_run("run-2")


def test_a_forked_child_that_ends_leaves_the_lock_with_its_parent(start: Start, path: Path) -> None:
    parent = start("hold", str(path), "alice", "forked")
    go(parent)
    assert said(parent) == "held"
    child = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
    assert len(child) == 1
    subprocess.run(["kill", "-9", *child], check=True)
    with pytest.raises(Locked), SqliteLedger(path, "production").lock(a_run()):
        raise AssertionError


@pytest.mark.parametrize("lines", [1, 2, 3, 4, 5, 10, 23, 50, 101, 200])
def test_what_was_written_before_a_kill_is_there_after_it(
    start: Start, path: Path, lines: int
) -> None:
    worker = start("write", str(path), "alice")
    kept = [said(worker).split(" ", 1) for _ in range(lines)]
    killed(worker)
    ledger = SqliteLedger(path, "production")
    state = ledger.read()
    assert ledger.damage() == ()
    assert state.ledger_id == kept[0][1]
    known = {record.agent_id for record in state.records.values()}
    assert {f"agent {key}" for what, key in kept if what == "record"} <= known
    assert {f"moved {key}" for what, key in kept if what == "move"} <= state.records.keys()
    assert len(known) == len(state.records)
    intended = {key for what, key in kept if what == "intent"}
    assert intended <= state.intents.keys() | {agent.removeprefix("agent ") for agent in known}
    if lines > 1:
        detail = ledger.run("run-1")
        befores = {entry.key: entry.before for entry in detail.entries}
        assert detail.summary.result == "interrupted"
        for key in [key for what, key in kept if what == "history"]:
            assert befores[key] == {"prompt": key * 1000}
    with ledger.lock(a_run("run-2")):
        assert ledger.open("org-1").ledger_id == state.ledger_id
        ledger.record(a_record("next", "next"))


@pytest.mark.parametrize("lines", [1, 2, 3, 4, 5, 6])
def test_a_kill_while_a_ledger_is_made_leaves_none_or_a_whole_one(
    start: Start, tmp_path: Path, lines: int
) -> None:
    worker = start("begin", str(tmp_path), "alice")
    made = [said(worker) for _ in range(lines)]
    killed(worker)
    for folder in tmp_path.iterdir():
        ledger = SqliteLedger(folder / "ledger.db", "production")
        before = ledger.read()
        assert before.has_memory or folder.name not in made
        after = ledger.open(None)
        assert after.ledger_id == before.ledger_id or not before.has_memory
        assert ledger.damage() == ()


def test_two_processes_read_whole_states_while_a_third_writes(start: Start, path: Path) -> None:
    writer = start("write", str(path), "alice")
    assert said(writer).startswith("open")
    readers = [start("read", str(path), "") for _ in range(2)]
    line = ""
    while line != "move k200":
        line = said(writer)
    killed(writer)
    assert [said(reader) for reader in readers] == ["read", "read"]
    assert [reader.wait() for reader in readers] == [0, 0]


def test_ten_environments_that_make_their_file_at_once_all_find_themselves_in_it(
    start: Start, path: Path
) -> None:
    workers = {f"env{n}": start("opened", str(path), f"env{n}") for n in range(10)}
    for worker in workers.values():
        go(worker)
    ids = {environment: said(worker) for environment, worker in workers.items()}
    assert len(set(ids.values())) == 10
    for environment, ledger_id in ids.items():
        state = SqliteLedger(path, environment).read()
        assert (state.ledger_id, len(state.records)) == (ledger_id, 20)
    assert SqliteLedger(path, "env0").damage() == ()
