"""The list of agents, the way to it, and what it is drawn with."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from reconciler.sandbox.agents import Agents
from reconciler.sandbox.answers import answer_text
from reconciler.sandbox.errors import not_found
from reconciler.sandbox.options import PROJECT_KEY
from reconciler.sandbox.page.agent_view import AgentView
from reconciler.sandbox.page.guard import STAGE
from reconciler.sandbox.page.listing import groups
from reconciler.sandbox.page.rendering import asset, html
from reconciler.sandbox.page.speech import for_people, notice_of
from reconciler.sandbox.requests import Sandbox

_HOME = f"{STAGE}/"


class Page:
    def __init__(self, sandbox: Sandbox, agents: Agents) -> None:
        self._sandbox = sandbox
        self._one = AgentView(sandbox, agents)

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/", self.home, methods=["GET"]),
            Route(STAGE, self.home, methods=["GET"]),
            Route(_HOME, self.list, methods=["GET"]),
            Route(f"{STAGE}/page/{{name}}", for_people(self.asset), methods=["GET"]),
            *self._one.routes(),
        ]

    async def home(self, _: Request) -> Response:
        return RedirectResponse(_HOME, 303)

    async def asset(self, request: Request) -> Response:
        found = asset(request.path_params["name"])
        if found is None:
            raise not_found()
        return found

    async def list(self, request: Request) -> Response:
        era = self._sandbox.era
        rows = self._sandbox.store.everyones_agents()
        agents: list[dict[str, Any]] = [
            json.loads(row.answer_of(era.name) or answer_text(row.record, era)) for row in rows
        ]
        wanted = request.query_params.get("find", "").strip()
        found = groups(agents, wanted)
        return html(
            "list.html",
            groups=found,
            shown=sum(len(group.lines) for group in found),
            total=len(agents),
            wanted=wanted,
            base=f"http://{request.headers['host']}",
            key=PROJECT_KEY,
            era=era.name,
            **notice_of(request),
        )
