"""What the API answers when it refuses, in the two shapes of API.md 3."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reconciler.nouns import noun
from reconciler.sandbox.options import EraName

INVALID_CONFIG = "Voice agent config is invalid. Fix the highlighted fields and try again."

# API.md 3.2 names the codes down to RATE_LIMITED; the others are ours, for cases it has no code of.
_CODES = {
    401: "AUTH_REQUIRED",
    404: "RESOURCE_NOT_FOUND",
    409: "RESOURCE_CONFLICT",
    422: "AGENT_VALIDATION_FAILED",
    429: "RATE_LIMITED",
    400: "BAD_REQUEST",
    405: "METHOD_NOT_ALLOWED",
}


@noun
class Issue:
    """One entry of a validation answer: where, what, and pydantic's name for it."""

    loc: tuple[str | int, ...]
    msg: str
    type: str


class ApiError(Exception):
    """A refusal: `issues` make the list-shaped detail, otherwise `message` is the detail."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        issues: Sequence[Issue] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code or _CODES.get(status, "INTERNAL_ERROR")
        self.issues = tuple(issues)
        self.headers = headers or {}


def invalid(*issues: Issue) -> ApiError:
    return ApiError(422, INVALID_CONFIG, issues=issues)


def not_found() -> ApiError:
    return ApiError(404, "The requested resource was not found.")


def no_agent() -> ApiError:
    return ApiError(404, "The requested resource was not found.", code="AGENT_NOT_FOUND")


def error_body(error: ApiError, era: EraName, request_id: str) -> dict[str, Any]:
    if era == "deployed":
        return {"detail": error.message, "error": _envelope(error, request_id)}
    if error.issues:
        return {
            "detail": [
                {"loc": list(issue.loc), "msg": issue.msg, "type": issue.type}
                for issue in error.issues
            ]
        }
    return {"detail": error.message}


def _envelope(error: ApiError, request_id: str) -> dict[str, Any]:
    envelope: dict[str, Any] = {
        "code": error.code,
        "message": error.message,
        "request_id": request_id,
    }
    if error.status in {401, 429}:
        envelope["retryable"] = error.status != 401  # noqa: PLR2004  # as the table of API.md 3.2
    if error.issues:
        envelope["fields"] = [
            {"path": ".".join(str(part) for part in issue.loc), "message": issue.msg}
            for issue in error.issues
        ]
    return envelope
