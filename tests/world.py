"""Plan and apply desired agents against the fakes, in a line."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from reconciler.applying import Applier, ApplySettings
from reconciler.applying.world import World
from reconciler.model import project_file
from reconciler.model.change import Approval, Plan
from reconciler.model.desired import DesiredAgent, Lifecycle, Specs
from reconciler.model.drift import DriftReport
from reconciler.model.ledger import Run
from reconciler.model.outcome import Outcome
from reconciler.model.project import Project
from reconciler.model.values import Document
from reconciler.planning import (
    Hashes,
    PlanInputs,
    PlanningReferee,
    approve,
    drift_of,
    make_plan,
)
from tests.fakes import NOW, Killed, MemoryLedger, MemoryStore, SilentProgress, fake_hash

RUN = Run(id="run-1", started_at=NOW, actor="alice", host="desk", pid=1)
EVERYTHING = Approval(deletes=999, vanished=999, updates=999, adopt=999, empty=True)


def spec(key: str = "desk", *, lifecycle: Lifecycle | None = None, **fields: Any) -> DesiredAgent:
    """A small valid agent; `fields` are declared on top, a field set to `...` is left out."""
    declared: Document = {
        "name": key.title(),
        "system_prompt": "Help the caller.",
        "greeting": "Hello!",
        "language": "en",
        "region": "eu-central",
        "models": {"stt": "nova-2", "llm": "gpt", "tts": "aura", "tts_voice": "thalia"},
        **fields,
    }
    kept = {name: value for name, value in declared.items() if value is not ...}
    return DesiredAgent(key=key, declared=kept, lifecycle=lifecycle or Lifecycle())


def project(**options: Any) -> Project:
    return project_file.noun(
        project_file.Project.model_validate(
            {"version": 1, "environments": {"test": {"api": "sandbox"}}, **options}
        )
    )


@dataclass
class Fleet:
    """An environment in memory, driven like the program drives a real one."""

    store: MemoryStore = field(default_factory=MemoryStore)
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    project: Project = field(default_factory=project)
    hashes: Hashes = field(default_factory=lambda: Hashes(fake_hash, lambda text: f"#{text}"))

    def inputs(
        self, desired: Sequence[DesiredAgent], approval: Approval = EVERYTHING, **more: Any
    ) -> PlanInputs:
        return PlanInputs(
            environment="test",
            project=self.project,
            specs=Specs(tuple(desired)),
            live=[self.store.live(agent_id) for agent_id in self.store.agents],
            state=self.ledger.read(),
            now=NOW,
            approval=approval,
            hashes=self.hashes,
            **more,
        )

    def plan(self, *desired: DesiredAgent, **more: Any) -> Plan:
        return make_plan(self.inputs(desired, **more))

    def drift(self, *desired: DesiredAgent, strict: bool = False) -> DriftReport:
        return drift_of(self.inputs(desired), strict=strict)

    def apply(self, *desired: DesiredAgent, **settings: Any) -> Outcome:
        return self.carry_out(self.plan(*desired), **settings)

    def carry_out(
        self, plan: Plan, *, left_out: Sequence[str] = (), stopped: bool = False, **settings: Any
    ) -> Outcome:
        self.ledger.open(None)
        known = frozenset(self.store.agents)

        async def main() -> Outcome:
            world = World(
                store=self.store,
                ledger=self.ledger,
                referee=PlanningReferee(self.hashes.text, self.ledger.read().records),
                run=RUN,
                now=lambda: NOW,
                known_ids=known,
                sleep=_no_sleep,
            )
            stop = asyncio.Event()
            if stopped:
                stop.set()
            approved = approve(plan, left_out=left_out)
            applier = Applier(approved, world, ApplySettings(**settings), SilentProgress(), stop)
            return await applier.run()

        return asyncio.run(main())

    def carry_out_until_killed(self, plan: Plan, requests: int, **settings: Any) -> None:
        """Apply until the process is killed at a write: every other time after it took effect."""
        self.store.dies_after = requests
        with suppress(Killed):
            self.carry_out(plan, **settings)
        self.store.dies_after = None


async def _no_sleep(_seconds: float) -> None:
    return None
