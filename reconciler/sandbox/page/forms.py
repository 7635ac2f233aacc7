"""Reading the forms of the page."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.types import Message

from reconciler.sandbox.errors import ApiError

_MOST_FIELDS = 200
TOKEN = "token"  # noqa: S105  # the name of the field, not its value


class Forms:
    """Takes forms that this process made: each carries a word that nobody else can know."""

    def __init__(self) -> None:
        self.token = secrets.token_urlsafe(32)

    async def read(self, request: Request) -> dict[str, str]:
        body = await request.body()
        try:
            text = body.decode("ascii")
            pairs = parse_qsl(
                text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS
            )
        except ValueError as error:
            raise ApiError(400, "This is no form that a browser sends.") from error
        form = dict(pairs)
        given = form.pop(TOKEN, "").encode("utf-8", "replace")
        if not secrets.compare_digest(given, self.token.encode()):
            raise ApiError(
                403,
                "This form is from before the sandbox was started again. "
                "Go back, reload the page, and say it once more.",
            )
        return form


def api_request(method: str, agent: Mapping[str, Any], body: Any = None) -> Request:
    """Return the request to one of the API's own endpoints that a form stands for."""

    async def receive() -> Message:
        return {"type": "http.request", "body": json.dumps(body).encode(), "more_body": False}

    scope: dict[str, Any] = {
        "type": "http",
        "method": method,
        "path": f"/v1/agents/{agent['id']}",
        "headers": [],
        "path_params": {"agent_id": agent["id"]},
        "state": {"organisation": agent["organisation_id"]},
    }
    return Request(scope, receive)
