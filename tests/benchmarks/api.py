"""A small and fast API with latency to order, in a process of its own, that counts requests.

It validates nothing: what it costs must not be taken for what the program costs.
"""

import asyncio
import json
import subprocess
import sys
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from tests.benchmarks.fleet import answer_of

_END = b"\r\n\r\n"


class _State:
    """All agents; the list is encoded once for as long as nothing changes."""

    def __init__(self) -> None:
        self.agents: dict[str, dict[str, Any]] = {}
        self.listed: bytes | None = None
        self.latency = 0.0
        self.requests = 0

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        if path.startswith("/bench"):
            return self.control(body)
        self.requests += 1
        agent_id = path.removeprefix("/v1/agents").strip("/")
        if method == "GET" and not agent_id:
            if self.listed is None:
                self.listed = json.dumps(list(self.agents.values())).encode()
            return 200, self.listed
        if method == "POST":
            agent_id = str(uuid.uuid4())
        elif agent_id not in self.agents:
            return 404, b'{"detail": "Agent not found"}'
        if method != "GET":
            self.listed = None
            if method == "DELETE":
                del self.agents[agent_id]
                return 204, b""
            self.agents[agent_id] = answer_of(json.loads(body), agent_id)
        return 200, json.dumps(self.agents[agent_id]).encode()

    def control(self, body: bytes) -> tuple[int, bytes]:
        """Set the latency, or forget all agents; the answer is how many requests there were."""
        counted, self.requests = self.requests, 0
        asked = json.loads(body)
        self.latency = asked["latency"]
        if asked["empty"]:
            self.agents, self.listed = {}, None
        return 200, json.dumps({"requests": counted}).encode()


class _Connection(asyncio.Protocol):
    def __init__(self, state: _State) -> None:
        self.state = state
        self.data = b""
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.data += data
        head, found, rest = self.data.partition(_END)
        if not found:
            return
        lines = head.decode("latin-1").split("\r\n")
        fields = dict(line.lower().split(": ", 1) for line in lines[1:])
        length = int(fields.get("content-length", "0"))
        if len(rest) < length:
            return
        self.data = rest[length:]
        method, path, _ = lines[0].split(" ")
        latency = self.state.latency if path.startswith("/v1") else 0.0
        status, answer = self.state.answer(method, path, rest[:length])
        told = (
            f"HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(answer)}\r\n\r\n"
        )
        asyncio.get_running_loop().call_later(latency, self.send, told.encode() + answer)

    def send(self, answer: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(answer)


async def _serve() -> None:
    state = _State()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(state), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201  # who started us waits for it
    await server.serve_forever()


class Api:
    """The API from outside."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    def counted(self, *, latency: float = 0.0) -> int:
        """How many requests there were since the last question; sets the latency from now on."""
        return self._control(latency, empty=False)

    def emptied(self) -> None:
        """Forget all agents."""
        self._control(0.0, empty=True)

    def _control(self, latency: float, *, empty: bool) -> int:
        body = json.dumps({"latency": latency, "empty": empty}).encode()
        with urllib.request.urlopen(f"{self.url}/bench", body) as answer:  # noqa: S310  # ours
            requests: int = json.load(answer)["requests"]
        return requests

    @classmethod
    @contextmanager
    def started(cls) -> Iterator[Self]:
        command = [sys.executable, "-m", "tests.benchmarks.api"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                yield cls(int(process.stdout.readline()))
            finally:
                process.terminate()


if __name__ == "__main__":
    asyncio.run(_serve())
