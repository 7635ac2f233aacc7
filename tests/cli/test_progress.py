"""Progress says nothing of what is fast, and then how far, how fast and how long."""

import pytest

from reconciler.cli.progress import TerminalProgress
from reconciler.model.change import Action, Change
from reconciler.model.outcome import ChangeOutcome, Result

CHANGE = Change("desk", Action.UPDATE, "Desk", lambda: "digest")


def shown(capsys: pytest.CaptureFixture[str], *, seconds: float, total: int | None) -> str:
    clock = iter([0.1] * 4)
    progress = TerminalProgress(now=lambda: next(clock, seconds))
    if total:
        progress.expect(total)
    progress.started(CHANGE)
    progress.finished(ChangeOutcome(CHANGE, Result.DONE))
    progress.started(CHANGE)
    progress.finished(ChangeOutcome(CHANGE, Result.DONE))
    return capsys.readouterr().err


def test_nothing_is_shown_of_what_takes_less_than_a_second(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert shown(capsys, seconds=0.9, total=10) == ""


def test_counts_rate_and_time_left_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    line = shown(capsys, seconds=2.0, total=10)
    assert "2 of 10 done, 0 in flight, 1/s, 8 s left  update desk: done" in line


def test_without_a_total_there_is_no_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    assert "2 done, 0 in flight, 1/s  update" in shown(capsys, seconds=2.0, total=None)
    assert "min left" in shown(capsys, seconds=2.0, total=500)
