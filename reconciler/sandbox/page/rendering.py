"""From templates to answers that a browser can do no harm with."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

if TYPE_CHECKING:
    from jinja2 import Environment

_FOLDER = Path(__file__).parent / "templates"
_ASSETS = {"style.css": "text/css", "icon.svg": "image/svg+xml"}
_HEADERS = {
    # No script at all, and nothing from elsewhere: hostile text would stay text even if the
    # escaping had a hole.
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # Not `no-referrer`: browsers would then send `Origin: null` with our own forms.
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-cache",
}


def html(template: str, status: int = 200, **values: Any) -> Response:
    text = _environment().get_template(template).render(values)
    # A lone surrogate, which JSON can carry, has no bytes: it shows as `?`.
    content = text.encode("utf-8", "replace")
    return Response(content, status, _HEADERS, media_type="text/html")


def asset(name: str) -> Response | None:
    if name not in _ASSETS:
        return None
    headers = _HEADERS | {"cache-control": "max-age=86400"}  # its address has its digest
    return Response(_content(name), headers=headers, media_type=_ASSETS[name])


@cache
def _content(name: str) -> bytes:
    return (_FOLDER / name).read_bytes()


def _address(name: str) -> str:
    return f"/_sandbox/page/{name}?{hashlib.sha256(_content(name)).hexdigest()[:12]}"


@cache
def _environment() -> Environment:
    # Not at the top: most runs of a sandbox never show a page.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415  # for the page alone

    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["asset"] = _address
    environment.filters["moment"] = _moment
    return environment


def _moment(text: str) -> str:
    """Shorten the API's `2026-11-21T02:49:19.123456Z` to what a person reads."""
    return text[:19].replace("T", " ")
