"""Progress of an apply, on a terminal only and not before it is worth a look."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from reconciler.cli.root import Options

if TYPE_CHECKING:
    from reconciler.model.change import Change
    from reconciler.model.outcome import ChangeOutcome

_QUIET_SECONDS = 1.0
_REDRAW_SECONDS = 0.1
_MINUTES_FROM = 100


@dataclass(slots=True)
class TerminalProgress:
    """One line on standard error, redrawn: what is done, how fast, and how long it will take.

    `now` gives seconds. The clock starts with the first change: a person may have thought first.
    """

    now: Callable[[], float] = time.monotonic
    total: int | None = None
    begun: float | None = None
    drawn: float | None = None
    done: int = 0
    running: int = 0

    def expect(self, total: int) -> None:
        """How many changes there will be; without it there is no time left to tell."""
        self.total = total

    def started(self, change: "Change") -> None:
        if self.begun is None:
            self.begun = self.now()
        self.running += 1
        self._draw(f"{change.action} {change.key}")

    def finished(self, outcome: "ChangeOutcome") -> None:
        self.done += 1
        self.running = max(0, self.running - 1)
        self._draw(f"{outcome.change.action} {outcome.change.key}: {outcome.result}")

    def _draw(self, latest: str) -> None:
        now = self.now()
        took = now - (now if self.begun is None else self.begun)
        if took < _QUIET_SECONDS or (self.drawn and now - self.drawn < _REDRAW_SECONDS):
            return
        self.drawn = now
        click.echo(f"\r\x1b[2K{self._line(took, latest)[:100]}", nl=False, err=True)

    def _line(self, took: float, latest: str) -> str:
        rate = self.done / took
        done = f"{self.done} of {self.total}" if self.total else f"{self.done}"
        left = f", {self._left(rate)} left" if self.total and self.done else ""
        return f"{done} done, {self.running} in flight, {rate:.0f}/s{left}  {latest}"

    def _left(self, rate: float) -> str:
        seconds = max(0, (self.total or 0) - self.done) / rate
        return f"{seconds:.0f} s" if seconds < _MINUTES_FROM else f"{seconds / 60:.0f} min"

    def end(self) -> None:
        if self.drawn is not None:
            click.echo("\r\x1b[2K", nl=False, err=True)


class NoProgress:
    """Where nobody watches."""

    def expect(self, total: int) -> None: ...

    def started(self, change: "Change") -> None: ...

    def finished(self, outcome: "ChangeOutcome") -> None: ...


@contextmanager
def progress_for(options: Options) -> Iterator["TerminalProgress | NoProgress"]:
    """A progress line for a person at a terminal, nothing else."""
    if options.quiet or not sys.stderr.isatty():
        yield NoProgress()
        return
    progress = TerminalProgress()
    try:
        yield progress
    finally:
        progress.end()
