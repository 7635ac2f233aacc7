"""Standard output that is closed, full, or read by nobody."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.specs.project_folder import write

PROGRAM = [sys.executable, "-m", "reconciler"]
needs_dev_full = pytest.mark.skipif(
    not Path("/dev/full").exists(), reason="only Linux has a disk that is full"
)


def ended(folder: Path, *arguments: str, **streams: Any) -> "subprocess.CompletedProcess[str]":
    return started(command_in(folder, *arguments), **streams)


def command_in(folder: Path, *arguments: str) -> list[str]:
    return [*PROGRAM, "-C", str(folder), "-e", "sandbox", *arguments]


def started(command: list[str], **streams: Any) -> "subprocess.CompletedProcess[str]":
    given = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
    return subprocess.run(command, text=True, check=False, **given)


def unread(folder: Path, *arguments: str, **streams: Any) -> "subprocess.CompletedProcess[str]":
    """A command whose output nobody reads from the beginning."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        return ended(folder, *arguments, stdout=writer, **streams)
    finally:
        os.close(writer)


def closed(folder: Path, *arguments: str, stream: int = 1) -> "subprocess.CompletedProcess[str]":
    """A command that starts without one of its streams."""
    return started(["sh", "-c", f'"$@" {stream}>&-', "sh", *command_in(folder, *arguments)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path, "name: Desk\n")


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_apply_that_nobody_reads_is_made_and_is_no_failure(folder: Path, form: str) -> None:
    done = unread(folder, "apply", "--auto-approve", "--format", form)
    assert (done.returncode, done.stderr) == (0, "")
    assert ended(folder, "plan", "--detailed-exitcode").returncode == 0


def test_a_plan_that_nobody_reads_still_says_that_there_are_differences(folder: Path) -> None:
    done = unread(folder, "plan", "--detailed-exitcode")
    assert (done.returncode, done.stderr) == (2, "")


def test_bad_specs_that_nobody_reads_of_are_bad_all_the_same(tmp_path: Path) -> None:
    bad = write(tmp_path, "nam: Desk\n")
    for form in ("text", "json"):
        done = unread(bad, "plan", "--format", form)
        assert done.returncode == 4
        assert (done.stderr == "") is (form == "json")
        assert unread(bad, "plan", "--format", form, stderr=subprocess.STDOUT).returncode == 4


@pytest.mark.parametrize("stream", [1, 2])
def test_a_command_whose_stream_is_closed_does_its_work(folder: Path, stream: int) -> None:
    assert closed(folder, "plan", "--detailed-exitcode", stream=stream).returncode == 2
    done = closed(folder, "apply", "--auto-approve", "--format", "json", stream=stream)
    assert (done.returncode, done.stderr) == (0, "")
    assert not list(folder.glob(".reconciler/crash*"))
    assert ended(folder, "plan", "--detailed-exitcode").returncode == 0


@pytest.mark.parametrize("stream", [0, 1])
def test_where_a_stream_is_closed_there_is_no_terminal_to_ask_on(folder: Path, stream: int) -> None:
    done = closed(folder, "apply", stream=stream)
    assert done.returncode == 4
    assert "there is no terminal to ask on" in done.stderr


@needs_dev_full
@pytest.mark.parametrize("form", ["text", "json"])
def test_output_that_can_not_be_written_is_told_on_standard_error(folder: Path, form: str) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = ended(folder, "plan", "--format", form, stdout=full)
    assert done.returncode == 1
    assert "error: something could not be written: no space left on device" in done.stderr
    assert "Traceback" not in done.stderr


@needs_dev_full
def test_an_error_that_can_not_be_told_is_in_the_exit_code(tmp_path: Path) -> None:
    bad = write(tmp_path, "nam: Desk\n")
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        assert ended(bad, "plan", stderr=full).returncode == 4
        assert ended(bad, "plan", "--format", "json", stdout=full, stderr=full).returncode == 4
        told = ended(bad, "plan", "--format", "json", stdout=full)
    assert told.returncode == 4
    assert "agents/desk.yaml" in told.stderr


def test_umlauts_and_arrows_leave_a_pipe_as_they_are(tmp_path: Path) -> None:
    folder = write(tmp_path, "name: Büro → 東京\n")
    assert "Büro → 東京" in ended(folder, "plan", encoding="utf-8").stdout


@needs_dev_full
@pytest.mark.parametrize("group", [[], ["ledger"], ["sandbox"]])
def test_a_group_without_a_command_is_bad_usage_though_nobody_can_be_told(group: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        assert started([*PROGRAM, *group], stderr=full).returncode == 4
