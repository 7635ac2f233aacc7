"""A second process is help and no more: with it or without it, the same comes out."""

import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from reconciler.errors import SpecsInvalid
from reconciler.specs import load_specs, loading_specs
from reconciler.specs.sharing import shared_out
from tests.processes import in_a_process_of_its_own
from tests.specs.project_folder import load, problems, write
from tests.specs.test_cache import project

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


def children() -> set[int]:
    """The processes that this one has started, those that nobody has waited for among them."""
    tasks = Path("/proc/self/task").iterdir()
    return {int(pid) for task in tasks for pid in (task / "children").read_text().split()}


def any_child() -> bool:
    """The same, without a file: whether there is one."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def told(key: str) -> bytes | None:
    return f"{key} by {os.getpid()}".encode()


@in_a_process_of_its_own
def test_each_key_is_worked_on_by_one() -> None:
    with shared_out(KEYS, told) as shared:
        mine = []
        for key in shared.mine():
            mine.append(key)
            time.sleep(0.001)  # or all is done before another process has begun
        theirs = dict(shared.theirs())
    assert theirs
    assert sorted([*mine, *theirs]) == KEYS
    for key, body in theirs.items():
        assert (body or b"").startswith(f"{key} by ".encode())
        assert body != f"{key} by {PARENT}".encode()


@in_a_process_of_its_own
def test_who_is_busy_elsewhere_leaves_all_to_others() -> None:
    last_taken, end = os.pipe()

    def work(key: str) -> bytes | None:
        if key == KEYS[-1]:
            os.write(end, b"!")
        return told(key)

    with shared_out(KEYS, work) as shared:
        assert os.read(last_taken, 1)
        assert list(shared.mine()) == []
        assert [key for key, body in shared.theirs() if body is not None] == KEYS
    os.close(last_taken)
    os.close(end)


def alone(keys: Sequence[str]) -> bool:
    others = any_child()
    with shared_out(keys, told) as shared:
        assert any_child() == others
        return [*shared.mine()] == [*keys] and [*shared.theirs()] == []


def test_few_keys_are_not_worth_a_process() -> None:
    assert alone(KEYS[:100])


@pytest.mark.usefixtures("one_core")
def test_one_core_helps_nobody() -> None:
    assert alone(KEYS)


def test_where_no_file_can_be_opened_the_parent_works_alone() -> None:
    import resource  # noqa: PLC0415  # there is none on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.dup(0)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, hard))
    try:
        assert alone(KEYS)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_nobody_forks_while_threads_run() -> None:
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    assert alone(KEYS)
    done.set()
    thread.join()


def killed(key: str) -> bytes | None:
    if key == KEYS[150]:
        os.kill(os.getpid(), signal.SIGKILL)
    return told(key)


def failing(key: str) -> bytes | None:
    if key == KEYS[150]:
        raise ValueError(key)
    return told(key)


@in_a_process_of_its_own
def test_what_a_helper_leaves_undone_is_left_to_the_parent() -> None:
    for work in (killed, failing):
        with shared_out(KEYS, work) as shared:
            for helper in children():  # it may have ended by now
                os.waitid(os.P_PID, helper, os.WEXITED | os.WNOWAIT)
            mine, theirs = [*shared.mine()], dict(shared.theirs())
        assert KEYS[150] in theirs
        assert set(theirs.values()) == {None}
        assert sorted([*mine, *theirs]) == KEYS


@in_a_process_of_its_own
def test_a_helper_does_not_outlive_who_asked_for_it() -> None:
    def slow(_key: str) -> bytes | None:
        signal.pause()
        return None

    with shared_out(KEYS, slow):
        assert children()
    assert not children()


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


@in_a_process_of_its_own
def test_what_a_helper_read_beside_another_shared_text_is_read_again() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = write(Path(name), "# --- agents/_defaults.yaml\ngreeting: {file: ../hello.md}\n")
        for number in range(320):
            (folder / "agents" / f"a{number:03}.yaml").write_text(f"name: A {number}\n")
        (folder / "hello.md").write_text("Old.")
        loading = loading_specs(project(folder), "sandbox")
        loading.begin()
        time.sleep(0.4)  # until the helper has read it
        (folder / "hello.md").write_text("New.")
        for _ in loading.steps():
            pass
        for specs, _ in (loading.result(), load_specs(project(folder), "sandbox")):
            assert {agent.declared["greeting"] for agent in specs.agents} == {"New."}
