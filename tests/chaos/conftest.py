"""Prints how many fault points the sample had."""

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = terminalreporter.getreports("passed")
    points = sum("test_one_more_apply_converges" in report.nodeid for report in reports)
    if points:
        terminalreporter.write_line(
            f"chaos: {points} fault points (all: python -m tests.chaos --full)"
        )
