"""`reconciler init`."""

import json
import os
import re
import shlex
import subprocess
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from reconciler.cli.root import Options
from reconciler.cli.run_info import _git
from reconciler.errors import UsageError

if TYPE_CHECKING:
    from reconciler.scaffold import Ci, NewFile

_PACKAGE_IN: Final = {
    "github": ".github/actions/reconciler/action.yml",
    "gitlab": ".gitlab/reconciler.yml",
}
_TO_DO: Final = {
    "github": (
        "secret SLNG_API_KEY (Settings, Secrets and variables, Actions): your API key",
        "environment `production` (Settings, Environments): required reviewers, this branch only",
        "secrets that your specs and `notify` name, in the `env:` of the apply and drift workflows",
    ),
    "gitlab": (
        "variable SLNG_API_KEY (Settings, CI/CD; masked): your API key",
        "variable GITLAB_TOKEN (masked): a project access token, `api` and `write_repository`",
        "environment `production` (Settings, CI/CD, Protected environments): who may apply",
        "a pipeline schedule, such as `17 * * * *`: it looks for drift",
        "variables that your specs and `notify` name",
    ),
}


@click.command(help="Make a working project in FOLDER: project file, example, and CI if asked for.")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path())
@click.option("--ci", type=click.Choice(["github", "gitlab"]), help="Workflows for this host.")
@click.pass_obj
def command(options: Options, /, *, folder: Path, ci: "Ci | None") -> None:
    from reconciler.scaffold import PLACEHOLDER, Choices, new_files, write_new

    project = options.folder / folder
    repo = _repo_of(project)
    place = project.resolve().relative_to(repo).as_posix()
    if ci is not None and not re.fullmatch(r"[\w ./+-]+", place):
        raise UsageError(f"the folder {place!r} can not be named in a workflow file")
    package = installed_from(_installed()) or PLACEHOLDER
    choices = Choices(ci=ci, package=package, folder=place, branch=_default_branch(repo))
    files = new_files(choices, _schemas())
    roots = {"project": project, "repo": repo if ci else project}
    paths = {roots[file.folder] / file.path: file for file in files}
    # `os.path` never raises: what is in the way of a look is told by who writes there.
    kept = {p: f for p, f in paths.items() if f.companion and os.path.exists(p)}  # noqa: PTH110  # see above
    write_new({path: file.text for path, file in paths.items() if path not in kept})
    _tell(project, ci, kept, fill_in=package if package == PLACEHOLDER else None)


def _tell(
    project: Path, ci: "Ci | None", kept: "dict[Path, NewFile]", *, fill_in: str | None
) -> None:
    click.echo(f"A project is in {project.resolve()}.")
    for path, file in kept.items():
        click.echo(f"  exists already: {(file.companion or '').format(path)}")
    if ci is not None:
        click.echo("\nSet these on the host; until then the workflows fail:")
        for line in _TO_DO[ci]:
            click.echo(f"  - {line}")
        if fill_in is not None:
            click.echo(f"  - in {_PACKAGE_IN[ci]} what pip installs, in place of {fill_in}")
        click.echo("  - in reconciler.yaml the `organisation_id` of production, once you know it")
    place = shlex.quote(str(project))
    begin = "" if ci is None or _toplevel(project) else f"git init {place}, then "
    folder = "" if project.resolve() == Path.cwd() else f"-C {place} "
    click.echo(f"\nNext: {begin}reconciler {folder}-e sandbox plan")


def _schemas() -> dict[str, str]:
    from reconciler import specs

    documents = {"agent": specs.agent_schema(), "project": specs.project_schema()}
    return {
        f"schemas/{name}.schema.json": json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        for name, document in documents.items()
    }


def _repo_of(project: Path) -> Path:
    """The top of the git repo that the folder is in or will be in; the folder itself without."""
    project = project.resolve()
    around = (each for each in (project, *project.parents) if os.path.isdir(each))  # noqa: PTH112  # as above
    there = next(around, project)
    return _toplevel(there) or project


def _toplevel(folder: Path) -> Path | None:
    try:
        return Path(_git(folder, "rev-parse", "--show-toplevel")).resolve()
    except (OSError, subprocess.SubprocessError):
        return None


def _default_branch(repo: Path) -> str:
    try:
        head = _git(repo, "symbolic-ref", "--short", "refs/remotes/origin/HEAD")
    except (OSError, subprocess.SubprocessError):
        return "main"
    branch = head.removeprefix("origin/")
    return branch if re.fullmatch(r"[\w./-]+", branch) else "main"


def _installed() -> dict[str, Any]:
    """What pip noted about where this package came from; an index leaves no note."""
    try:
        text = metadata.distribution("reconciler").read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        return {}
    found = json.loads(text) if text else {}
    return found if isinstance(found, dict) else {}


def installed_from(source: dict[str, Any]) -> str | None:
    """What pip must be told to install the same; None for a folder of this machine.

    An index is not named: until the package is on one, its name there may be anybody's.
    """
    commit = source.get("vcs_info", {}).get("commit_id")
    url = source.get("url", "")
    if not commit or not re.fullmatch(r"https://[\w.:/~-]+", url):
        return None
    return f"reconciler[notify] @ git+{url}@{commit}"
