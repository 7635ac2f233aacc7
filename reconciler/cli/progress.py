"""Progress of an apply, on a terminal only and not before it is worth a look."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from reconciler.cli.root import Options

if TYPE_CHECKING:
    from reconciler.model.change import Change
    from reconciler.model.outcome import ChangeOutcome

_QUIET_SECONDS = 1.0
_REDRAW_SECONDS = 0.1


@dataclass(slots=True)
class TerminalProgress:
    """One line on standard error, redrawn: what is done, what is in flight, how fast."""

    begun: float = field(default_factory=time.monotonic)
    drawn: float = 0.0
    done: int = 0
    running: int = 0

    def started(self, change: "Change") -> None:
        self.running += 1
        self._draw(f"{change.action} {change.key}")

    def finished(self, outcome: "ChangeOutcome") -> None:
        self.done += 1
        self.running = max(0, self.running - 1)
        self._draw(f"{outcome.change.action} {outcome.change.key}: {outcome.result}")

    def _draw(self, latest: str) -> None:
        now = time.monotonic()
        slow_enough = now - self.begun > _QUIET_SECONDS
        if not slow_enough or now - self.drawn < _REDRAW_SECONDS:
            return
        self.drawn = now
        rate = self.done / (now - self.begun)
        line = f"{self.done} done, {self.running} in flight, {rate:.0f}/s  {latest}"
        click.echo(f"\r\x1b[2K{line[:100]}", nl=False, err=True)

    def end(self) -> None:
        if self.drawn:
            click.echo("\r\x1b[2K", nl=False, err=True)


class NoProgress:
    """Where nobody watches."""

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
