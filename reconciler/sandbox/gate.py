"""What every API request passes: its id, the ordered failures, the rate limit, the key.

The answer is made whole before a byte of it leaves, so that a failure ordered for after the commit
can still take its place.
"""

from __future__ import annotations

import uuid

import anyio
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reconciler.sandbox.errors import ApiError, error_body
from reconciler.sandbox.journal import Exchange
from reconciler.sandbox.options import Fault
from reconciler.sandbox.requests import Sandbox, answered, api_key_of, organisation_of
from reconciler.sandbox.wire import cut

_BEHIND_THE_STAGE = "/_sandbox"
_GARBAGE = b"\x00\xff<<< not JSON \x80"
_PAGE = "<!doctype html><title>Just a moment</title><p>The edge answered in place of the API.</p>"
_RETRY_STATUSES = frozenset({429, 503})


class Gate:
    def __init__(self, app: ASGIApp, sandbox: Sandbox) -> None:
        self._app = app
        self._sandbox = sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = str(uuid.uuid4())
        scope = {**scope, "state": {**scope.get("state", {}), "request_id": request_id}}
        if scope["path"] == "/" or scope["path"].startswith(_BEHIND_THE_STAGE):
            await self._app(scope, receive, send)
            return
        try:
            await self._exchange(Request(scope, receive), scope, receive, send)
        except ClientDisconnect:
            return  # the client left before its request was complete: nothing happened

    async def _exchange(self, request: Request, scope: Scope, receive: Receive, send: Send) -> None:
        fault = self._sandbox.order.next(request.method)
        body = await request.body()
        response = self._instead(fault, request)
        if response is None and not _is(fault, "drop_before"):
            response = _spoilt(fault, await self._answer(request, scope, body))
        dropped = response is None or _is(fault, "drop_after")
        status = None if response is None or dropped else response.status_code
        self._sandbox.journal.note(Exchange(request.method, request.url.path, status, body))
        late = fault.seconds if fault is not None and fault.kind == "delay" else 0
        await anyio.sleep(self._sandbox.options.latency + late)
        if response is None or dropped:
            await cut(scope, receive, send)
            return
        response.headers["x-request-id"] = request.state.request_id
        await response(scope, receive, send)

    def _instead(self, fault: Fault | None, request: Request) -> Response | None:
        """Return what a failure answers in place of the API, which does nothing then."""
        if _is(fault, "html"):
            return Response(_PAGE, media_type="text/html")
        if _is(fault, "empty_list"):
            return answered([])
        if fault is not None and _is(fault, "error"):
            retry = fault.seconds and fault.status in _RETRY_STATUSES
            headers = {"retry-after": f"{fault.seconds:g}"} if retry else {}
            error = ApiError(fault.status, _message(fault.status), headers=headers)
            return self._refusal(error, request)
        return None

    async def _answer(self, request: Request, scope: Scope, body: bytes) -> Response:
        if self._sandbox.limit.exceeded():
            error = ApiError(429, _message(429), headers={"retry-after": "1"})
            return self._refusal(error, request)
        try:
            request.state.organisation = organisation_of(api_key_of(request))
        except ApiError as refusal:
            return self._refusal(refusal, request)
        return await captured(self._app, scope, body)

    def _refusal(self, error: ApiError, request: Request) -> Response:
        body = error_body(error, self._sandbox.options.era, request.state.request_id)
        return answered(body, error.status, error.headers)


def _is(fault: Fault | None, kind: str) -> bool:
    return fault is not None and fault.kind == kind


def _spoilt(fault: Fault | None, response: Response) -> Response:
    if _is(fault, "garbage"):
        return Response(_GARBAGE, media_type="application/json")
    if _is(fault, "half_list"):
        half = bytes(response.body)[: len(response.body) // 2]
        return Response(half, response.status_code, media_type="application/json")
    return response


def _message(status: int) -> str:
    return {
        429: "Rate limit exceeded",
        500: "An unexpected internal error occurred.",
        502: "The upstream service failed to process the request.",
    }.get(status, "The request could not be processed.")


async def captured(app: ASGIApp, scope: Scope, body: bytes) -> Response:
    """Run the inner application to its end and return its answer as one."""
    parts: list[bytes] = []
    started: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            started.append(message)
        else:
            parts.append(message.get("body", b""))

    await app(scope, receive, send)
    response = Response(b"".join(parts), started[0]["status"])
    response.raw_headers = list(started[0]["headers"])
    return response
