"""`python -m tests.chaos --full`: every fault point, and their number. Exits with 1 on a finding."""

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.chaos.harness import SCRATCH, NoSuchStep, harness, steps_of
from tests.chaos.points import every_point


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--full", action="store_true", help="every point, not every 25th")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="processes at once")
    parser.add_argument("--only", default="", metavar="TEXT", help="points whose name has this")
    parser.add_argument("--share", default="", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.share:
        index, of = map(int, given.share.split("/"))
        return asyncio.run(_run(index, of, 1 if given.full else 25, given.only))
    return _divided(given.jobs, ["--full"] * given.full + ["--only", given.only])


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))


def _divided(jobs: int, arguments: list[str]) -> int:
    """One process for each share; their lines are theirs, the sum is ours."""
    began = time.monotonic()
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.chaos", "--share", f"{n}/{jobs}", *arguments],
            stdout=subprocess.PIPE,
            text=True,
        )
        for n in range(jobs)
    ]
    total, bad = Counter[str](), False
    for process in processes:
        out, _ = process.communicate()
        *lines, last = out.splitlines() or [""]
        _say(*lines)
        for part in last.split():
            name, _, number = part.partition("=")
            total[name] += int(number or 0)
        bad = bad or process.returncode != 0
    seconds = time.monotonic() - began
    _say(f"{sum(total.values())} fault points in {seconds:.0f} s: {dict(total)}")
    return int(bad)


async def _run(index: int, of: int, every: int, only: str) -> int:
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(dir=SCRATCH, prefix="chaos-") as folder:
        async with harness(Path(folder)) as standing:
            points = [p for p in every_point(steps_of(standing)) if only in str(p)]
            for point in points[::every][index::of]:
                try:
                    found = await standing.verdict(point)
                except NoSuchStep:
                    counts["no-such-step"] += 1
                    continue
                state = "converged" if found.applies == 1 else "converged-at-second"
                if found.complaints:
                    state = "BAD"
                    _say(f"{point}: exit {found.disturbed.code} {found.disturbed.why[:300]}")
                    _say(*(f"    {text}" for text in found.complaints))
                counts[state] += 1
    _say(" ".join(f"{name}={number}" for name, number in sorted(counts.items())))
    return int(counts["BAD"] > 0)


if __name__ == "__main__":
    sys.exit(main())
