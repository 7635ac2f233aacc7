"""`reconciler sandbox serve` as a process of its own, as users start it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

REPO = Path(__file__).parents[2]


def reconciler(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "reconciler", "-C", str(folder), *arguments]
    return subprocess.run(
        command, cwd=REPO, capture_output=True, text=True, timeout=60, check=False
    )


@dataclass
class Served:
    process: subprocess.Popen[str]
    said: str
    url: str

    def stop(self) -> tuple[int, str, str]:
        """Press Ctrl-C; return the exit code, standard output and the rest of standard error."""
        self.process.send_signal(signal.SIGINT)
        out, err = self.process.communicate(timeout=20)
        return self.process.returncode, out, err


@contextmanager
def serve(folder: Path, *arguments: str) -> Iterator[Served]:
    command = [sys.executable, "-m", "reconciler", "-C", str(folder), "sandbox", "serve"]
    with subprocess.Popen(
        [*command, "--port", "0", *arguments],
        cwd=REPO,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stderr is not None
            said = ""
            while "key" not in said:
                line = process.stderr.readline()
                assert line, f"it ended: {said}"
                said += line
            found = re.search(r"page\s+(http\S+)/", said)
            assert found is not None, said
            yield Served(process, said, found[1])
        finally:
            process.kill()
