"""The program as a user starts it, against a sandbox that listens on a real port."""

import contextlib
import io
import json
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import uvicorn

from reconciler.cli.boundary import run
from reconciler.sandbox import SandboxOptions
from reconciler.sandbox.server import server_for

if TYPE_CHECKING:
    from trustme import LeafCert

KEY = "slng_test_key_for_the_sandbox"


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it said where."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Api:
    """A sandbox on a port, with the eyes and hands of a dashboard user."""

    url: str
    http: httpx.Client

    def agents(self) -> dict[str, dict[str, Any]]:
        answer = self.http.get("/v1/agents").raise_for_status().json()
        return {agent["name"]: agent for agent in answer}

    def requests(self) -> list[tuple[str, str]]:
        seen = self.http.get("/_sandbox/requests").json()
        return [(r["method"], r["path"]) for r in seen]

    def bodies(self, method: str) -> list[dict[str, Any]]:
        seen = self.http.get("/_sandbox/requests").json()
        return [r["body"] for r in seen if r["method"] == method]

    def click(self, name: str, **fields: Any) -> None:
        """Change an agent as the dashboard does."""
        agent_id = self.agents()[name]["id"]
        self.http.post(f"/_sandbox/agents/{agent_id}", json=fields).raise_for_status()

    def since(self) -> "Since":
        return Since(self, len(self.requests()))


@dataclass
class Since:
    """Requests from a moment on."""

    api: Api
    start: int

    def requests(self) -> list[tuple[str, str]]:
        return self.api.requests()[self.start :]

    def methods(self) -> list[str]:
        return [method for method, _ in self.requests()]

    def writes(self) -> list[str]:
        return [method for method in self.methods() if method != "GET"]

    def bodies(self, method: str) -> list[dict[str, Any]]:
        seen = self.api.http.get("/_sandbox/requests").json()[self.start :]
        return [r["body"] for r in seen if r["method"] == method]


@contextlib.contextmanager
def serving(database: Path, options: SandboxOptions) -> Iterator[Api]:
    """A sandbox on a free port, for as long as the block runs."""
    with _running(server_for(database, "127.0.0.1", 0, options)) as api:
        yield api


@contextlib.contextmanager
def serving_app(app: Any, *, certificate: "LeafCert | None" = None) -> Iterator[Api]:
    """Any ASGI application on a free port; with a certificate, that of `localhost`, over TLS."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", lifespan="on")
    if certificate is None:
        with _running(uvicorn.Server(config)) as api:
            yield api
        return
    config.load()
    config.ssl = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(config.ssl)
    with _running(uvicorn.Server(config), scheme="https", host="localhost") as api:
        yield api


@contextlib.contextmanager
def _running(
    server: uvicorn.Server, *, scheme: str = "http", host: str = "127.0.0.1"
) -> Iterator[Api]:
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    url = f"{scheme}://{host}:{port}"
    eyes = httpx.Client(
        base_url=url,
        headers={"Authorization": f"Bearer {KEY}"},
        verify=False,  # noqa: S501  # whom the program trusts is what is tested
    )
    try:
        with eyes as http:
            yield Api(url, http)
    finally:
        server.should_exit = True
        thread.join()


@dataclass
class Checkout:
    """A user's repo: a project folder with specs, and the program run inside it."""

    folder: Path
    environment: Mapping[str, Any]
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        (self.folder / "agents").mkdir(parents=True, exist_ok=True)
        self.configure(**self.options)

    def configure(self, **options: Any) -> None:
        """Write the project file (JSON is YAML too)."""
        document = {"version": 1, "environments": {"test": dict(self.environment)}, **options}
        self.write("reconciler.yaml", json.dumps(document))

    def write(self, path: str, text: str) -> None:
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")

    def spec(self, key: str, **fields: Any) -> None:
        """Write a small valid spec; `fields` on top, one set to `...` is left out."""
        document = {**MINIMAL, "name": key.title(), **fields}
        kept = {name: value for name, value in document.items() if value is not ...}
        self.write(f"agents/{key}.yaml", json.dumps(kept))

    def remove(self, key: str) -> None:
        (self.folder / f"agents/{key}.yaml").unlink()

    def run(self, *arguments: str, out: io.StringIO | None = None) -> Said:
        out, err = out or io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run(["-C", str(self.folder), *arguments])
        return Said(code, out.getvalue(), err.getvalue())

    def apply(self, *arguments: str) -> Said:
        return self.run("apply", "--auto-approve", *arguments)

    def plan(self, *arguments: str) -> Any:
        """The plan as JSON."""
        return self.run("plan", "--format", "json", *arguments).json


MINIMAL: Mapping[str, Any] = {
    "system_prompt": "Help the caller.",
    "greeting": "Hello!",
    "language": "en",
    "region": "eu-central",
    "models": {
        "stt": "slng/deepgram/nova:3-en",
        "llm": "groq/openai/gpt-oss-120b",
        "tts": "slng/deepgram/aura:2-en",
        "tts_voice": "aura-2-thalia-en",
    },
}
