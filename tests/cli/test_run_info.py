"""From which commit a run says it was, in a real repo."""

import subprocess
from pathlib import Path

import pytest

from reconciler.cli.run_info import new_run


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *arguments]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a project in a repo that holds more."""
    for variable in ("GITHUB_SHA", "CI_COMMIT_SHA"):
        monkeypatch.delenv(variable, raising=False)
    folder = tmp_path / "voice"
    (folder / "agents").mkdir(parents=True)
    (folder / "agents/desk.yaml").write_text("name: Desk\n")
    (tmp_path / "common.md").write_text("Be kind.\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    return folder


def test_a_clean_checkout_is_its_commit(project: Path) -> None:
    (project / ".reconciler").mkdir()
    (project / ".reconciler/ledger.db").write_text("ours")
    (project.parent / "elsewhere.txt").write_text("no matter")
    assert new_run(project).commit == git(project, "rev-parse", "HEAD")


@pytest.mark.parametrize("file", ["agents/desk.yaml", "agents/new.yaml", "../common.md"])
def test_one_with_files_that_the_commit_has_not_says_so(project: Path, file: str) -> None:
    (project / file).write_text("name: Another\n")
    assert new_run(project).commit == f"{git(project, 'rev-parse', 'HEAD')}+"


def test_files_that_git_is_told_to_ignore_do_not_count(project: Path) -> None:
    (project / ".git-ignored").mkdir()
    (project.parent / ".git/info/exclude").write_text(".git-ignored\n")
    (project / ".git-ignored/file").write_text("x")
    assert new_run(project).commit == git(project, "rev-parse", "HEAD")


def test_without_a_repo_there_is_no_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("GITHUB_SHA", "CI_COMMIT_SHA"):
        monkeypatch.delenv(variable, raising=False)
    assert new_run(tmp_path).commit is None
