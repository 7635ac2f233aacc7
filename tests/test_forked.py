"""A helper says all that it has to say, or its parent hears that it did not."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reconciler.forked import Hear, Helper, Say, allowed_cores, free_cores
from tests.processes import in_a_process_of_its_own

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="nobody forks elsewhere")

LARGE = b"x" * 3_000_000


def heard(work: Callable[[Say, Hear], None]) -> Iterator[bytes]:
    helper = Helper(work)
    try:
        yield from helper.heard()
    finally:
        helper.end()
        helper.end()  # once more does nothing


@in_a_process_of_its_own
def test_what_is_said_is_heard_in_order_however_long() -> None:
    def speaks(say: Say, _hear: Hear) -> None:
        for said in (b"one", b"", LARGE, b"\xff" * 8):
            say(said)

    assert list(heard(speaks)) == [b"one", b"", LARGE, b"\xff" * 8]


@in_a_process_of_its_own
def test_who_dies_has_not_said_all() -> None:
    def fails(say: Say, _hear: Hear) -> None:
        say(b"one")
        raise ValueError

    def is_killed(say: Say, _hear: Hear) -> None:
        say(b"one")
        os.kill(os.getpid(), signal.SIGKILL)

    for work in (fails, is_killed):
        listening = heard(work)
        assert next(listening) == b"one"
        with pytest.raises(EOFError):
            next(listening)


@in_a_process_of_its_own
def test_a_helper_hears_the_word_of_its_parent_or_ends_without_one() -> None:
    def echoes(say: Say, hear: Hear) -> None:
        say(hear())

    helper = Helper(echoes)
    helper.tell(b"word")
    assert list(helper.heard()) == [b"word"]
    helper.end()
    for alone in (Helper(echoes), Helper(lambda _say, _hear: None)):
        os.close(alone._mouth)
        alone._mouth = os.dup(0)  # as if the parent had been killed
        os.waitid(os.P_PID, alone._process, os.WEXITED | os.WNOWAIT)
        alone.end()


@in_a_process_of_its_own
def test_a_helper_says_nothing_to_anybody_else() -> None:
    def is_loud(_say: Say, _hear: Hear) -> None:
        sys.exit("loud")

    with pytest.raises(EOFError):
        list(heard(is_loud))


def test_a_helper_ends_when_nobody_listens_any_more(tmp_path: Path) -> None:
    """Its parent is killed; it would speak for ever."""
    code = f"""
import os, pathlib, signal, time
from reconciler.forked import Helper
def speaks(say, hear):
    pathlib.Path({str(tmp_path / "pid")!r}).write_text(str(os.getpid()))
    while True:
        say(b"x" * 100_000)
Helper(speaks)
while not pathlib.Path({str(tmp_path / "pid")!r}).exists():
    time.sleep(0.01)
os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", code], check=False, timeout=30)
    helper = Path(f"/proc/{(tmp_path / 'pid').read_text()}")
    for _ in range(100):
        if not helper.exists() or "Z" in (helper / "stat").read_text().rpartition(")")[2]:
            return
        signal.sigtimedwait([], 0.1)
    raise AssertionError(helper)


@pytest.mark.parametrize(
    ("limit", "cores"),
    [
        ("100000 100000\n", 1),
        ("50000 100000\n", 1),
        ("200000 100000\n", 2),
        ("150000 100000\n", 2),
        ("max 100000\n", sys.maxsize),
        ("?", sys.maxsize),
        (None, sys.maxsize),
    ],
)
def test_a_container_may_keep_fewer_cores_busy_than_there_are(
    tmp_path: Path, limit: str | None, cores: int
) -> None:
    if limit is not None:
        (tmp_path / "cpu.max").write_text(limit)
    assert allowed_cores(str(tmp_path / "cpu.max")) == cores


def test_one_core_has_none_to_spare() -> None:
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        assert free_cores() == 0
    finally:
        os.sched_setaffinity(0, before)
