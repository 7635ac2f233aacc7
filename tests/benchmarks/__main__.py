"""`python -m tests.benchmarks [--quick] [--json FILE]`: every budget, measured."""

import argparse
import json
import platform
import tempfile
from dataclasses import asdict
from pathlib import Path

from tests.benchmarks.api import Api
from tests.benchmarks.budgets import Bench, Row, rows


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("--quick", action="store_true", help="a tenth of the agents, fewer rounds")
    parser.add_argument("--json", type=Path, metavar="FILE", help="add the figures to this file")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="reconciler-bench-") as folder, Api.started() as api:
        found = []
        for row in rows(Bench(Path(folder), api, quick=chosen.quick)):
            found.append(row)
            print(_line(row), flush=True)  # noqa: T201  # what it is for
    if chosen.json:
        _add(chosen.json, found, quick=chosen.quick)


def _line(row: Row) -> str:
    verdict = "ok  " if row.ratio <= row.budget else "OVER"
    return (
        f"{verdict} {row.ratio:6.2f} of {row.budget:5.2f}  {row.work:44} "
        f"{row.figure:9.3f} {row.unit:8} floor {row.floor:8.3f}  peak {row.peak:4.0f} MB"
        + (f"  {row.cpu:5.2f} in CPU time" if row.cpu is not None else "")
    )


def _add(path: Path, found: list[Row], *, quick: bool) -> None:
    history = json.loads(path.read_text("utf-8")) if path.exists() else []
    machine = f"{platform.machine()}, CPython {platform.python_version()}"
    history.append({"machine": machine, "quick": quick, "rows": [asdict(row) for row in found]})
    path.write_text(json.dumps(history, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
