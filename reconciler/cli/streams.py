"""Standard output and error whose reader has gone away, or that were never there.

Whoever pipes a command into `head` wants its work done and its exit code, not to hear that nobody
read the rest. So a reader that went away is heard of nowhere else in the program.
"""

import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


def settle() -> None:
    """Make the streams of this process such that any command can use them."""
    # In this order: what is opened for a closed one gets the lowest free number, which is its own.
    sys.stdin = sys.stdin or _nothing("r")
    sys.stdout = _patient(sys.stdout) if sys.stdout else _nothing("w")
    sys.stderr = _patient(sys.stderr) if sys.stderr else _nothing("w")


def _nothing(mode: Literal["r", "w"]) -> TextIO:
    """For a stream that is closed (`>&-`), so that no file opened later gets its number."""
    return Path(os.devnull).open(mode, encoding="utf-8")


def _patient(stream: TextIO) -> TextIO:
    """The same stream, for which it is no failure that its reader has gone away."""
    if stream.isatty():
        return stream  # it has no reader that could go away, and Windows has ways of its own
    return io.TextIOWrapper(
        io.BufferedWriter(_Unread(stream.fileno(), "w", closefd=False)),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=True,
    )


class _Unread(io.FileIO):
    """What nobody reads any more counts as written."""

    def write(self, data: "ReadableBuffer", /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            return memoryview(data).nbytes
