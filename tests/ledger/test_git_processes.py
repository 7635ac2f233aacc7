"""Fresh clones of one remote against each other, and real kills."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.ledger import repositories
from tests.ledger.git_worker import opened
from tests.ledger.repositories import fresh_clone, git
from tests.ledger.samples import a_record, a_run

Start = Callable[..., subprocess.Popen[str]]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    return repositories.bare(tmp_path)


@pytest.fixture
def start(remote: Path, tmp_path: Path) -> Iterator[Start]:
    """Starts workers, each in a fresh clone of its own; all are gone after the test."""
    with ExitStack() as stack:

        def started(deed: str, actor: str, *more: str) -> subprocess.Popen[str]:
            clone = fresh_clone(remote, tmp_path / actor, "--depth=1")
            worker = subprocess.Popen(
                [sys.executable, "-m", "tests.ledger.git_worker", deed, str(clone), actor, *more],
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


def test_of_six_fresh_clones_at_once_one_holds_and_the_others_hear_who(start: Start) -> None:
    workers = {f"user{n}": start("hold", f"user{n}") for n in range(6)}
    for worker in workers.values():
        go(worker)
    answers = {actor: said(worker) for actor, worker in workers.items()}
    (winner,) = [actor for actor, answer in answers.items() if answer == "held"]
    named = f"{winner} on host7, process {workers[winner].pid}, commit abc1234, since 2026"
    assert all(named in answers[actor] for actor in answers if actor != winner)


def test_nothing_is_lost_when_clones_race_for_the_lock_and_others_write_without_it(
    start: Start, remote: Path
) -> None:
    racers = [start("race", f"racer{n}", "4") for n in range(3)]
    opened(remote).open("org-1")
    scribbler = start("scribble", "scribbler", "6")
    for worker in (*racers, scribbler):
        go(worker)
    kept = {
        line for worker in (*racers, scribbler) for line in worker.communicate()[0].splitlines()
    }
    assert [worker.returncode for worker in racers] == [0, 0, 0]
    ledger = opened(remote)
    state = ledger.read()
    assert set(state.records) == kept
    assert len(kept) == 3 * 4 + 6
    assert state.intents == {}
    runs = [ledger.run(summary.run.id) for summary in ledger.runs(-1)]
    assert len(runs) == 12
    assert {(d.summary.result, len(d.entries)) for d in runs} == {("done", 1)}
    assert not re.search("broken|missing", git(remote, "fsck", "--strict"))


@pytest.mark.parametrize("lines", [1, 2, 3, 4, 7])
def test_what_was_written_before_a_kill_is_there_after_it(
    start: Start, remote: Path, tmp_path: Path, lines: int
) -> None:
    worker = start("write", "alice")
    kept = [said(worker).split(" ", 1) for _ in range(lines)]
    worker.kill()
    worker.wait()
    ledger = opened(fresh_clone(remote, tmp_path / "next"))
    # The holder is provably gone: nobody waits for its lease.
    with ledger.lock(a_run("run-2")):
        state = ledger.read()
        assert state.ledger_id == kept[0][1]
        assert {key for what, key in kept if what == "record"} <= state.records.keys()
        intended = {key for what, key in kept if what == "intent"}
        assert intended <= state.intents.keys() | state.records.keys()
        ledger.record(a_record("next", "next"))
    history = {key for what, key in kept if what == "history"}
    if lines > 1:
        befores = {e.key: e.before for e in ledger.run("run-1").entries}
        assert all(befores[key] == {"prompt": key * 100} for key in history)
    assert "next" in ledger.read().records
    assert not re.search("broken|missing", git(remote, "fsck", "--strict"))
