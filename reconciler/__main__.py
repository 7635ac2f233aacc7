"""`reconciler` and `python -m reconciler`."""

import contextlib
import gc
import os
import sys


def main() -> None:
    """Run the command line and exit with its code."""
    # A command makes millions of objects and throws few away: looking for cycles among them takes
    # a fifth of a plan. What lives longer (the sandbox, the writes of an apply) looks again.
    gc.disable()
    from reconciler.cli import boundary, streams  # noqa: PLC0415  # so that importing this costs nothing

    streams.settle()
    code = boundary.run(sys.argv[1:])
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
    # All is closed and written: taking a million objects apart first would be a tenth of a plan.
    os._exit(code)


if __name__ == "__main__":
    main()
