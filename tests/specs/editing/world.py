"""A project in a folder, its real sandbox, and the program, in one process."""

import asyncio
import io
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from reconciler.cli.boundary import run
from reconciler.sandbox import SandboxOptions, create_app

HEADERS = {"Authorization": "Bearer sandbox"}
AGENT = """\
name: {name}
system_prompt: Help the caller.
greeting: Hello!
language: en
region: eu-central
models: {{stt: nova-2, llm: gpt, tts: aura, tts_voice: thalia}}
"""
PROJECT = """\
version: 1
environments:
  sandbox:
    api: sandbox
"""


@dataclass
class World:
    """`files` in a folder; `write` takes texts as they are, line breaks included."""

    folder: Path

    def write(self, **files: str) -> None:
        for name, text in files.items():
            self.put(name.replace("__", "/") + ".yaml", text)

    def put(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        return path

    def read(self, name: str) -> str:
        return (self.folder / name).read_bytes().decode()

    def run(self, *arguments: str) -> tuple[int, str]:
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = run(["-C", str(self.folder), *arguments])
        return code, out.getvalue() + err.getvalue()

    def apply(self) -> None:
        code, said = self.run("apply", "--auto-approve")
        assert code == 0, said

    def plan(self, *arguments: str) -> tuple[int, str]:
        return self.run("plan", "--detailed-exitcode", *arguments)

    def agents(self) -> dict[str, Any]:
        found = self._send("GET", "/v1/agents", None)
        return {agent["name"]: agent for agent in found}

    def patch(self, name: str, /, **fields: Any) -> None:
        self._send("PATCH", f"/v1/agents/{self.agents()[name]['id']}", fields)

    def delete(self, name: str) -> None:
        self._send("DELETE", f"/v1/agents/{self.agents()[name]['id']}", None)

    def create(self, **document: Any) -> None:
        self._send("POST", "/v1/agents", document)

    def _send(self, method: str, path: str, body: Any) -> Any:
        app = create_app(self.folder / ".reconciler/sandbox.db", SandboxOptions())

        async def main() -> httpx.Response:
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
                return await client.request(method, path, json=body, headers=HEADERS)

        answer = asyncio.run(main())
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None
