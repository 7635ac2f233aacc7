"""The strings behind the stage, under /_sandbox: no part of the API, and no key asked.

They let a test order failures, see what was sent, and play the person at the dashboard.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from reconciler.sandbox import clock
from reconciler.sandbox.answers import answer_text
from reconciler.sandbox.calls import call_record
from reconciler.sandbox.errors import ApiError, no_agent
from reconciler.sandbox.faults import fault_from
from reconciler.sandbox.parsing import json_of
from reconciler.sandbox.requests import Sandbox, answered, written
from reconciler.sandbox.sealing import dashboard_tools
from reconciler.sandbox.store import Record

_FIXED = frozenset({"id", "organisation_id", "created_at", "template_variables"})


class Control:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/_sandbox/requests", self.requests, methods=["GET"]),
            Route("/_sandbox/faults", self.order_faults, methods=["POST"]),
            Route("/_sandbox/calls", self.add_call, methods=["POST"]),
            Route("/_sandbox/agents/{agent_id}", self.stored, methods=["GET"]),
            Route("/_sandbox/agents/{agent_id}", self.change, methods=["POST"]),
        ]

    async def requests(self, _: Request) -> Response:
        return answered(self._sandbox.journal.shown())

    async def order_faults(self, request: Request) -> Response:
        orders = json_of(await request.body())
        if not isinstance(orders, list):
            raise ApiError(422, "send a list of faults")
        try:
            self._sandbox.order.replace([fault_from(order) for order in orders])
        except ValueError as error:
            raise ApiError(422, str(error)) from error
        return Response(status_code=204)

    async def add_call(self, request: Request) -> Response:
        given = await _object(request)
        agent = self._record(str(given.get("agent_id", "")))
        if "created_at" in given:
            given["created_at"] = _moment(given["created_at"])
        call = call_record(agent, given | {"agent_id": agent.id})
        with self._sandbox.store.writing():
            self._sandbox.store.insert_call(call)
        return answered(call, 201)

    async def stored(self, request: Request) -> Response:
        """Show an agent as it is stored: secrets as digests, so that a test can see them kept."""
        record = self._record(request.path_params["agent_id"])
        return answered({"document": record.document, "runtime_key": record.runtime_key})

    async def change(self, request: Request) -> Response:
        """Change an agent as the dashboard would, with no rule checked; null stays null."""
        given = await _object(request)
        with self._sandbox.store.writing():
            before = self._record(request.path_params["agent_id"])
            moments = {
                "updated_at": _moment(given.pop("updated_at", None) or clock.now()),
                "deleted_at": given.pop("deleted_at", None),
            }
            if "tools" in given:
                given["tools"] = dashboard_tools(given["tools"], before.document["tools"])
            fields = {name: value for name, value in given.items() if name not in _FIXED}
            after = replace(before, document=before.document | fields, **moments)
            era = self._sandbox.era
            text = answer_text(after, era)
            self._sandbox.store.update(after, era=era.name, answer=text)
        return written(text)

    def _record(self, agent_id: str) -> Record:
        row = self._sandbox.store.agent(agent_id.lower())
        if row is None:
            raise no_agent()
        return row.record


async def _object(request: Request) -> dict[str, Any]:
    given = json_of(await request.body())
    if not isinstance(given, dict):
        raise ApiError(422, "send a JSON object")
    return given


def _moment(text: object) -> str:
    try:
        return clock.read(str(text))
    except ValueError as error:
        raise ApiError(422, f"not a moment in ISO 8601: {text!r}") from error
