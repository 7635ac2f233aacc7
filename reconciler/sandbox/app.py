"""The application: routes, the gate in front of them, and how refusals are written."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from reconciler.sandbox.agents import Agents
from reconciler.sandbox.calls import Calls
from reconciler.sandbox.control import Control
from reconciler.sandbox.errors import ApiError, error_body, not_found
from reconciler.sandbox.faults import FaultOrder, RateLimit
from reconciler.sandbox.gate import Gate
from reconciler.sandbox.options import SandboxOptions
from reconciler.sandbox.page import Page
from reconciler.sandbox.page.guard import Guard
from reconciler.sandbox.requests import Sandbox, answered
from reconciler.sandbox.store import Store

# Resources of the deployed service that are not played here; they are no agent ids (API.md 2.2).
_OTHER_RESOURCES = ("tools", "secrets", "mcp-servers", "client-models", "import")
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def create_app(database: Path, options: SandboxOptions) -> Starlette:
    sandbox = Sandbox(
        options=options,
        store=Store(database),
        order=FaultOrder(options.faults),
        limit=RateLimit(options.rate_limit),
    )

    async def refused(request: Request, error: Exception) -> Response:
        refusal = error if isinstance(error, ApiError) else _from_the_router(error)
        body = error_body(refusal, options.era, request.state.request_id)
        return answered(body, refusal.status, refusal.headers)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        sandbox.store.close()

    app = Starlette(
        routes=_routes(sandbox),
        middleware=[Middleware(Guard, host=options.host), Middleware(Gate, sandbox=sandbox)],
        exception_handlers={ApiError: refused, HTTPException: refused},
        lifespan=lifespan,
    )
    # A redirect would make clients drop or leak the key; the API documents none.
    app.router.redirect_slashes = False
    app.state.sandbox = sandbox
    return app


def _routes(sandbox: Sandbox) -> list[BaseRoute]:
    others: list[BaseRoute] = []
    for name in _OTHER_RESOURCES:
        others.append(Route(f"/v1/agents/{name}", _nothing_here, methods=_METHODS))
        others.append(Route(f"/v1/agents/{name}/{{rest:path}}", _nothing_here, methods=_METHODS))
    agents = Agents(sandbox)
    routes = (agents, Calls(sandbox), Control(sandbox), Page(sandbox, agents))
    return [*others, *(route for group in routes for route in group.routes())]


async def _nothing_here(_: Request) -> Response:
    raise not_found()


def _from_the_router(error: Exception) -> ApiError:
    """Put the router's own 404 and 405 into the API's shape."""
    if not isinstance(error, HTTPException):
        raise error
    return ApiError(error.status_code, error.detail, headers=dict(error.headers or {}))
