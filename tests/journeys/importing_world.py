"""A project folder over a real sandbox, driven in-process: what the command line would open."""

import asyncio
import copy
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

from reconciler import workflow
from reconciler.journeys.adopting import ImportReport
from reconciler.journeys.importing import ImportRequest, import_agents
from reconciler.ledger import SqliteLedger
from reconciler.live import ApiClient
from reconciler.model.change import Plan
from reconciler.model.ledger import Run
from reconciler.model.live import LiveAgent
from reconciler.model.values import Document, SecretRef
from reconciler.sandbox import SandboxOptions, create_app
from reconciler.specs import load_project
from reconciler.workflow import Request, Site
from tests.fakes import SilentProgress

T = TypeVar("T")
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
_NUMBERS = itertools.count(1)
PROJECT = "version: 1\nenvironments:\n  sandbox: {api: sandbox}\n"
AGENT: Document = {
    "name": "Front Desk",
    "system_prompt": "Help the caller.",
    "greeting": "Hello!",
    "language": "en",
    "region": "eu-central",
    "models": {
        "stt": "deepgram/nova-3",
        "llm": "groq/openai/gpt-oss-120b",
        "tts": "slng/aura-2",
        "tts_voice": "aura-2-thalia-en",
    },
}


def agent(name: str, **more: Any) -> Document:
    return {**copy.deepcopy(AGENT), "name": name, **more}


def new_run() -> Run:
    return Run(id=f"run-{next(_NUMBERS)}", started_at=NOW, actor="alice", host="desk", pid=1)


@dataclass
class World:
    """One project folder; `secrets` are the variables that are set."""

    folder: Path
    era: Literal["reference", "openapi", "deployed"] = "openapi"
    environment: str = "sandbox"
    secrets: dict[str, str] = field(default_factory=dict)
    key: str = "sandbox"

    def __post_init__(self) -> None:
        self.write("reconciler.yaml", PROJECT)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        return path

    def read(self, name: str) -> str:
        return (self.folder / name).read_bytes().decode()

    def files(self) -> set[str]:
        """Every file of the project but the state of the tools."""
        found = (path.relative_to(self.folder) for path in self.folder.rglob("*") if path.is_file())
        return {str(path) for path in found if path.parts[0] != ".reconciler"}

    @asynccontextmanager
    async def site(self) -> AsyncIterator[Site]:
        state = self.folder / ".reconciler"
        state.mkdir(exist_ok=True)
        app = create_app(state / "sandbox.db", SandboxOptions(era=self.era))

        def secret(ref: SecretRef) -> str | None:
            return self.secrets.get(ref.name)

        async with (
            app.router.lifespan_context(app),
            ApiClient("http://sandbox", self.key, resolve=secret, app=app) as client,
        ):
            yield Site(
                loaded=load_project(self.folder),
                environment=self.environment,
                organisation_id=None,
                store=client,
                ledger=SqliteLedger(state / "ledger.db", self.environment),
                secret=secret,
                now=lambda: NOW,
            )

    def run(self, act: Callable[[Site], Awaitable[T]]) -> T:
        async def main() -> T:
            async with self.site() as site:
                return await act(site)

        return asyncio.run(main())

    def create(self, *bodies: Document) -> list[LiveAgent]:
        """Agents made by other hands."""

        async def act(site: Site) -> list[LiveAgent]:
            return [await site.store.create_agent(body) for body in bodies]

        return self.run(act)

    def live(self) -> dict[str, LiveAgent]:
        async def act(site: Site) -> dict[str, LiveAgent]:
            return {agent.name: agent for agent in await site.store.list_agents()}

        return self.run(act)

    def import_(self, *names: str, **options: Any) -> ImportReport:
        request = ImportRequest(names=names, everything=not names, **options)

        async def act(site: Site) -> ImportReport:
            return await import_agents(
                site, request, new_run(), progress=SilentProgress(), stop=asyncio.Event()
            )

        return self.run(act)

    def plan(self) -> Plan:
        return self.run(lambda site: workflow.plan(site, Request()))
