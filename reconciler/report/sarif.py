"""Problems as SARIF 2.1.0, for code scanning."""

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import quote

from reconciler.errors import Position, Problem
from reconciler.model.values import Document

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT: Final = "ROOT"


def problems_sarif(problems: Sequence[Problem], *, version: str, folder: str = "") -> Document:
    """One run with one result a problem.

    `version` is the program's own; `folder` is where the project lies in its git repo, for code
    scanning counts paths from there.
    """
    codes = sorted({problem.code for problem in problems})
    driver: Document = {
        "name": "reconciler",
        "version": version,
        "rules": [_rule(code) for code in codes],
    }
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {
                    _ROOT: {"description": {"text": "The root of the git repo."}}
                },
                "results": [_result(p, codes.index(p.code), folder) for p in problems],
            }
        ],
    }


def _rule(code: str) -> Document:
    return {
        "id": code,
        "shortDescription": {"text": f"Problem {code} in a spec or the project file"},
        "help": {"text": f"`reconciler explain {code}` tells more."},
    }


def _result(problem: Problem, rule: int, folder: str) -> Document:
    reasons = [problem.message, problem.hint, *(f"via {step}" for step in problem.via)]
    result: Document = {
        "ruleId": problem.code,
        "ruleIndex": rule,
        "level": problem.severity,
        "message": {"text": "\n".join(text for text in reasons if text)},
    }
    if problem.position is not None:
        result["locations"] = [_location(problem.position, problem.source_line, folder)]
    return result


def _location(position: Position, source: str | None, folder: str) -> Document:
    """Lines and columns count from 1, the end column is the one after the last."""
    region: Document = {
        "startLine": max(position.line, 1),
        "startColumn": max(position.column, 1),
        "endColumn": max(position.column, 1) + max(position.length, 1),
    }
    if source is not None:
        region["snippet"] = {"text": source}
    uri = quote(str(PurePosixPath(folder, position.file)).encode("utf-8", "replace"), safe="/")
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": uri, "uriBaseId": _ROOT},
            "region": region,
        }
    }
