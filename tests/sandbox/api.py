"""A client for the sandbox in tests, and the bodies it sends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

import httpx
from jsonschema import Draft202012Validator, FormatChecker

from reconciler.sandbox import SandboxOptions, create_app

BEARER = {"authorization": "Bearer slng_test"}
TRUNK = "11111111-1111-4111-8111-111111111111"
OTHER_TRUNK = "22222222-2222-4222-8222-222222222222"
SCHEMAS = json.loads(Path(__file__).with_name("schemas.json").read_text())

Json = dict[str, Any]


class Api:
    """Talks to a sandbox in this process; each call is one request."""

    def __init__(self, database: Path, options: SandboxOptions | None = None) -> None:
        self.app = create_app(database, options or SandboxOptions())

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        content: bytes | None = None,
    ) -> httpx.Response:
        return self.calls([(method, path, body)], headers=headers, content=content)[0]

    def calls(
        self,
        requests: Sequence[tuple[str, str, Any]],
        *,
        headers: dict[str, str] | None = None,
        content: bytes | None = None,
    ) -> list[httpx.Response]:
        """Send requests at once, over one client."""

        async def send() -> list[httpx.Response]:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
                waiting: list[Coroutine[Any, Any, httpx.Response]] = [
                    client.request(
                        method,
                        path,
                        headers=BEARER if headers is None else headers,
                        content=json.dumps(body).encode() if body is not None else content,
                    )
                    for method, path, body in requests
                ]
                return list(await asyncio.gather(*waiting))

        return asyncio.run(send())

    def create(self, **fields: Any) -> Json:
        return _agent(self.call("POST", "/v1/agents", agent(**fields)), 201)

    def get(self, agent_id: str) -> Json:
        return _agent(self.call("GET", f"/v1/agents/{agent_id}"))

    def put(self, agent_id: str, **fields: Any) -> Json:
        return _agent(self.call("PUT", f"/v1/agents/{agent_id}", agent(**fields)))

    def patch(self, agent_id: str, **fields: Any) -> Json:
        return _agent(self.call("PATCH", f"/v1/agents/{agent_id}", fields))

    def list(self) -> list[Json]:
        listed: list[Json] = answered(self.call("GET", "/v1/agents"))
        return listed

    def stored(self, agent_id: str) -> Json:
        return _agent(self.call("GET", f"/_sandbox/agents/{agent_id}"))

    def refused(self, status: int, **fields: Any) -> Any:
        """Return the detail with which a create is refused."""
        return answered(self.call("POST", "/v1/agents", agent(**fields)), status)["detail"]


def _agent(response: httpx.Response, status: int = 200) -> Json:
    document: Json = answered(response, status)
    return document


def answered(response: httpx.Response, status: int = 200) -> Any:
    assert response.status_code == status, response.text
    return response.json()


def wrong(response: httpx.Response) -> list[tuple[list[str | int], str]]:
    """Return the places and kinds of a list-shaped refusal."""
    return [(issue["loc"], issue["type"]) for issue in answered(response, 422)["detail"]]


def agent(**fields: Any) -> Json:
    return {
        "name": "Desk",
        "system_prompt": "You answer the phone.",
        "greeting": "Hello!",
        "language": "en",
        "region": "us-east",
        "models": models(),
    } | fields


def models(**fields: Any) -> Json:
    return {
        "stt": "slng/deepgram/nova:3",
        "llm": "groq/openai/gpt-oss-120b",
        "tts": "slng/deepgram/aura:2",
        "tts_voice": "aura-2-thalia-en",
    } | fields


def tool_id(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def webhook(**fields: Any) -> Json:
    return {
        "type": "webhook",
        "id": tool_id(1),
        "name": "check_order",
        "description": "Look an order up.",
        "url": "https://crm.example.com/orders",
        "parameters": {"type": "object", "properties": {}},
    } | fields


def bearer(token: str = "s3cret-token") -> Json:
    return {"type": "bearer", "token": token}


def transfer(**fields: Any) -> Json:
    return {
        "type": "human_transfer",
        "id": tool_id(2),
        "name": "to_a_human",
        "phone_number": "+15551234567",
    } | fields


def clock_tool(**fields: Any) -> Json:
    return {"type": "built_in", "id": tool_id(3), "built_in": "current_datetime"} | fields


def hangup(**fields: Any) -> Json:
    return {"type": "template", "id": tool_id(4), "template": "hangup"} | fields


def on(event: str, **fields: Any) -> Json:
    return {"triggers": [{"event": event} | fields]}


def violations(document: Any, definition: str) -> list[str]:
    schema = {"$ref": f"#/$defs/{definition}", "$defs": SCHEMAS["$defs"]}
    checker = Draft202012Validator(schema, format_checker=FormatChecker())
    return [f"{error.json_path}: {error.message}" for error in checker.iter_errors(document)]
