"""The project file: what it says, and what is wrong with it, with its place."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from reconciler.errors import SpecsInvalid
from reconciler.model.project import IgnoreRule
from reconciler.model.values import SecretRef
from reconciler.specs import LoadedProject, load_project
from tests.processes import bound_by_permissions
from tests.specs.project_folder import PROJECT, codes, problems, write


def loaded(folder: Path, project: str) -> LoadedProject:
    return load_project(write(folder, "name: Desk", project=project))


def wrong(folder: Path, project: str) -> list[tuple[str, str]]:
    with pytest.raises(SpecsInvalid) as caught:
        loaded(folder, project)
    return [(problem.code, str(problem.position)) for problem in caught.value.problems]


def test_every_key_of_a_project_is_read(tmp_path: Path) -> None:
    more = """
deletion: {max_count: 1, max_percent: 12.5, quiet_hours: 2}
adoption: allow
on_drift: leave
on_conflict: stop
update: patch
unknown_fields: {orchestrator: omit}
max_update_percent: 50
max_failures: 3
ignore: [{path: name, reason: x, until: 2027-01-31}]
notify: [https://example.com/hook, {env: HOOK}, {file: /run/secrets/hook}]
concurrency: 4
secret_folders: [/run/secrets]
"""
    project = loaded(tmp_path, PROJECT + more).project
    assert project.environments["staging"].api_key == SecretRef("env", "SLNG_API_KEY")
    assert project.notify == (
        "https://example.com/hook",
        SecretRef("env", "HOOK"),
        SecretRef("file", "/run/secrets/hook"),
    )
    assert project.ignore == (IgnoreRule(path="name", reason="x", until=date(2027, 1, 31)),)
    assert (project.deletion.max_count, project.deletion.max_percent) == (1, 12.5)
    assert project.unknown_fields == {"orchestrator": "omit"}


@pytest.mark.parametrize("url", ["http://localhost:8080", "http://127.0.0.1", "http://[::1]:1/x"])
def test_plain_http_is_for_this_machine(url: str, tmp_path: Path) -> None:
    project = f'version: 1\nenvironments: {{a: {{api: "{url}", api_key: {{env: K}}}}}}\n'
    assert loaded(tmp_path, project).project.environments["a"].api == url


@pytest.mark.parametrize(
    "url",
    [
        *("http://example.com", "https://", "https://a b", "https://u:p@example.com"),
        *("https://example.com?x=1", "https://[", "https://example.com:99999", "https://x#y"),
        *("http://localhost.example.com", "https://a.example/v1", "https://a.example/v1/agents/"),
    ],
)
def test_an_address_that_is_no_safe_base_is_refused(url: str, tmp_path: Path) -> None:
    project = f'version: 1\nenvironments:\n  a: {{api: "{url}", api_key: {{env: K}}}}\n'
    codes = {code for code, _ in wrong(tmp_path, project)}
    assert codes
    assert codes <= {"SPEC072", "SPEC036"}


@pytest.mark.parametrize(
    ("project", "expected"),
    [
        ("- a", [("SPEC015", "reconciler.yaml:1:1")]),
        ("version: [", [("SPEC005", "reconciler.yaml:1:11")]),
        ("specs: agents", [("SPEC031", "1:1"), ("SPEC070", "1:1")]),
        ("version: true\nenvironments: {a: {api: sandbox}}", [("SPEC070", "1:10")]),
        ("version: 1\nenvironments: {}", [("SPEC034", "2:1")]),
        ("version: 1\nenvironments: [a]", [("SPEC032", "2:1")]),
        ("version: 1\nenvironments: {a: sandbox}", [("SPEC032", "2:19")]),
        ("version: 1\nenvironments: {a: {api: sandbx}}", [("SPEC036", "2:25")]),
        ("version: 1\nenvironments: {a: {api: 5}}", [("SPEC032", "2:25")]),
        ("version: 1\nenvironments: {a: {ap: x}}", [("SPEC030", "2:20")]),
        (
            "version: 1\nenvironments: {a: {api: sandbox, variables: {x: 1}}}",
            [("SPEC032", "2:49")],
        ),
        (
            "version: 1\nspecs: ../x\nenvironments: {a: {api: sandbox}}",
            [("SPEC075", "2:8")],
        ),
        (
            'version: 1\nspecs: "a\\0b"\nenvironments: {a: {api: sandbox}}',
            [("SPEC075", "2:8")],
        ),
        (
            "version: 1\non_drfit: leave\nenvironments: {a: {api: sandbox}}",
            [("SPEC030", "2:1")],
        ),
        (
            (
                "version: 1\ndeletion: {max_percent: 101, max_count: -1}\n"
                "environments: {a: {api: sandbox}}"
            ),
            [("SPEC035", "2:25"), ("SPEC035", "2:41")],
        ),
        (
            (
                "version: 1\nignore: [{path: x, reason: y, until: soon}]\n"
                "environments: {a: {api: sandbox}}"
            ),
            [("SPEC036", "2:38")],
        ),
        (
            "version: 1\nnotify: [5]\nenvironments: {a: {api: sandbox}}",
            [("SPEC032", "2:10")],
        ),
        (
            "version: 1\nledger: {backend: redis}\nenvironments: {a: {api: sandbox}}",
            [("SPEC033", "2:19")],
        ),
        (
            "version: 1\nenvironments:\n  a: {api: https://x.example, api_key: s3cr3t}",
            [("SPEC024", "3:40")],
        ),
        (
            "version: 1\nenvironments:\n  a: {api: https://x.example, api_key: {env: 1x}}",
            [("SPEC027", "3:46")],
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    project: str, expected: list[tuple[str, str]], tmp_path: Path
) -> None:
    found = [
        (code, place.removeprefix("reconciler.yaml:")) for code, place in wrong(tmp_path, project)
    ]
    assert found[: len(expected)] == [
        (code, place.removeprefix("reconciler.yaml:")) for code, place in expected
    ]


def test_a_misspelt_key_of_the_project_gets_a_hint(tmp_path: Path) -> None:
    with pytest.raises(SpecsInvalid) as caught:
        loaded(tmp_path, PROJECT + "on_drfit: leave\n")
    assert caught.value.hint == "did you mean `on_drift`?"


def test_environments_with_one_organisation_are_refused_whatever_the_case(tmp_path: Path) -> None:
    project = """version: 1
environments:
  a: {api: sandbox, organisation_id: ABC}
  b: {api: sandbox, organisation_id: abc}
"""
    assert wrong(tmp_path, project) == [("SPEC071", "reconciler.yaml:4:38")]


def test_a_project_file_that_is_not_there_is_told_with_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = [problems(folder)[0].message for folder in (tmp_path, tmp_path / "nowhere")]
    monkeypatch.chdir(tmp_path)
    told += [problems(Path())[0].message]
    assert told == [
        f"there is no reconciler.yaml in {tmp_path}",
        f"there is no folder {tmp_path / 'nowhere'}",
        "there is no reconciler.yaml in this folder",
    ]


def test_a_project_file_that_is_there_and_can_not_be_read_is_not_called_missing(
    tmp_path: Path,
) -> None:
    (tmp_path / "reconciler.yaml").mkdir()
    assert problems(tmp_path)[0].message == "this is a folder, not a file"
    assert "can not be read: permission denied" in _validated_with(tmp_path, 0, tmp_path / "below")


def _validated_with(folder: Path, mode: int, project: Path) -> str:
    """What `validate` prints of a project while a folder has such permissions."""
    program = [sys.executable, "-m", "reconciler", "-C", str(project), "validate"]
    folder.chmod(mode)
    done = subprocess.run(
        bound_by_permissions(program), capture_output=True, text=True, check=False
    )
    folder.chmod(0o700)
    assert done.returncode == 4
    return done.stdout


@pytest.mark.parametrize("mode", [0, 0o400, 0o100])
def test_a_specs_folder_that_can_not_be_read_is_a_problem(tmp_path: Path, mode: int) -> None:
    folder = write(tmp_path, "name: Desk\n")
    said = _validated_with(folder / "agents", mode, folder)
    assert "reconciler.yaml:2:8: the specs folder `agents` can not be read" in said


def test_a_specs_folder_whose_name_is_too_long_for_the_disk_is_not_there(tmp_path: Path) -> None:
    write(tmp_path, "name: Desk", project=PROJECT.replace("specs: agents", f"specs: {'x' * 600}"))
    assert codes(tmp_path) == ["SPEC077"]
