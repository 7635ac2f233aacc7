"""A live agent of any shape: `pull` and `import` take what a spec can say, and say the rest."""

import asyncio
import copy
import os
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, given, settings

from reconciler.journeys.importing import ImportRequest, import_agents
from reconciler.journeys.pulling import PullRequest, pull
from reconciler.model.values import Document
from reconciler.specs import load_project
from reconciler.specs.editing import write
from reconciler.workflow import Request, Site, apply, plan
from tests.fakes import NOW, MemoryLedger, MemoryStore, SilentProgress
from tests.journeys.test_pulling_property import FILES
from tests.planning.odd import Places, bent_document, odd_places
from tests.world import EVERYTHING, RUN

T = TypeVar("T")
MANY = settings(
    max_examples=int(os.environ.get("EXAMPLES", "20")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
REQUEST = Request(approval=EVERYTHING)


class Project:
    """The specs of `test_pulling_property`, applied to an API in memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store, self.ledger = MemoryStore(), MemoryLedger()
        for path, content in FILES.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content.encode())

    def site(self) -> Site:
        return Site(
            loaded=load_project(self.folder),
            environment="test",
            organisation_id=None,
            store=self.store,
            ledger=self.ledger,
            secret=lambda ref: f"value of {ref.name}",
            now=lambda: NOW,
        )

    def run(self, act: Callable[[Site], Awaitable[T]]) -> T:
        async def main() -> T:
            return await act(self.site())

        return asyncio.run(main())

    def apply(self) -> None:
        def made(site: Site) -> Awaitable[Any]:
            progress, stop = SilentProgress(), asyncio.Event()
            return apply(site, REQUEST, RUN, agree=lambda _: None, progress=progress, stop=stop)

        self.run(made)


def _live() -> Document:
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder))
        project.apply()
        (document,) = project.store.agents.values()
        return document


LIVE = _live()


@MANY
@given(odd_places(LIVE))
def test_pull_takes_a_field_or_says_why_not(places: Places) -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder))
        project.apply()
        (agent_id,) = project.store.agents
        project.store.agents[agent_id] = bent_document(LIVE, places)
        result = project.run(lambda site: pull(site, PullRequest()))
        write(result.edits)
        again = project.run(lambda site: pull(site, PullRequest()))
        project.run(lambda site: plan(site, REQUEST))
    assert all(each.reason for each in result.refused)
    assert again.pulled == ()
    assert {each.path for each in again.refused} <= {each.path for each in result.refused}


@MANY
@given(odd_places(LIVE))
def test_import_writes_a_spec_or_says_why_not(places: Places) -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder))
        (project.folder / "agents/desk.yaml").unlink()
        stray = copy.deepcopy(bent_document(LIVE, places))
        project.store.add("Desk", **{k: v for k, v in stray.items() if k != "name"})
        report = project.run(
            lambda site: import_agents(
                site,
                ImportRequest(everything=True),
                RUN,
                progress=SilentProgress(),
                stop=asyncio.Event(),
            )
        )
        (agent,) = report.agents
        assert bool(agent.files) == (agent.error is None)
        assert "a bug of ours" not in (agent.error or "")
        if agent.files:
            assert project.run(lambda site: plan(site, REQUEST)).changes == ()
