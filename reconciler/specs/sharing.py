"""Work for a second core: a cold read of many specs is the one thing here that takes seconds.

A forked process works on a share of the keys while its parent works on its own; what it made
comes back as bytes. It is help and no more: whatever goes wrong in it, the parent does that share
itself, and finds for itself what is wrong.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Work = Callable[[str], bytes | None]
"""What is made of a key; None where the parent must look at it."""

Shared = Callable[[str], bytes | None]
"""What a helper made of a key; None for those that nobody has worked on."""

_WORTH_A_PROCESS: Final = 150  # keys: some 10 ms for a process, half a millisecond for each key
_MOST_PROCESSES: Final = 4


@contextmanager
def shared_out(keys: Sequence[str], work: Work) -> Iterator[Shared]:
    """Have a part of the keys, from their end, worked on by others meanwhile."""
    count = min(_cores(), _MOST_PROCESSES, len(keys) // _WORTH_A_PROCESS + 1)
    size = len(keys) // count + 1
    helpers: list[_Helper] = []
    try:
        with suppress(OSError):  # no more processes, no more descriptors: fewer helpers
            for at in range(size, len(keys), size):
                helpers.append(_Helper(keys[at : at + size], work))  # noqa: PERF401  keep them
        yield lambda key: next((h.result(key) for h in helpers if key in h.keys), None)
    finally:
        for helper in helpers:
            helper.end()


def _cores() -> int:
    """How many processes may run at once; one where a fork is not safe."""
    if sys.platform != "linux" or threading.active_count() > 1:
        return 1
    return len(os.sched_getaffinity(0))


class _Helper:
    """One process and what is to come from it."""

    def __init__(self, keys: Sequence[str], work: Work) -> None:
        import multiprocessing  # noqa: PLC0415  only where there is much to do

        self.keys = frozenset(keys)
        self._results: Mapping[str, bytes] | None = None
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

    def result(self, key: str) -> bytes | None:
        if self._results is None:
            self._results = self._received()
        return self._results.get(key)

    def _received(self) -> Mapping[str, bytes]:
        found: dict[str, bytes] = {}
        try:
            while (key := self._receiver.recv_bytes()) != b"":
                found[key.decode()] = self._receiver.recv_bytes()
        except (EOFError, OSError):
            pass  # it died; the rest is left to the parent
        return found

    def end(self) -> None:
        self._receiver.close()
        self._process.kill()
        self._process.join()


def _work_on(
    keys: Sequence[str], work: Work, inherited: "Connection", sender: "Connection"
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
    except BaseException:  # noqa: BLE001  see above
        os._exit(1)
