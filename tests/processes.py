"""Tests that fork, or start programs."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest


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


def bound_by_permissions(command: list[str]) -> list[str]:
    """The command as one whom a folder's permissions bind, as they do not bind root."""
    if os.geteuid() != 0:
        return command
    if shutil.which("setpriv") is None:
        pytest.skip("root reads everything")
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *command]
