"""Which files a new project has, and what stands in them."""

import re
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import PurePosixPath
from typing import Final, Literal

from reconciler import __version__
from reconciler.nouns import noun

# No user of the host can be called so: nobody can put a package of theirs there.
PLACEHOLDER: Final = (
    f"reconciler[notify] @ git+https://github.com/YOUR_ORG/reconciler@v{__version__}"
)

Ci = Literal["github", "gitlab"]

# In the project file, `#:` comments out what only CI needs, and `#@` is left out without CI.
_PROJECT: Final = {
    "reconciler.yaml": "reconciler.yaml",
    "agents/front-desk.yaml": "agent.yaml",
    "prompts/front-desk.md": "prompt.md",
    ".gitignore": "gitignore",
    "README.md": "readme.md",
}
_CI: Final[Mapping[Ci, Mapping[str, str]]] = {
    "github": {
        ".github/actions/reconciler/action.yml": "action.yml",
        ".github/workflows/reconciler-plan.yml": "reconciler-plan.yml",
        ".github/workflows/reconciler-apply.yml": "reconciler-apply.yml",
        ".github/workflows/reconciler-drift.yml": "reconciler-drift.yml",
    },
    "gitlab": {
        ".gitlab/reconciler.yml": "reconciler.yml",
        ".gitlab-ci.yml": "gitlab-ci.yml",
    },
}
_COMPANIONS: Final[Mapping[str, str]] = {
    ".gitignore": "add the line `.reconciler/` to {}",
    "README.md": "{} stays as it is",
    ".gitlab-ci.yml": "add `include: [{{local: .gitlab/reconciler.yml}}]` to {}",
}
_WITH_CI: Final = re.compile(r"^( *)#: ?", re.MULTILINE)
_ONLY_CI: Final = re.compile(r"^#@.*\n", re.MULTILINE)
_ONLY_CI_MARK: Final = re.compile(r"^#@", re.MULTILINE)


@noun
class NewFile:
    """One file to write. `folder` is where the path starts: the project or its git repo.

    `companion` says what to do by hand where the file exists already, as in most repos; None for
    a file that must not be there.
    """

    path: str
    text: str
    folder: Literal["project", "repo"] = "project"
    companion: str | None = None


@noun(kw_only=True)
class Choices:
    """What differs between projects: the CI system, what pip installs there, and the branch.

    `folder` is where the project lies in its git repo, "." for its root.
    """

    ci: Ci | None = None
    package: str = PLACEHOLDER
    folder: str = "."
    branch: str = "main"


def new_files(choices: Choices, schemas: Mapping[str, str]) -> list[NewFile]:
    """All files of a new project; `schemas` are the JSON Schemas for editors, by their path."""
    files = [
        NewFile(path, _project_text(name, choices), companion=_COMPANIONS.get(path))
        for path, name in _PROJECT.items()
    ]
    files += [NewFile(path, text) for path, text in schemas.items()]
    return [*files, *ci_files(choices)]


def ci_files(choices: Choices) -> Iterator[NewFile]:
    """The workflows, filled in."""
    if choices.ci is None:
        return
    for path, name in _CI[choices.ci].items():
        text = _filled(_template(choices.ci, name), choices)
        yield NewFile(path, text, "repo", _COMPANIONS.get(path))


def _project_text(name: str, choices: Choices) -> str:
    text = _template("project", name)
    if choices.ci is None:
        return _WITH_CI.sub(r"\1# ", _ONLY_CI.sub("", text))
    return _WITH_CI.sub(r"\1", _ONLY_CI_MARK.sub("", text))


def _filled(text: str, choices: Choices) -> str:
    values = {"PACKAGE": choices.package, "FOLDER": choices.folder, "BRANCH": choices.branch}
    return re.sub("@(PACKAGE|FOLDER|BRANCH)@", lambda found: values[found.group(1)], text)


def _template(folder: str, name: str) -> str:
    path = PurePosixPath("templates", folder, name)
    return resources.files("reconciler.scaffold").joinpath(str(path)).read_text(encoding="utf-8")
