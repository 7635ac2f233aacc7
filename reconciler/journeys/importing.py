"""Specs for unmanaged agents: chosen, drafted, written, read back, and adopted in the ledger.

Nothing is sent to the API. What was written is read again by the ordinary loader, and only what
the ordinary planner calls an adopt without a single change is kept and adopted.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from reconciler import workflow
from reconciler.applying import Progress
from reconciler.errors import Refused, SpecsInvalid, UsageError
from reconciler.journeys.adopting import Adoption, Imported, ImportReport
from reconciler.model.change import Plan
from reconciler.model.ledger import LedgerState, Run
from reconciler.model.live import LiveAgent
from reconciler.model.values import Document
from reconciler.nouns import noun
from reconciler.planning import normalise
from reconciler.specs import load_specs, writing
from reconciler.specs.findings import did_you_mean
from reconciler.workflow import Request, Site

_ABOUT_THE_KEY: Final = frozenset({"organisation", "vanished"})


@noun(kw_only=True)
class ImportRequest:
    """`names` are names or ids; `everything` stands for all unmanaged agents."""

    names: tuple[str, ...] = ()
    everything: bool = False
    dry_run: bool = False
    with_defaults: bool = False


async def import_agents(
    site: Site, request: ImportRequest, run: Run, *, progress: Progress, stop: asyncio.Event
) -> ImportReport:
    """Import what was asked for; without names and `everything`, only tell what could be.

    Raises:
        UsageError: an unknown, ambiguous or managed name.
        Refused: the API key seems to be another organisation's.
        SpecsInvalid, LiveError, LedgerError, Locked: nothing of ours is left behind.
    """
    plan = await workflow.plan(site, Request())
    for guard in plan.guards:
        if guard.code in _ABOUT_THE_KEY:
            raise Refused(guard.message, code=f"GUARD_{guard.code.upper()}", hint=guard.way_out)
    state = site.ledger.read()
    names = _names_of_specs(site)
    if request.everything:
        chosen = list(plan.unmanaged)
    else:
        chosen = [_chosen(word, plan.unmanaged, state, names) for word in request.names]
    twins = Counter(agent.name for agent in plan.unmanaged)
    refused = {agent.id: why for agent in chosen if (why := _not_to_be(agent, twins, names))}
    wanted = {agent.id: agent for agent in chosen if agent.id not in refused}
    batch = _drafted(site, request, list(wanted.values()), plan, state)
    imported = [
        *(_imported(wanted[made.agent_id], made) for made in batch.made),
        *(Imported(agent=a, error=refused[a.id]) for a in chosen if a.id in refused),
    ]
    report = ImportReport(
        environment=site.environment,
        agents=tuple(imported),
        unmanaged=plan.unmanaged,
        defaults=batch.defaults,
        defaults_written=batch.shared,
        dry_run=request.dry_run,
    )
    if request.dry_run or not any(each.files for each in imported):
        return report
    return await Adoption(site, report).made(run, progress, stop)


def _names_of_specs(site: Site) -> dict[str, str]:
    """The keys of this environment's specs, by the agent's name."""
    specs, _ = load_specs(site.loaded, site.environment)
    return {agent.name: agent.key for agent in specs.agents}


def _chosen(
    word: str,
    unmanaged: tuple[LiveAgent, ...],
    state: LedgerState,
    names: Mapping[str, str],
) -> LiveAgent:
    found = [agent for agent in unmanaged if agent.id == word.lower()] or [
        agent for agent in unmanaged if agent.name == word
    ]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(agent.id for agent in found)
        raise UsageError(f"{len(found)} live agents are called {word!r}: {ids}", hint=_TWINS)
    for record in state.records.values():
        if word in {record.agent_id, record.name}:
            raise UsageError(f"{word!r} is managed already, by {record.key}")
    if word in names:
        hint = "`reconciler apply` adopts or creates it"
        raise UsageError(f"the spec {names[word]} stands for {word!r} already", hint=hint)
    near = did_you_mean(word, [agent.name for agent in unmanaged])
    hint = near or "`reconciler import` lists the unmanaged agents"
    raise UsageError(f"no unmanaged agent has the name or id {word!r}", hint=hint)


_TWINS: Final = "names must be unique: rename one in the dashboard, then import"


def _not_to_be(agent: LiveAgent, twins: Counter[str], names: Mapping[str, str]) -> str | None:
    if twins[agent.name] > 1:
        return f"{twins[agent.name]} live agents have this name; {_TWINS}"
    if agent.name in names:
        return f"the spec {names[agent.name]} has this name already"
    return None


def _drafted(
    site: Site,
    request: ImportRequest,
    agents: list[LiveAgent],
    plan: Plan,
    state: LedgerState,
) -> writing.Batch:
    normal = {agent.id: normalise(agent.document) for agent in plan.unmanaged}
    known = {record.agent_id: record.answer for record in state.records.values()}
    by_hand = writing.hand_written({**known, **normal})
    documents = _documents_of_specs(site)
    return writing.make(
        [
            writing.Original(
                agent.id, agent.name, agent.document, normal[agent.id], agent.id in by_hand
            )
            for agent in agents
        ],
        writing.surroundings(site.loaded, site.environment),
        reserved=(*state.records, *state.intents, *_old_keys(site)),
        managed=documents,
        with_defaults=request.with_defaults,
    )


def _documents_of_specs(site: Site) -> list[Document] | None:
    """What all specs declare, in every environment; None when that can not be told."""
    try:
        return [
            agent.declared
            for environment in site.loaded.project.environments
            for agent in load_specs(site.loaded, environment)[0].agents
        ]
    except SpecsInvalid:
        return None


def _old_keys(site: Site) -> Iterator[str]:
    for agent in load_specs(site.loaded, site.environment)[0].agents:
        if agent.moved_from is not None:
            yield agent.moved_from


def _imported(agent: LiveAgent, made: writing.Made) -> Imported:
    return Imported(
        agent=agent,
        key=made.key,
        files=made.files,
        secrets=made.draft.secrets if made.draft else (),
        notes=made.draft.notes if made.draft else (),
        error=made.error,
    )
