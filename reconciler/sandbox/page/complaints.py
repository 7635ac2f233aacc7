"""What the API refused, in its own words, and at which control to say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from reconciler.nouns import noun
from reconciler.sandbox.errors import ApiError
from reconciler.sandbox.page.fields import FIELDS

_PATHS = frozenset(control.path for control in FIELDS)
MEANWHILE = "Not saved: somebody changed the same field while you were editing."


@noun
class Complaints:
    """summary: the refusal as a whole; by_path: what belongs to a control; others: what to none."""

    summary: str = ""
    by_path: dict[str, str] = field(default_factory=dict)
    others: tuple[str, ...] = ()


NONE = Complaints()


def complaints_of(error: ApiError) -> Complaints:
    by_path: dict[str, str] = {}
    others: list[str] = []
    for issue in error.issues:
        path = ".".join(str(part) for part in issue.loc if part != "body")
        if path in _PATHS and path not in by_path:
            by_path[path] = issue.msg
        else:
            others.append(f"{path}: {issue.msg}")
    summary = f"The API answers {error.status}: {error.message}"
    return Complaints(summary, by_path, tuple(others))


def overtaken(messages: Mapping[str, str]) -> Complaints:
    return Complaints(MEANWHILE, dict(messages))
