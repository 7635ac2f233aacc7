"""A second process is help and no more: with it or without it, the same comes out."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.errors import SpecsInvalid
from reconciler.specs.sharing import shared_out
from tests.specs.project_folder import load, problems, write

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2,
    reason="a fork is not safe here, or there is one core",
)

KEYS = [f"key-{number:03}" for number in range(400)]
PARENT = os.getpid()


@pytest.fixture
def one_core() -> Iterator[None]:
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    yield
    os.sched_setaffinity(0, before)


def told(key: str) -> bytes | None:
    return f"{key} by {os.getpid()}".encode()


def test_a_part_of_the_keys_is_worked_on_by_others() -> None:
    with shared_out(KEYS, told) as made:
        found = {key: made(key) for key in KEYS}
    helped = [key for key, body in found.items() if body is not None]
    assert helped
    assert helped == KEYS[-len(helped) :]
    assert helped != KEYS
    for key in helped:
        assert (found[key] or b"").startswith(f"{key} by ".encode())
        assert (found[key] or b"") != f"{key} by {PARENT}".encode()


def test_few_keys_are_not_worth_a_process() -> None:
    with shared_out(KEYS[:100], told) as made:
        assert [made(key) for key in KEYS[:100]] == [None] * 100


@pytest.mark.usefixtures("one_core")
def test_one_core_helps_nobody() -> None:
    with shared_out(KEYS, told) as made:
        assert made(KEYS[-1]) is None


def test_nobody_forks_while_threads_run() -> None:
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    with shared_out(KEYS, told) as made:
        assert made(KEYS[-1]) is None
    done.set()
    thread.join()


def killed(key: str) -> bytes | None:
    if key == KEYS[-2]:
        os.kill(os.getpid(), signal.SIGKILL)
    return told(key)


def failing(key: str) -> bytes | None:
    if key == KEYS[-2]:
        raise ValueError(key)
    return told(key)


@pytest.mark.parametrize("work", [killed, failing])
def test_what_a_helper_leaves_undone_is_left_to_the_parent(
    work: object, capfd: pytest.CaptureFixture[str]
) -> None:
    with shared_out(KEYS, work) as made:  # type: ignore[arg-type]
        assert made(KEYS[-1]) is None
    assert capfd.readouterr() == ("", "")


def test_a_helper_does_not_outlive_who_asked_for_it() -> None:
    def slow(_key: str) -> bytes | None:
        signal.pause()
        return None

    with shared_out(KEYS, slow):
        helpers = multiprocessing.active_children()
        assert helpers
    assert not any(helper.is_alive() for helper in helpers)
    assert not set(helpers) & set(multiprocessing.active_children())


def many(folder: Path, *, wrong: bool) -> Path:
    files = "".join(
        f"# --- agents/team-{number % 3}/a{number:03}.yaml\n"
        f"name: A {number}\n"
        f"greeting: {{file: ../../prompts/{number % 7}.md}}\n"
        + ("template_defaults: {unused: x}\n" if number % 50 == 0 else "")
        + ("environments: {only: [staging]}\n" if number % 90 == 1 else "")
        + ("feild: 1\n" if wrong and number % 60 == 0 else "")
        for number in range(400)
    )
    prompts = "".join(f"# --- prompts/{number}.md\nHello {number}.\n" for number in range(7))
    return write(folder, files + prompts)


def test_specs_are_the_same_read_by_one_process_or_by_two(tmp_path: Path) -> None:
    folder = many(tmp_path, wrong=False)
    two, found = load(folder), problems(folder)
    places = [agent.locate(("greeting",)) for agent in two.agents[::50]]
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        one = load(folder)
        assert repr(one) == repr(two)
        assert problems(folder) == found
        assert [agent.locate(("greeting",)) for agent in one.agents[::50]] == places
    finally:
        os.sched_setaffinity(0, before)
    assert {problem.code for problem in found} == {"SPEC101"}
    assert len(two.skipped) == 5


def test_errors_are_the_same_read_by_one_process_or_by_two(tmp_path: Path) -> None:
    folder = many(tmp_path, wrong=True)
    two = problems(folder)
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        assert problems(folder) == two
    finally:
        os.sched_setaffinity(0, before)
    with pytest.raises(SpecsInvalid):
        load(folder)
    assert [problem.code for problem in two].count("SPEC030") == 7
