"""The folder `.reconciler`, where something else stands in its place or it is another user's."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.cli.boundary import run
from reconciler.sandbox import SandboxOptions
from tests.processes import bound_by_permissions
from tests.program import KEY, Checkout, serving
from tests.specs.project_folder import write


def said(folder: Path, *arguments: str) -> tuple[int, str]:
    program = [sys.executable, "-m", "reconciler", "-C", str(folder), "-e", "sandbox"]
    command = bound_by_permissions([*program, *arguments])
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Path]:
    """A project with a ledger that may not be looked at."""
    folder = write(tmp_path / "it's", "name: Desk\n")
    assert run(["-C", str(folder), "-e", "sandbox", "-q", "apply", "--auto-approve"]) == 0
    state = folder / ".reconciler"
    state.chmod(0)
    yield folder
    state.chmod(0o700)


def test_specs_are_checked_without_it(locked: Path) -> None:
    assert said(locked, "validate") == (0, "No problems.\n")


@pytest.mark.parametrize("command", ["plan", "apply --auto-approve", "drift", "sandbox reset"])
def test_a_sandbox_that_may_not_be_looked_at_is_told_with_what_to_do(
    locked: Path, command: str
) -> None:
    code, text = said(locked, *command.split())
    assert code == 4
    assert f"error: can not keep agents in {locked}/.reconciler: permission denied" in text
    assert "sudo chown -R $(id -u) '" in text


def test_so_is_a_file_of_it_that_may_only_be_read(locked: Path) -> None:
    (locked / ".reconciler").chmod(0o755)
    database = locked / ".reconciler/sandbox.db"
    database.chmod(0o444)
    code, text = said(locked, "apply", "--auto-approve")
    assert code == 4
    assert f"error: can not keep agents in {database}: permission denied" in text
    assert f"sudo chown -R $(id -u) '{locked.parent}" in text


@pytest.mark.parametrize("command", ["ledger show", "history", "ledger unlock"])
def test_a_ledger_that_may_not_be_looked_at_is_told_with_what_to_do(
    locked: Path, command: str
) -> None:
    code, text = said(locked, *command.split())
    assert code == 1
    assert f"error: the ledger's folder {locked}/.reconciler can not be opened" in text
    assert "sudo chown -R $(id -u) '" in text


def test_doctor_finds_it(locked: Path) -> None:
    code, text = said(locked, "doctor")
    assert code == 1
    assert "fail  sandbox API: can not keep agents" in text
    assert "fail  sandbox ledger: the ledger's folder" in text


@pytest.mark.parametrize("command", ["sandbox serve", "sandbox reset", "init"])
def test_a_project_behind_a_folder_that_may_not_be_entered_is_bad_usage(
    tmp_path: Path, command: str
) -> None:
    (tmp_path / "behind").mkdir(mode=0)
    code, text = said(tmp_path / "behind" / "project", *command.split())
    assert code == 4
    assert f"{tmp_path}/behind/project" in text


@pytest.mark.parametrize("command", ["plan", "apply --auto-approve", "drift", "sandbox reset"])
def test_a_file_in_its_place_is_no_place_for_a_sandbox(
    tmp_path: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write(tmp_path, "name: Desk\n")
    (folder / ".reconciler").write_text("mine")
    assert run(["-C", str(folder), "-e", "sandbox", *command.split()]) == 4
    assert "/.reconciler: it is no folder" in capsys.readouterr().err
    assert (folder / ".reconciler").read_text() == "mine"


def test_a_plan_says_of_a_file_in_its_place_what_an_apply_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLNG_API_KEY", KEY)
    with serving(tmp_path / "api.db", SandboxOptions()) as api:
        environment = {"api": api.url, "api_key": {"env": "SLNG_API_KEY"}}
        repo = Checkout(tmp_path / "repo", environment)
        repo.spec("desk")
        repo.write(".reconciler", "mine")
        plan, apply = repo.run("plan"), repo.apply()
        assert api.agents() == {}
    assert (plan.code, apply.code) == (1, 1)
    assert plan.err == apply.err
    assert "the ledger can not be kept in" in plan.err


def test_a_sandbox_s_file_that_is_not_one_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write(tmp_path, "name: Desk\n")
    (folder / ".reconciler").mkdir()
    (folder / ".reconciler" / "sandbox.db").write_text("no database, and longer than a header" * 9)
    assert run(["-C", str(folder), "-e", "sandbox", "plan"]) == 1
    assert "`reconciler sandbox reset` puts an empty one there" in capsys.readouterr().err
