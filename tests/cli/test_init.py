"""`init` makes a project that works as it is, and never changes a file that is there."""

import contextlib
import io
import subprocess
from pathlib import Path

import pytest

from reconciler.cli.boundary import run
from reconciler.cli.init_command import installed_from
from reconciler.scaffold import write_new
from tests.program import Said

IN_USE = ["reconciler.yaml", "agents/front-desk.yaml", ".github/workflows/reconciler-plan.yml"]


def reconciler(*arguments: str | Path) -> Said:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run([str(argument) for argument in arguments])
    return Said(code, out.getvalue(), err.getvalue())


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


def files(folder: Path) -> dict[str, str]:
    ours = (".git/", ".reconciler/")  # what the programs keep for themselves
    found = (path for path in folder.rglob("*") if path.is_file())
    paths = (path for path in found if not any(each in f"{path}" for each in ours))
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in paths}


def test_a_new_project_validates_plans_and_applies_at_once(tmp_path: Path) -> None:
    project = tmp_path / "voice"
    said = reconciler("init", project)
    assert said.code == 0
    assert said.out.rstrip().endswith(f"Next: reconciler -C {project} -e sandbox plan")
    strict = reconciler("-C", project, "validate", "--strict")
    assert (strict.code, strict.out) == (0, "No problems.\n")
    assert "1 to create" in reconciler("-C", project, "plan").out
    assert reconciler("-C", project, "apply", "--auto-approve").code == 0
    after = reconciler("-C", project, "plan", "--detailed-exitcode")
    assert (after.code, "No changes" in after.out) == (0, True)


def test_the_example_names_the_schema_that_lies_beside_it(tmp_path: Path) -> None:
    reconciler("init", tmp_path)
    for file in ("reconciler.yaml", "agents/front-desk.yaml"):
        first = (tmp_path / file).read_text("utf-8").split("\n", 1)[0]
        schema = first.removeprefix("# yaml-language-server: $schema=")
        assert (tmp_path / file).parent.joinpath(schema).is_file()


@pytest.mark.parametrize("ci", ["github", "gitlab"])
def test_with_ci_the_project_has_production_and_a_ledger_that_travels(
    tmp_path: Path, ci: str
) -> None:
    said = reconciler("init", tmp_path, "--ci", ci)
    assert said.code == 0
    assert "SLNG_API_KEY" in said.out
    assert reconciler("-C", tmp_path, "validate", "--strict").code == 0
    text = (tmp_path / "reconciler.yaml").read_text("utf-8")
    assert "\nledger: {backend: git}\n" in text
    assert "\n  production:\n" in text
    assert "#@" not in text
    assert "#:" not in text
    assert not any("@FOLDER@" in text or "@PACKAGE@" in text for text in files(tmp_path).values())


@pytest.mark.parametrize("there", IN_USE)
def test_a_file_that_exists_is_named_and_nothing_is_written(tmp_path: Path, there: str) -> None:
    (tmp_path / there).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / there).write_text("mine", encoding="utf-8")
    said = reconciler("init", tmp_path, "--ci", "github")
    assert said.code == 4
    assert there in said.err
    assert files(tmp_path) == {there: "mine"}


def test_a_link_that_leads_nowhere_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "voice").mkdir()
    (tmp_path / "voice/reconciler.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    assert reconciler("init", tmp_path / "voice").code == 4
    assert not (tmp_path / "elsewhere.yaml").exists()


def test_files_that_most_repos_have_stay_and_the_line_to_add_is_said(tmp_path: Path) -> None:
    for name in (".gitignore", "README.md", ".gitlab-ci.yml"):
        (tmp_path / name).write_text("mine", encoding="utf-8")
    said = reconciler("init", tmp_path, "--ci", "gitlab")
    assert said.code == 0
    assert "add the line `.reconciler/`" in said.out
    assert "include: [{local: .gitlab/reconciler.yml}]" in said.out
    assert {files(tmp_path)[name] for name in (".gitignore", "README.md", ".gitlab-ci.yml")} == {
        "mine"
    }


def test_a_folder_that_can_not_be_written_is_left_as_it_was(tmp_path: Path) -> None:
    new = tmp_path / "new"
    (tmp_path / "blocked").write_text("a file", encoding="utf-8")
    wanted = {new / "deep/one": "1", new / "two": "2", tmp_path / "blocked/three": "3"}
    with pytest.raises(Exception, match="can not be written"):
        write_new(wanted)
    assert files(tmp_path) == {"blocked": "a file"}
    assert not new.exists()


def test_in_a_folder_of_a_repo_the_workflows_lie_at_its_top_and_name_the_folder(
    tmp_path: Path,
) -> None:
    git(tmp_path, "init", "-q")
    said = reconciler("init", tmp_path / "voice/eu", "--ci", "github")
    assert said.code == 0
    workflow = (tmp_path / ".github/workflows/reconciler-plan.yml").read_text("utf-8")
    assert 'FOLDER: "voice/eu"' in workflow
    assert (tmp_path / "voice/eu/reconciler.yaml").is_file()


def test_the_default_branch_of_the_repo_is_the_one_that_applies(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    git(tmp_path, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk")
    reconciler("init", tmp_path, "--ci", "github")
    workflow = (tmp_path / ".github/workflows/reconciler-apply.yml").read_text("utf-8")
    assert 'branches: ["trunk"]' in workflow


def test_git_ignores_what_must_not_be_committed(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    reconciler("init", tmp_path)
    reconciler("-C", tmp_path, "apply", "--auto-approve")
    shown = subprocess.run(
        ["git", "status", "--porcelain", "-uall"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "front-desk.yaml" in shown.stdout
    assert ".reconciler" not in shown.stdout


def test_with_ci_the_sandbox_can_be_tried_before_anything_is_set(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    reconciler("init", tmp_path, "--ci", "github")
    sandbox = ("-C", tmp_path, "-e", "sandbox")
    assert "1 to create" in reconciler(*sandbox, "plan").out
    assert reconciler(*sandbox, "apply", "--auto-approve").code == 0
    assert "No changes" in reconciler(*sandbox, "plan").out


@pytest.mark.parametrize(
    ("source", "package"),
    [
        (
            {"url": "https://git.example/v/reconciler", "vcs_info": {"commit_id": "c0ffee"}},
            "reconciler[notify] @ git+https://git.example/v/reconciler@c0ffee",
        ),
        ({"url": "https://me:canary@git.example/r", "vcs_info": {"commit_id": "c0ffee"}}, None),
        ({"url": "file:///home/me/reconciler", "dir_info": {"editable": True}}, None),
        ({"url": "https://git.example/r'; rm", "vcs_info": {"commit_id": "c0ffee"}}, None),
        ({}, None),
    ],
)
def test_ci_installs_what_runs_here_where_pip_knows_where_that_came_from(
    source: dict[str, object], package: str | None
) -> None:
    assert installed_from(source) == package
