"""Real servers with odd answers, and a way to ask them: no mocks."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from reconciler.errors import LiveError
from reconciler.live import ApiClient
from reconciler.model.values import SecretRef

KEY = "slng_key_Canary.1+2"
AGENT_ID = "550e8400-e29b-41d4-a716-446655440000"
AGENT: dict[str, Any] = {"id": AGENT_ID, "name": "Desk", "greeting": "Hello"}
BODY: dict[str, Any] = {"name": "Desk", "greeting": "Hello"}

Action = Callable[[ApiClient], Awaitable[Any]]


@dataclass(frozen=True)
class Seen:
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Scripted:
    """An app that gives its answers in turn, the last one for ever; an exception is raised."""

    def __init__(self, *answers: Response | Exception) -> None:
        self.seen: list[Seen] = []
        self._answers = itertools.chain(answers, itertools.repeat(answers[-1]))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        headers = dict(request.headers)
        body = await request.body()
        path = scope["raw_path"].decode()
        self.seen.append(Seen(request.method, path, request.url.query, headers, body))
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        await answer(scope, receive, send)


@dataclass
class Told:
    """What a client said: a value or an error, and how long it waited in between."""

    value: Any = None
    error: LiveError | None = None
    waits: list[float] = field(default_factory=list)

    @property
    def failure(self) -> LiveError:
        assert self.error is not None, f"no error, but {self.value!r}"
        return self.error


def said(content: Any, status: int = 200, **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return JSONResponse(content, status, named)


def ask(app: Any, action: Action, **options: Any) -> Told:
    """Let a client over an app in this process do something."""
    return asyncio.run(_ask(action, "http://api", app=app, **options))


def ask_port(answers: list[bytes], action: Action, **options: Any) -> tuple[Told, int]:
    """Let a client over a real connection do something; also: how many connections it made."""

    async def both() -> tuple[Told, int]:
        async with raw_server(answers) as (base, connections):
            return await _ask(action, base, **options), len(connections)

    return asyncio.run(both())


async def _ask(action: Action, base: str, **options: Any) -> Told:
    told = Told()

    async def sleep(seconds: float) -> None:
        told.waits.append(seconds)

    def clock() -> float:
        return sum(told.waits)

    times = {"sleep": sleep, "clock": clock, "jitter": lambda: 1.0}
    settings = {"resolve": no_secret, **times} | options
    async with ApiClient(base, settings.pop("key", KEY), **settings) as client:
        try:
            told.value = await action(client)
        except LiveError as error:
            told.error = error
    return told


def no_secret(ref: SecretRef) -> str | None:
    return None


@asynccontextmanager
async def raw_server(answers: list[bytes]) -> AsyncIterator[tuple[str, list[int]]]:
    """A port that reads a request, writes the next bytes and hangs up."""
    given = itertools.chain(answers, itertools.repeat(answers[-1]))
    connections: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(1)
        head = await reader.readuntil(b"\r\n\r\n")
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                await reader.readexactly(int(line.split(b":")[1]))
        writer.write(next(given))

    async with port(serve) as base:
        yield base, connections


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def port(serve: Serve) -> AsyncIterator[str]:
    """The address of a port on which each connection is served, and then closed."""
    open_ones: set[asyncio.Task[Any]] = set()

    async def serve_and_close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_ones.add(task)
        # The client may hang up first; what it makes of that is the test's matter.
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await serve(reader, writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(serve_and_close, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await asyncio.gather(*open_ones)
        await server.wait_closed()


def raw(body: bytes, head: bytes = b"HTTP/1.1 200 OK", *, length: int | None = None) -> bytes:
    """An answer whose Content-Length may lie."""
    size = len(body) if length is None else length
    return head + b"\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % size + body


def list_agents(client: ApiClient) -> Awaitable[Any]:
    return client.list_agents()


def get(client: ApiClient) -> Awaitable[Any]:
    return client.get_agent(AGENT_ID)


def create(client: ApiClient) -> Awaitable[Any]:
    return client.create_agent(BODY)


def replace(client: ApiClient) -> Awaitable[Any]:
    return client.replace_agent(AGENT_ID, BODY)


def patch(client: ApiClient) -> Awaitable[Any]:
    return client.patch_agent(AGENT_ID, BODY)


def delete(client: ApiClient) -> Awaitable[Any]:
    return client.delete_agent(AGENT_ID)


def last_call(client: ApiClient) -> Awaitable[Any]:
    return client.last_call_at(AGENT_ID)
