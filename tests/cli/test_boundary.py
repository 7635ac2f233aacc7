"""What ends a command from outside is told like everything else, and is no bug."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import click
import pytest

from reconciler.cli.root import LazyGroup
from tests.specs.project_folder import write

PROGRAM = [sys.executable, "-m", "reconciler"]
PROJECT = """version: 1
environments:
  real: {{api: "http://127.0.0.1:{port}", api_key: {{env: KEY_OF_THE_API}}}}
"""
SPEC = """name: Desk
system_prompt: You answer.
greeting: Hello
language: en
region: eu-central
models: {stt: deepgram/nova-3, llm: groq/openai/gpt-oss-120b, tts: slng/aura-2, tts_voice: thalia}
"""


@pytest.mark.parametrize("arguments", [[], ["-C", "."], ["ledger"], ["sandbox"]])
def test_a_group_named_without_a_command_shows_its_help_as_bad_usage(arguments: list[str]) -> None:
    asked = subprocess.run([*PROGRAM, *arguments, "--help"], capture_output=True, check=True)
    alone = subprocess.run([*PROGRAM, *arguments], capture_output=True, check=False)
    assert (alone.returncode, alone.stdout, alone.stderr) == (4, b"", asked.stdout)


@pytest.mark.parametrize("command", ["validate", "plan", "history", "init", "sandbox serve"])
def test_a_working_directory_that_is_deleted_is_bad_usage(tmp_path: Path, command: str) -> None:
    ended = _where_nothing_is(tmp_path, *PROGRAM, *command.split())
    assert (ended.returncode, ended.stdout) == (4, "")
    assert ended.stderr.startswith("error: the working directory is not there any more")


def test_from_a_working_directory_that_is_deleted_a_full_path_still_leads_to_a_project(
    tmp_path: Path,
) -> None:
    folder = write(tmp_path / "project", "name: Desk\n")
    program = [*PROGRAM, "-C", str(folder), "-e", "sandbox"]
    ended = _where_nothing_is(tmp_path, *program, "apply", "--auto-approve")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "Apply: 1 done" in ended.stdout


def _where_nothing_is(folder: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    gone = folder / "gone"
    gone.mkdir()
    script = 'rmdir "$PWD" && exec "$@"'
    return subprocess.run(
        ["sh", "-c", script, "sh", *command], cwd=gone, capture_output=True, text=True, check=False
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is full")
def test_output_that_can_not_be_written_is_a_failure_and_no_bug() -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        ended = subprocess.run(
            [*PROGRAM, "explain", "SPEC012"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert ended.returncode == 1
    assert "could not be written: no space left on device" in ended.stderr
    assert "bug" not in ended.stderr


def test_a_pipe_that_breaks_inside_the_program_is_not_taken_for_a_reader_of_its_output() -> None:
    class Group(LazyGroup):
        def get_command(self, _ctx: click.Context, _name: str) -> click.Command:
            return click.Command("talk", callback=talk)

    def talk() -> None:
        ear, mouth = os.pipe()
        os.close(ear)
        try:
            os.write(mouth, b"to nobody")
        finally:
            os.close(mouth)

    with pytest.raises(ConnectionError, match="Broken pipe") as told:
        Group("group").main(["talk"], standalone_mode=False)
    assert not isinstance(told.value, BrokenPipeError)


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_plan_that_is_interrupted_says_so_in_the_format_asked_for(
    tmp_path: Path, form: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        (tmp_path / "agents").mkdir()
        (tmp_path / "agents" / "desk.yaml").write_text(SPEC)
        port = silent.getsockname()[1]
        (tmp_path / "reconciler.yaml").write_text(PROJECT.format(port=port))
        process = subprocess.Popen(
            [*PROGRAM, "-C", str(tmp_path), "plan", "--format", form],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "KEY_OF_THE_API": "no-real-key"},
        )
        silent.settimeout(30)
        connection, _ = silent.accept()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        connection.close()
    assert process.returncode == 130
    if form == "json":
        assert json.loads(out)["error"]["code"] == "INTERRUPTED"
        assert json.loads(out)["error"]["exit_code"] == 130
    else:
        assert out == ""
        assert err.strip().startswith("error: interrupted")
