"""Reasons to write nothing, each with the figures and the way out (DESIGN.md 7)."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from reconciler.errors import Refused
from reconciler.model.change import Action, ApprovedPlan, Change, Guard, Origin, Plan
from reconciler.model.counting import counted, is_or_are
from reconciler.model.live import LiveAgent
from reconciler.nouns import noun
from reconciler.planning.inputs import PlanInputs


@noun
class GuardedView:
    """What the guards look at. `vanished` are keys whose agent is gone live without our doing."""

    inputs: PlanInputs
    changes: Sequence[Change]
    managed: int
    vanished: Sequence[str]
    unmanaged: Sequence[LiveAgent]

    def of(self, action: Action) -> list[Change]:
        return [c for c in self.changes if c.action is action and c.blocked is None]


def guards_of(view: GuardedView) -> tuple[Guard, ...]:
    """Every guard that refuses, in a fixed order."""
    return tuple(
        guard
        for look in (_organisation, _empty_specs, _vanished, _deletes, _protected, _quiet)
        for guard in look(view)
    ) + tuple(guard for look in (_adoption, _drift, _updates) for guard in look(view))


def _organisation(view: GuardedView) -> Iterator[Guard]:
    found = {a.organisation_id for a in view.inputs.live if a.organisation_id is not None}
    for owner, expected in (
        (f"environment {view.inputs.environment}", view.inputs.organisation_id),
        ("the ledger", view.inputs.state.organisation_id),
    ):
        if expected is not None and found and found != {expected}:
            yield Guard(
                "organisation",
                f"the API key belongs to organisation {', '.join(sorted(found))}, but {owner} "
                f"belongs to {expected}",
                "use the API key of the right organisation, or correct `organisation_id`",
            )
    for name, other in view.inputs.project.environments.items():
        if name != view.inputs.environment and other.organisation_id in found:
            yield Guard(
                "organisation",
                f"the API key belongs to organisation {other.organisation_id}, which is that of "
                f"environment {name}: each would delete the other's agents",
                "use the API key of an organisation of its own",
            )


def _empty_specs(view: GuardedView) -> Iterator[Guard]:
    specs = view.inputs.specs
    empty = not specs.agents and not specs.skipped
    if (empty or not specs.found) and not view.inputs.approval.empty:
        yield Guard(
            "empty_specs",
            f"the specs folder {view.inputs.project.specs!r} is missing, unreadable or holds no "
            f"spec, while {counted(view.managed, 'agent')} {is_or_are(view.managed)} managed",
            "check out the specs, or pass --allow-empty if no agent is to be left",
        )


def _beyond(count: int, view: GuardedView) -> bool:
    limits = view.inputs.project.deletion
    if count <= 1:
        # One at a time is what people do by hand: max_count 0 is how to forbid even that.
        return count > limits.max_count
    return count > limits.max_count or count * 100 > limits.max_percent * view.managed


def _limits(view: GuardedView) -> str:
    limits = view.inputs.project.deletion
    return f"the limits are {counted(limits.max_count, 'agent')} and {limits.max_percent:g} %"


def _share(count: int, view: GuardedView) -> str:
    return f"{count} of {counted(view.managed, 'managed agent')}"


def _vanished(view: GuardedView) -> Iterator[Guard]:
    count, allowed = len(view.vanished), view.inputs.approval.vanished
    empty_list = not view.inputs.live and count > 0
    if (empty_list or _beyond(count, view)) and (allowed is None or count > allowed):
        listed = "the API lists no agents at all" if empty_list else _limits(view)
        yield Guard(
            "vanished",
            f"{_share(count, view)} {is_or_are(count)} missing live; {listed}. A key of another "
            "organisation looks just like this",
            f"check the API key, then pass --allow-vanished {count} if they are really gone",
        )


def _deletes(view: GuardedView) -> Iterator[Guard]:
    count, allowed = len(view.of(Action.DELETE)), view.inputs.approval.deletes
    if _beyond(count, view) and (allowed is None or count > allowed):
        share = count * 100 / view.managed if view.managed else 100
        yield Guard(
            "deletes",
            f"{_share(count, view)} ({share:.0f} %) would be deleted; {_limits(view)}",
            f"pass --allow-deletes {count} if this is meant",
        )


def _protected(view: GuardedView) -> Iterator[Guard]:
    if view.inputs.is_rollback:
        why, instead = "the rollback would delete it", "name the others with `--target`"
    else:
        why, instead = "its spec is gone", "put the spec back"
    for change in view.of(Action.DELETE):
        if change.record is not None and change.record.lifecycle.prevent_destroy:
            yield Guard(
                "prevent_destroy",
                f"{change.key} ({change.name}) is protected by prevent_destroy, and {why}",
                f"{instead}; to delete the agent, apply it once with "
                "`prevent_destroy: false` first",
            )


def _quiet(view: GuardedView) -> Iterator[Guard]:
    hours = view.inputs.project.deletion.quiet_hours
    for change in view.of(Action.DELETE) if hours else ():
        since = _latest_call(change, view)
        if since is not None:
            yield Guard(
                "quiet_hours",
                f"{change.key} ({change.name}) {since}; an agent is deleted after {hours:g} "
                f"{'hour' if hours == 1 else 'hours'} without one",
                "wait, or lower deletion.quiet_hours in reconciler.yaml",
            )


def _latest_call(change: Change, view: GuardedView) -> str | None:
    """What is known of the latest call, unless it is long ago or there never was one."""
    calls, agent_id = view.inputs.last_calls, change.agent_id or ""
    if agent_id not in calls:
        return "may have had a call just now (it is not known)"
    last = calls[agent_id]
    hours = timedelta(hours=view.inputs.project.deletion.quiet_hours)
    if last is None or view.inputs.now - last >= hours:
        return None
    return f"had a call at {last:%Y-%m-%d %H:%M} UTC"


def _adoption(view: GuardedView) -> Iterator[Guard]:
    overwriting = [c for c in view.of(Action.ADOPT) if c.fields]
    policy, allowed = view.inputs.project.adoption, view.inputs.approval.adopt
    if not overwriting or policy == "allow":
        return
    if policy == "ask" and allowed is not None and len(overwriting) <= allowed:
        return
    names = ", ".join(f"{c.key} ({c.agent_id})" for c in overwriting[:5])
    more = f" and {len(overwriting) - 5} more" if len(overwriting) > 5 else ""  # noqa: PLR2004  # as above
    way_out = (
        f"pass --allow-adopt {len(overwriting)} to overwrite them"
        if policy == "ask"
        else "rename the specs, or set `adoption: ask` in reconciler.yaml"
    )
    yield Guard(
        "adoption",
        "1 live agent has the name of a spec but was never applied from here, and differs from "
        f"it: {names}"
        if len(overwriting) == 1
        else f"{len(overwriting)} live agents have the name of a spec but were never applied from "
        f"here, and differ from it: {names}{more}",
        way_out,
    )


def _drift(view: GuardedView) -> Iterator[Guard]:
    project = view.inputs.project
    stops = {
        Origin.DRIFT: (project.on_drift == "stop", "drift", "changed live"),
        Origin.CONFLICT: (
            project.on_conflict == "stop" or project.on_drift == "stop",
            "conflict",
            "changed both live and in git",
        ),
    }
    for origin, (stop, code, what) in stops.items():
        keys = [c.key for c in view.changes if any(f.origin is origin for f in c.fields)]
        if stop and keys:
            yield Guard(
                code,
                f"{counted(len(keys), 'agent')} {'was' if len(keys) == 1 else 'were'} {what} "
                f"since the last apply: {', '.join(keys[:5])}",
                "take the live values into the specs, undo them live, or change "
                f"`on_{code}` in reconciler.yaml",
            )


def _updates(view: GuardedView) -> Iterator[Guard]:
    limit, allowed = view.inputs.project.max_update_percent, view.inputs.approval.updates
    count = len([c for c in view.of(Action.UPDATE) if not c.only_secrets])
    if limit is None or count <= 1 or count * 100 <= limit * view.managed:
        return
    if allowed is None or count > allowed:
        yield Guard(
            "updates",
            f"{_share(count, view)} would be updated; the limit is {limit:g} %",
            f"pass --allow-updates {count} if this is meant",
        )


_SEAL = object()


def approve(plan: Plan, *, left_out: Sequence[str] = ()) -> ApprovedPlan:
    """The one way to an `ApprovedPlan`.

    Raises:
        Refused: a guard stands in the way.
    """
    if plan.guards:
        first = plan.guards[0]
        raise Refused(first.message, code=f"GUARD_{first.code.upper()}", hint=first.way_out)
    return ApprovedPlan(plan, tuple(left_out), _SEAL)
