"""Problems as GitHub workflow commands, which show as annotations in a pull request."""

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Final

from reconciler.errors import Problem
from reconciler.report.escaping import escape

_DATA: Final = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY: Final = {**_DATA, ":": "%3A", ",": "%2C"}


def problems_github(problems: Sequence[Problem], *, folder: str = "") -> str:
    """One `::error …::…` or `::warning …::…` a line.

    `folder` is where the project lies in its git repo, for GitHub counts paths from there.
    """
    return "\n".join(_command(problem, folder) for problem in problems)


def _command(problem: Problem, folder: str) -> str:
    properties = {**_place(problem, folder), "title": problem.code}
    listed = ",".join(f"{name}={_safe(str(v), _PROPERTY)}" for name, v in properties.items())
    reasons = [problem.message, problem.hint, *(f"via {step}" for step in problem.via)]
    message = "\n".join(text for text in reasons if text)
    return f"::{problem.severity} {listed}::{_safe(message, _DATA)}"


def _place(problem: Problem, folder: str) -> dict[str, object]:
    where = problem.position
    if where is None:
        return {}
    last = where.column + max(where.length, 1) - 1
    return {
        "file": str(PurePosixPath(folder, where.file)),
        "line": where.line,
        "col": where.column,
        "endColumn": last,
    }


def _safe(text: str, table: dict[str, str]) -> str:
    return "".join(table.get(char, char) for char in escape(text))
