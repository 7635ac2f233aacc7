"""The part of an import with consequences: files, then the ledger; what fails is taken back."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from reconciler import workflow
from reconciler.applying import Progress
from reconciler.errors import Refused, SpecsInvalid, UsageError
from reconciler.model.change import Action, Change, Plan
from reconciler.model.ledger import Run
from reconciler.model.live import LiveAgent
from reconciler.model.values import same
from reconciler.nouns import noun
from reconciler.planning import normalise
from reconciler.specs import writing
from reconciler.workflow import Request, Site


@noun(kw_only=True)
class Imported:
    """One chosen agent. `error` says why it was not imported: then no file of it is left."""

    agent: LiveAgent
    key: str | None = None
    files: tuple[writing.NewFile, ...] = ()
    secrets: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    error: str | None = None


@noun(kw_only=True)
class ImportReport:
    """`defaults` are worth having as a file; `defaults_written` says that it is one now."""

    environment: str
    agents: tuple[Imported, ...]
    unmanaged: tuple[LiveAgent, ...]
    defaults: writing.NewFile | None = None
    defaults_written: bool = False
    dry_run: bool = False

    @property
    def failed(self) -> bool:
        return any(agent.error for agent in self.agents)


@dataclass(slots=True)
class Adoption:
    """One import on its way from drafts to adopted agents."""

    site: Site
    report: ImportReport
    written: dict[str, writing.Written] = field(default_factory=dict)
    shared: writing.Written | None = None
    errors: dict[str, str] = field(default_factory=dict)

    async def made(self, run: Run, progress: Progress, stop: asyncio.Event) -> ImportReport:
        try:
            self._write()
            while self.written and (faults := await self._faults()):
                self._take_back(faults)
            if self.written:
                await self._adopt(run, progress, stop)
        finally:
            self._keep_what_is_recorded()
        return self._told()

    @property
    def _agents(self) -> dict[str, LiveAgent]:
        return {each.key: each.agent for each in self.report.agents if each.key and each.files}

    def _write(self) -> None:
        folder = self.site.loaded.folder
        if self.report.defaults is not None and self.report.defaults_written:
            self.shared = writing.write(folder, [self.report.defaults])
        for each in self.report.agents:
            if each.key is None or not each.files:
                continue
            try:
                self.written[each.key] = writing.write(folder, each.files)
            except UsageError as error:
                self.errors[each.key] = error.message

    async def _faults(self) -> dict[str, str]:
        """What keeps agents from being adopted as they are, by key."""
        try:
            plan = await workflow.plan(self.site, self._request())
        except SpecsInvalid as error:
            owners = {
                file.path: each.key
                for each in self.report.agents
                for file in each.files
                if each.key in self.written
            }
            faults = {
                owner: f"a bug of ours, the spec is not valid: {problem.message}"
                for problem in error.problems
                if problem.severity == "error"
                and problem.position is not None
                and (owner := owners.get(problem.position.file)) is not None
            }
            if not faults:
                raise
            return faults
        return self._not_free(plan)

    def _request(self) -> Request:
        return Request(targets=frozenset(self.written))

    def _not_free(self, plan: Plan) -> dict[str, str]:
        changes = {change.key: change for change in plan.changes}
        return {
            key: why
            for key in self.written
            if key in changes and (why := _fault(changes[key], self._agents[key]))
        }

    async def _adopt(self, run: Run, progress: Progress, stop: asyncio.Event) -> None:
        def agree(plan: Plan) -> None:
            for key, why in self._not_free(plan).items():
                raise Refused(f"{key}: {why}", code="IMPORT_MOVED", hint="import again")

        outcome = await workflow.apply(
            self.site, self._request(), run, agree=agree, progress=progress, stop=stop
        )
        for each in outcome.changes:
            if each.error is not None:
                self.errors[each.change.key] = each.error

    def _take_back(self, faults: Mapping[str, str]) -> None:
        for key, why in faults.items():
            writing.remove(self.written.pop(key))
            self.errors[key] = why

    def _keep_what_is_recorded(self) -> None:
        """A recorded agent without a spec would be deleted by the next apply: its files stay."""
        recorded = self.site.ledger.read().records
        for key in [key for key in self.written if key not in recorded]:
            writing.remove(self.written.pop(key))
            self.errors.setdefault(key, "it was not adopted")
        if self.shared is not None and not self.written:
            writing.remove(self.shared)
            self.shared = None

    def _told(self) -> ImportReport:
        agents = tuple(
            replace(each, error=self.errors[each.key], files=())
            if each.key in self.errors
            else each
            for each in self.report.agents
        )
        return replace(self.report, agents=agents, defaults_written=self.shared is not None)


def _fault(change: Change, agent: LiveAgent) -> str | None:
    """Why a change is more than an adopt of this very agent as it is; None when it is not."""
    if change.live is None:
        return "the agent was deleted while it was imported"
    if change.live.id != agent.id:
        return f"another agent, {change.live.id}, has its name now"
    if not same(normalise(change.live.document), normalise(agent.document)):
        return "the agent was changed while it was imported: import it again"
    if change.action is Action.ADOPT and not change.fields and change.blocked is None:
        return None
    what = change.blocked or ", ".join(".".join(each.path) for each in change.fields)
    return (
        f"the spec would change it: {what or change.action}. "
        "Unless files of the project changed meanwhile, that is a bug of ours"
    )
