"""Calls and web sessions (API.md 11): checked and recorded, never dialled."""

from __future__ import annotations

import re
import secrets
import uuid
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from reconciler.sandbox import clock
from reconciler.sandbox.errors import ApiError, Issue, invalid, no_agent, not_found
from reconciler.sandbox.parsing import agent_id_of, body_of
from reconciler.sandbox.requests import Sandbox, answered
from reconciler.sandbox.store import Record
from reconciler.sandbox.values import Closed

_PAGE_SIZE = 20  # the size that was observed; the description names none
_LONGEST_TOTAL = 8192
_DETAILS: dict[str, Any] = {
    "livekit_session_report": None,
    "call_events": [],
    "tool_executions": [],
}


def _bounded(arguments: dict[str, str]) -> dict[str, str]:
    if sum(map(len, arguments.values())) > _LONGEST_TOTAL:
        raise ValueError(f"arguments must not exceed {_LONGEST_TOTAL} characters in total")
    return arguments


_Arguments = Annotated[
    dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=1024)]],
    Field(max_length=32),
    AfterValidator(_bounded),
]


class CallCreate(Closed):
    # The text allows a template, the documented 422 does not: the server's pattern decides.
    phone_number: Annotated[str, Field(pattern=r"^\+[1-9]\d{1,14}$")]
    arguments: _Arguments = Field(default_factory=dict)


class WebSessionCreate(Closed):
    arguments: _Arguments = Field(default_factory=dict)
    participant_name: str | None = None


def call_record(agent: Record, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a whole call of an agent; what is not given looks like a call that began just now."""
    moment = given.get("created_at") or clock.now()
    call_id = str(uuid.uuid4())
    defaults: dict[str, Any] = {
        "id": call_id,
        "agent_id": agent.id,
        "phone_number": "+15550100",
        "call_direction": "outbound",
        "web_session_origin": None,
        "arguments": {},
        "livekit_room_name": f"room-{call_id}",
        "livekit_dispatch_id": None,
        "call_started_at": None,
        "call_ended_at": None,
        "call_duration_ms": None,
        "call_end_reason": None,
        "finalized_at": None,
        "call_duration_source": None,
        "status": "queued",
        "error_message": None,
        "created_at": moment,
        "updated_at": moment,
    }
    record = defaults | dict(given)
    rendered = _rendered(agent.document, record["arguments"])
    return {"rendered_prompt": rendered, **record}


def _rendered(document: Mapping[str, Any], arguments: Mapping[str, str]) -> str:
    values = {**document["template_defaults"], **arguments}
    text: str = document["system_prompt"]
    return re.sub(r"\{\{\s*([\w-]+)\s*\}\}", lambda tag: values.get(tag[1], tag[0]), text)


class Calls:
    def __init__(self, sandbox: Sandbox) -> None:
        self._store = sandbox.store

    def routes(self) -> list[BaseRoute]:
        agent = "/v1/agents/{agent_id}"
        return [
            Route(f"{agent}/calls", self.list, methods=["GET"]),
            Route(f"{agent}/calls", self.create, methods=["POST"]),
            Route(f"{agent}/calls/{{call_id}}", self.show, methods=["GET"]),
            Route(f"{agent}/web-sessions", self.open_session, methods=["POST"]),
        ]

    async def list(self, request: Request) -> Response:
        agent = self._agent(request)
        page = _count(request, "page", 1)
        size = _count(request, "page_size", _PAGE_SIZE)
        calls = self._store.calls(agent.id, request.query_params.get("status"))
        meta = {
            "page": page,
            "page_size": size,
            "total": len(calls),
            "pages": -(-len(calls) // size),
        }
        return answered({"items": calls[(page - 1) * size : page * size], "meta": meta})

    async def show(self, request: Request) -> Response:
        agent = self._agent(request)
        wanted = request.path_params["call_id"].lower()
        for call in self._store.calls(agent.id, None):
            if call["id"] == wanted:
                return answered(call | _DETAILS)
        raise not_found()

    async def create(self, request: Request) -> Response:
        agent = self._agent(request)
        body = body_of(await request.body(), CallCreate)
        if agent.document["sip_outbound_trunk_id"] is None:
            raise ApiError(
                400,
                "Outbound telephony is not configured for this agent "
                "(missing outbound connection).",
            )
        call = self._recorded(agent, body.model_dump())
        return answered({"call_id": call["id"], "message": "Call dispatched"})

    async def open_session(self, request: Request) -> Response:
        agent = self._agent(request)
        body = body_of(await request.body(), WebSessionCreate)
        call = self._recorded(
            agent,
            {
                "phone_number": "",
                "call_direction": "web",
                "web_session_origin": "api",
                "arguments": body.arguments,
            },
        )
        return answered(
            {
                "call_id": call["id"],
                "room_name": call["livekit_room_name"],
                "livekit_url": "wss://sandbox.invalid",
                "livekit_token": secrets.token_urlsafe(),
                "max_session_seconds": 300,
                "message": "Web session dispatched",
            }
        )

    def _recorded(self, agent: Record, given: dict[str, Any]) -> dict[str, Any]:
        call = call_record(agent, given)
        with self._store.writing():
            self._store.insert_call(call)
        return call

    def _agent(self, request: Request) -> Record:
        agent_id = agent_id_of(request.path_params["agent_id"])
        row = self._store.agent(agent_id, request.state.organisation)
        if row is None:
            raise no_agent()
        return row.record


def _count(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII):
        message = "Input should be a valid integer, unable to parse string as an integer"
        raise invalid(Issue(("query", name), message, "int_parsing"))
    if int(text) < 1:
        message = "Input should be greater than or equal to 1"
        raise invalid(Issue(("query", name), message, "greater_than_equal"))
    return int(text)
