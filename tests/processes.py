"""Tests that fork."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path


def in_a_process_of_its_own(test: Callable[[], None]) -> Callable[[], None]:
    """Libraries that other tests load leave threads behind, and beside threads nobody forks."""

    def run() -> None:
        code = f"from {test.__module__} import {test.__name__} as test; test.there()"
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=Path(__file__).parents[1],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

    run.there = test  # type: ignore[attr-defined]  # where it is run
    return run
