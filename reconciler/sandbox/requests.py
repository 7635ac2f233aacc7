"""What every endpoint needs of a request, and how answers are written."""

from __future__ import annotations

import json
import uuid
from dataclasses import field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from reconciler.nouns import noun
from reconciler.sandbox.eras import ERAS, Era
from reconciler.sandbox.errors import ApiError
from reconciler.sandbox.faults import FaultOrder, RateLimit
from reconciler.sandbox.journal import Journal
from reconciler.sandbox.options import SandboxOptions
from reconciler.sandbox.store import Store

_ORGANISATIONS = uuid.UUID("2f3c2d6e-6c8f-5a63-9d5b-0c1d4f2a7e11")


@noun(kw_only=True)
class Sandbox:
    """One running sandbox: its file, its settings, and what it remembers of this run."""

    options: SandboxOptions
    store: Store
    order: FaultOrder
    limit: RateLimit
    journal: Journal = field(default_factory=Journal)

    @property
    def era(self) -> Era:
        return ERAS[self.options.era]


def organisation_of(api_key: str) -> str:
    return str(uuid.uuid5(_ORGANISATIONS, api_key))


def api_key_of(request: Request) -> str:
    """Return the key of a request, as a bearer token or in its own header, or refuse with 401."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    key = token.strip() if scheme.lower() == "bearer" else ""
    key = key or request.headers.get("x-slng-api-key", "").strip()
    if not key:
        raise ApiError(401, "Missing bearer token")
    if key.startswith("invalid"):
        raise ApiError(401, "Invalid API key")
    return key


def answered(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return written(json.dumps(body, separators=(",", ":")), status, headers)


def written(text: str, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Answer with JSON that is written already."""
    return Response(text, status, headers, media_type="application/json")
