"""The journey, in order: specs in git and live agents become a plan, and a plan an outcome.

    specs in git ──► desired state ─┐
                                    ├─► diff ─► plan ─► apply ─► POST / PUT / DELETE
    live agents from the API ───────┤
    ledger (what we applied last) ──┘

Read this file first. It holds no rule of its own: `planning` decides, `applying` writes.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from reconciler import planning
from reconciler.errors import LedgerError, MissingSecret
from reconciler.model.change import Action, ApprovedPlan, Plan
from reconciler.model.ledger import Run
from reconciler.planning import PlanInputs, make_plan
from reconciler.site import Request, Site
from reconciler.sources import read_sources

if TYPE_CHECKING:  # what a plan does not need is imported where it is used: a plan is waited for
    import asyncio

    from reconciler.applying import Progress
    from reconciler.model.drift import DriftReport
    from reconciler.model.outcome import Outcome


__all__ = ["Request", "Site", "apply", "drift", "plan"]

_ANNOUNCED: Final = 64
"""So many changes at a time: the ledger has heard of them long before they are made, and what it
is to hear besides need not wait for long."""

_SETTLED: Final = "settled"


async def plan(site: Site, request: Request) -> Plan:
    """What an apply would do now. Writes nothing, anywhere, but what saves the next plan time."""
    inputs = await _observe(site, request)
    made = make_plan(await _with_last_calls(site, inputs))
    if site.memo is not None:
        if made.settled != inputs.settled:
            site.memo.put(_SETTLED, made.settled)
        site.memo.save()
    return made


async def drift(site: Site, *, strict: bool = False) -> "DriftReport":
    """What changed live since the last apply."""
    return planning.drift_of(await _observe(site, Request()), strict=strict)


async def apply(
    site: Site,
    request: Request,
    run: Run,
    *,
    agree: Callable[[Plan], None],
    progress: "Progress",
    stop: "asyncio.Event",
) -> "Outcome":
    """Lock, list, plan, approve, write, in that order.

    `agree` shows the plan and raises `Refused` unless a person (or a flag) says yes.

    Raises:
        Locked, Refused, MissingSecret, SpecsInvalid, LiveError, LedgerError: before any write.
    """
    from reconciler.model.outcome import Outcome  # noqa: PLC0415  # not for a plan

    outcome: Outcome | None = None
    try:
        with site.ledger.lock(run):
            seen = await _observe(site, request)
            from reconciler.ledger import new_salt  # noqa: PLC0415  # not for a plan

            # A ledger that is yet to be made remembers secrets from its first run on.
            state = replace(seen.state, salt=seen.state.salt or new_salt())
            seen = replace(seen, state=state, hashes=site.hashes(state))
            inputs = await _with_last_calls(site, seen)
            made = make_plan(inputs)
            left_out = planning.not_reviewed(made, request.reviewed, request.expected_digest)
            agree(made)
            approved = planning.approve(made, left_out=left_out)
            _require_secrets(approved, site)
            if not (made.changes or made.in_sync or made.stale):
                return Outcome(made, ())
            outcome = await _write(site, inputs, approved, run=run, progress=progress, stop=stop)
    except LedgerError as error:
        if outcome is None:
            raise
        outcome = outcome.with_ledger_error(error)
    return outcome


async def _observe(site: Site, request: Request) -> PlanInputs:
    found = await read_sources(site.loading(), site.ledger, site.store, blocking=site.blocking)
    observed = PlanInputs(
        environment=site.environment,
        project=site.loaded.project,
        organisation_id=site.organisation_id,
        specs=found.specs,
        live=found.live,
        state=found.state,
        now=site.now(),
        approval=request.approval,
        targets=request.targets,
        hashes=site.hashes(found.state),
        settled=(site.memo and site.memo.get(_SETTLED)) or {},
        notes=tuple(f"{w.position}: {w.message}" for w in found.warnings),
    )
    return request.instead(observed) if request.instead else observed


async def _with_last_calls(site: Site, inputs: PlanInputs) -> PlanInputs:
    """A delete that must wait for quiet needs to know when the agent had its last call."""
    if not inputs.project.deletion.quiet_hours:
        return inputs
    deletes = [c for c in make_plan(inputs).changes if c.action is Action.DELETE]
    calls = {c.agent_id: await site.store.last_call_at(c.agent_id) for c in deletes if c.agent_id}
    return replace(inputs, last_calls=calls)


def _require_secrets(approved: ApprovedPlan, site: Site) -> None:
    from reconciler.applying import required_secrets  # noqa: PLC0415  # not for a plan

    missing = [ref for ref in required_secrets(approved) if not site.secret(ref)]
    if missing:
        names = ", ".join(str(ref) for ref in missing)
        raise MissingSecret(
            f"secrets that this apply must send are not set: {names}",
            hint="set them and apply again; nothing was written",
        )


async def _write(
    site: Site,
    inputs: PlanInputs,
    approved: ApprovedPlan,
    *,
    run: Run,
    progress: "Progress",
    stop: "asyncio.Event",
) -> "Outcome":
    from reconciler.applying import Applier, ApplySettings, World, recorded  # noqa: PLC0415  # as above

    ids = {agent.organisation_id for agent in inputs.live if agent.organisation_id}
    known = min(ids, default=None)
    world = World(
        store=site.store,
        ledger=site.ledger,
        referee=planning.PlanningReferee(inputs.hashes.text, inputs.state.records),
        run=run,
        now=site.now,
        known_ids=frozenset(agent.id for agent in inputs.live),
    )
    settings = ApplySettings(
        workers=inputs.project.concurrency,
        max_failures=inputs.project.max_failures,
        # To push once is worth more than to begin early.
        announced_together=None if inputs.project.ledger.backend == "git" else _ANNOUNCED,
        proves=None if known else inputs.organisation_id or inputs.state.organisation_id,
    )
    applier = Applier(approved, world, settings, progress, stop)
    return await recorded(applier, inputs.state, known)
