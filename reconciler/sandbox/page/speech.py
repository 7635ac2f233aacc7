"""Refusals as pages, and notices of what was done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from reconciler.sandbox.errors import ApiError
from reconciler.sandbox.page.fields import FIELDS
from reconciler.sandbox.page.rendering import html

Endpoint = Callable[[Request], Awaitable[Response]]

_GONE = 404
_TITLES = {403: "This form is out of date", _GONE: "There is no such agent"}
_NOTICES = frozenset({"saved", "unchanged", "copied", "deleted"})
_PATHS = tuple(control.path for control in FIELDS)


def for_people(endpoint: Endpoint) -> Endpoint:
    """Let an endpoint raise the API's refusals: a person reads them on a page."""

    async def answered(request: Request) -> Response:
        try:
            return await endpoint(request)
        except ApiError as refusal:
            title = _TITLES.get(refusal.status, "This can not be done")
            # The API's own words on a missing resource tell a person nothing.
            gone = "It may have been deleted a moment ago."
            message = gone if refusal.status == _GONE else refusal.message
            return html("sorry.html", refusal.status, title=title, message=message)

    return answered


def sent_on(address: str, notice: str, fields: tuple[str, ...] = ()) -> Response:
    """Return the redirect after a form, so that reloading the page sends nothing twice."""
    query = {"done": notice} | ({"fields": ",".join(fields)} if fields else {})
    return RedirectResponse(f"{address}?{urlencode(query)}", 303)


def notice_of(request: Request) -> dict[str, Any]:
    """Return what the address says was done: words from our own lists, whatever it holds."""
    said = request.query_params.get("done", "")
    named = request.query_params.get("fields", "").split(",")
    fields = [path for path in _PATHS if path in named]
    return {"done": said if said in _NOTICES else "", "changed": fields}
