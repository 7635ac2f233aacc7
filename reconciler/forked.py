"""Processes that help: forked, so that they know what their parent knows, and no more than help.

Whatever goes wrong in one, it says less than it should and nothing else; its parent then does the
work itself, and finds for itself what is wrong. Not `multiprocessing`: to load it takes as long as
a helper saves.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from typing import Final, NamedTuple, TypeAlias

Say: TypeAlias = Callable[[bytes], None]
"""Tell the parent something; it hears each by itself, in order."""

Hear: TypeAlias = Callable[[], bytes]
"""Wait for the one word of the parent; without a parent, end."""

_SIZE: Final = 8  # bytes that tell the length of what is said
_DONE: Final = b"!"


def free_cores() -> int:
    """How many helpers may run beside the parent; none where a fork is not safe."""
    if sys.platform != "linux" or threading.active_count() > 1 or not hasattr(os, "memfd_create"):
        return 0
    return min(len(os.sched_getaffinity(0)), allowed_cores()) - 1


def allowed_cores(limit: str = "/sys/fs/cgroup/cpu.max") -> int:
    """As many cores as a container may keep busy; more processes would only share those."""
    try:
        with open(limit, "rb") as file:  # noqa: PTH123  # faster
            quota, period = map(int, file.read().split())
    except (OSError, ValueError):  # none, or `max`
        return sys.maxsize
    return max(1, round(quota / period))


class Helper:
    """One process. Raises OSError where there can not be one more.

    What it says is written into memory that both have, because through a pipe each 64 kB would wait
    for the other side to have time; the pipe tells that it is done, or no more.
    """

    def __init__(self, work: Callable[[Say, Hear], None]) -> None:
        with ExitStack() as undo:
            self._said = _kept_until(undo, os.memfd_create("said"))
            self._ear, mouth = (_kept_until(undo, end) for end in os.pipe())
            ear, self._mouth = (_kept_until(undo, end) for end in os.pipe())
            parent = os.getpid()
            self._process = os.fork()
            if self._process == 0:
                os.close(self._mouth)  # else it would wait for a parent that was killed
                _live(work, parent, _Ends(ear, self._said, mouth))
            undo.pop_all()
        os.close(ear)
        os.close(mouth)

    def tell(self, word: bytes) -> None:
        """What it waits for, a few kB at the most. Raises OSError if it has died."""
        _write(self._mouth, len(word).to_bytes(_SIZE) + word)

    def heard(self) -> Iterator[bytes]:
        """What it has said, once it has said all. Raises EOFError in the end if it died before."""
        is_whole = os.read(self._ear, 1) == _DONE
        with open(self._said, "rb", closefd=False) as said:
            said.seek(0)
            while len(head := said.read(_SIZE)) == _SIZE:
                size = int.from_bytes(head)
                if len(each := said.read(size)) == size:
                    yield each
        if not is_whole:
            raise EOFError

    def end(self) -> None:
        """Have it end, whatever it does. To say so twice does nothing."""
        if self._process:
            for each in (self._ear, self._mouth, self._said):
                os.close(each)
            with suppress(ProcessLookupError):
                os.kill(self._process, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(self._process, 0)
            self._process = 0


def _kept_until(undo: ExitStack, descriptor: int) -> int:
    undo.callback(os.close, descriptor)
    return descriptor


class _Ends(NamedTuple):
    """A helper's: where it hears, where it says, and where it is done."""

    ear: int
    said: int
    mouth: int


def _live(work: Callable[[Say, Hear], None], parent: int, ends: _Ends) -> None:
    """The life of a helper. It never returns, and says nothing to anybody but its parent."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)  # the parent's event loop must not hear of our signals
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)

        def say(content: bytes) -> None:
            if os.getppid() != parent:  # it was killed: nobody will ever hear this
                os._exit(code)
            _write(ends.said, len(content).to_bytes(_SIZE))
            _write(ends.said, content)

        def hear() -> bytes:
            with open(ends.ear, "rb", closefd=False) as ear:
                word = ear.read(int.from_bytes(ear.read(_SIZE)))
            if not word:
                os._exit(code)
            return word

        work(say, hear)
        os.write(ends.mouth, _DONE)
        code = 0
    except BaseException:  # noqa: BLE001, S110  # see above
        pass
    finally:
        os._exit(code)


def _write(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
