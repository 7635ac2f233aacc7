"""Where `validate` says that a problem is: code hosts count from the repo's root."""

import json
import subprocess
from pathlib import Path

import pytest

from reconciler.cli.boundary import run
from tests.specs.project_folder import write


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project in a folder of a repo, with a spec that is wrong."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    return write(tmp_path / "voice" / "prod é", "nam: Desk\n")


def told(folder: Path | str, form: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert run(["-C", str(folder), "validate", "--format", form]) == 4
    return capsys.readouterr().out


def test_annotations_name_files_from_the_root_of_the_repo(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project.parents[1])
    for folder in (project, "voice/prod é", "voice/../voice/prod é"):
        said = told(folder, "github", capsys).splitlines()
        assert said
        assert all(" file=voice/prod é/agents/desk.yaml,line=1," in line for line in said)
    monkeypatch.chdir(project)
    assert " file=voice/prod é/agents/desk.yaml,line=1," in told(".", "github", capsys)


def test_code_scanning_gets_files_from_the_root_of_the_repo(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads(told(project, "sarif", capsys))
    places = [
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in document["runs"][0]["results"]
    ]
    assert set(places) == {"voice/prod%20%C3%A9/agents/desk.yaml"}


def test_people_and_programs_get_files_from_the_project(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(project, "text", capsys).startswith("agents/desk.yaml:1:")
    problems = json.loads(told(project, "json", capsys))["problems"]
    assert {problem["position"]["file"] for problem in problems} == {"agents/desk.yaml"}


def test_outside_of_a_repo_files_are_named_from_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write(tmp_path / "project", "nam: Desk\n")
    assert " file=agents/desk.yaml,line=1," in told(folder, "github", capsys)
    monkeypatch.setenv("PATH", str(tmp_path))  # where there is no git at all
    assert " file=agents/desk.yaml,line=1," in told(folder, "github", capsys)
