"""Work for a second core: a cold read of many specs is the one thing here that takes seconds.

Forked processes work beside their parent: whoever has time takes the next few keys, so that a
parent that does something else meanwhile does less of it. What a helper made comes back as bytes.
It is help and no more: whatever goes wrong in it, the parent does that share itself, and finds
for itself what is wrong.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final

from reconciler.forked import Hear, Helper, Say, free_cores

Work = Callable[[str], bytes | None]
"""What is made of a key; None where the parent must look at it."""

_WORTH_A_PROCESS: Final = 150  # keys: some 10 ms for a process, half a millisecond for each key
_MOST_HELPERS: Final = 3
_MOST_TURNS: Final = 200  # each is one byte


class Shared:
    """Keys, and those who work on them."""

    def __init__(self, keys: Sequence[str]) -> None:
        size = len(keys) // _MOST_TURNS + 1
        self._turns = [keys[at : at + size] for at in range(0, len(keys), size)]
        self._left = dict.fromkeys(keys)
        self._queue: int | None = None
        self._helpers: list[Helper] = []

    def help(self, work: Work) -> None:
        """Have one more process work on them. Raises OSError."""
        if self._queue is None:
            # Who reads a byte has the turn of that number: no two get the same, dead or alive.
            self._queue, end = os.pipe()
            os.write(end, bytes(range(len(self._turns))))
            os.close(end)
        self._helpers.append(Helper(_work_on(self._taken(), work)))

    def mine(self) -> Iterator[str]:
        """The keys that nobody else works on, one by one."""
        for key in self._taken():
            del self._left[key]
            yield key

    def theirs(self) -> Iterator[tuple[str, bytes | None]]:
        """After all of `mine`: the other keys, and what was made of them."""
        for helper in self._helpers:
            for key, body in _results(helper):
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
    worth = len(keys) // _WORTH_A_PROCESS
    try:
        with suppress(OSError):  # no more processes, no more descriptors: fewer helpers
            for _ in range(min(free_cores(), _MOST_HELPERS, worth)):
                shared.help(work)
        yield shared
    finally:
        shared.end()


def _results(helper: Helper) -> Iterator[tuple[str, bytes]]:
    """What it made, once it has made all; if it dies there is less of it."""
    heard = helper.heard()
    with suppress(EOFError, OSError):
        for key in heard:
            yield key.decode(), next(heard)


def _work_on(keys: Iterator[str], work: Work) -> Callable[[Say, Hear], None]:
    def speak(say: Say, _hear: Hear) -> None:
        made = [(key, body) for key in keys if (body := work(key)) is not None]
        for key, body in made:
            say(key.encode())
            say(body)

    return speak
