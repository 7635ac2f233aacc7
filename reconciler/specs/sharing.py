"""Work for a second core: a cold read of many specs is the one thing here that takes seconds.

Forked processes work beside their parent: whoever has time takes the next few keys, so that a
parent that does something else meanwhile does less of it. What a helper made comes back as bytes.
It is help and no more: whatever goes wrong in it, the parent does that share itself, and finds
for itself what is wrong.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Work = Callable[[str], bytes | None]
"""What is made of a key; None where the parent must look at it."""

_WORTH_A_PROCESS: Final = 150  # keys: some 10 ms for a process, half a millisecond for each key
_MOST_PROCESSES: Final = 4
_MOST_TURNS: Final = 200  # each is one byte


class Shared:
    """Keys, and those who work on them."""

    def __init__(self, keys: Sequence[str]) -> None:
        size = len(keys) // _MOST_TURNS + 1
        self._turns = [keys[at : at + size] for at in range(0, len(keys), size)]
        self._left = dict.fromkeys(keys)
        self._queue: int | None = None
        self._helpers: list[_Helper] = []

    def help(self, work: Work) -> None:
        """Have one more process work on them. Raises OSError."""
        if self._queue is None:
            # Who reads a byte has the turn of that number: no two get the same, dead or alive.
            self._queue, end = os.pipe()
            os.write(end, bytes(range(len(self._turns))))
            os.close(end)
        self._helpers.append(_Helper(self._taken(), work))

    def mine(self) -> Iterator[str]:
        """The keys that nobody else works on, one by one."""
        for key in self._taken():
            del self._left[key]
            yield key

    def theirs(self) -> Iterator[tuple[str, bytes | None]]:
        """After all of `mine`: the other keys, and what was made of them."""
        for helper in self._helpers:
            for key, body in helper.results():
                if key in self._left:
                    del self._left[key]
                    yield key, body
        for key in self._left:
            yield key, None

    def end(self) -> None:
        if self._queue is not None:
            os.close(self._queue)
        for helper in self._helpers:
            helper.end()

    def _taken(self) -> Iterator[str]:
        if self._queue is None:
            yield from self._left.copy()
            return
        while turn := os.read(self._queue, 1):
            yield from self._turns[turn[0]]


@contextmanager
def shared_out(keys: Sequence[str], work: Work) -> Iterator[Shared]:
    """Have helpers work on keys for as long as this is open, where that is worth it."""
    shared = Shared(keys)
    try:
        with suppress(OSError):  # no more processes, no more descriptors: fewer helpers
            for _ in range(min(_cores(), _MOST_PROCESSES, len(keys) // _WORTH_A_PROCESS + 1) - 1):
                shared.help(work)
        yield shared
    finally:
        shared.end()


def _cores() -> int:
    """How many processes may run at once; one where a fork is not safe."""
    if sys.platform != "linux" or threading.active_count() > 1:
        return 1
    return len(os.sched_getaffinity(0))


class _Helper:
    """One process and what is to come from it."""

    def __init__(self, keys: Iterator[str], work: Work) -> None:
        import multiprocessing  # noqa: PLC0415  # only where there is much to do

        context = multiprocessing.get_context("fork")
        self._receiver, sender = context.Pipe(duplex=False)
        inherited = self._receiver
        self._process = context.Process(target=lambda: _work_on(keys, work, inherited, sender))
        try:
            self._process.start()
        except OSError:
            inherited.close()
            raise
        finally:
            sender.close()

    def results(self) -> Iterator[tuple[str, bytes]]:
        """What it made, once it has made all; if it dies there is less of it."""
        with suppress(EOFError, OSError):
            while key := self._receiver.recv_bytes():
                yield key.decode(), self._receiver.recv_bytes()

    def end(self) -> None:
        self._receiver.close()
        self._process.kill()
        self._process.join()


def _work_on(
    keys: Iterator[str], work: Work, inherited: "Connection", sender: "Connection"
) -> None:
    """The life of a helper. It says nothing, whatever happens: the parent will."""
    signal.set_wakeup_fd(-1)  # the parent's event loop must not hear of our signals
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    inherited.close()  # else a parent that was killed would never be missed
    try:
        made = [(key, body) for key in keys if (body := work(key)) is not None]
        for key, body in made:
            sender.send_bytes(key.encode())
            sender.send_bytes(body)
        sender.send_bytes(b"")
    except BaseException:  # noqa: BLE001  # see above
        os._exit(1)
