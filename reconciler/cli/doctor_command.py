"""`reconciler doctor`: checks a set-up, one line each, and says what to fix. Writes nothing."""

import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import click

from reconciler.cli.doctor_repo import Check, Status, ledger_remote_checks, repo_checks
from reconciler.cli.known_secrets import masked, resolver
from reconciler.cli.memory import opened_ledger
from reconciler.cli.notify_command import targets_of
from reconciler.cli.root import Options
from reconciler.cli.site import open_site, run_async
from reconciler.cli.state import state_folder
from reconciler.errors import ExitCode, ReconcilerError, SpecsInvalid
from reconciler.model.counting import counted

if TYPE_CHECKING:
    from reconciler.model.project import Environment, Project
    from reconciler.specs import LoadedProject

Seen: TypeAlias = dict[str, set[str]]
"""The organisation ids that an environment is known by: from git, the API, and the ledger."""

_SKEW: Final = (30, 300)  # seconds: worth a warning, and a failure
_COLORS: Final[dict[str, str]] = {"ok": "green", "warn": "yellow", "fail": "red"}


@click.command(help="Check a set-up and say what to fix. Writes nothing.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.pass_obj
def command(options: Options, /, *, form: str) -> int:
    from reconciler import report

    checks = list(_all(options))
    ok = not any(check.status == "fail" for check in checks)
    if form == "json":
        document = {"format_version": 1, "ok": ok, "checks": [asdict(check) for check in checks]}
        click.echo(masked(report.dump(document)))
    else:
        for check in checks:
            click.echo(_line(check, options), color=True)
    return ExitCode.DONE if ok else ExitCode.FAILED


def _line(check: Check, options: Options) -> str:
    from reconciler.report.escaping import inert, inline

    status = f"{check.status:<4}"
    shown = click.style(status, fg=_COLORS[check.status]) if options.color else status
    fix = f"; {check.fix}" if check.fix and check.status != "ok" else ""
    return f"{shown}  {inert(masked(inline(f'{check.check}: {check.message}{fix}')))}"


def _all(options: Options) -> Iterator[Check]:
    from reconciler.specs import load_project

    try:
        loaded = load_project(options.folder)
    except SpecsInvalid as invalid:
        yield Check("project", "fail", invalid.message, "`reconciler validate` shows where")
        return
    yield Check("project", "ok", "reconciler.yaml is valid")
    project = loaded.project
    names = [options.env] if options.env else list(project.environments)
    seen = _configured(project)
    yield from _guarded("specs", partial(_specs, loaded, options))
    yield from repo_checks(options, needed=project.ledger.backend == "git")
    for name in names:
        chosen = replace(options, env=name)
        environment = project.environments.get(name)
        if environment is None:
            known = ", ".join(sorted(project.environments))
            yield Check(f"{name}", "fail", "there is no such environment", f"there are {known}")
            continue
        yield from _guarded(f"{name} API", partial(_api, environment, chosen, seen))
        yield from _guarded(f"{name} ledger", partial(_ledger, loaded, chosen, seen))
    yield from _organisations(seen)
    if project.ledger.backend == "git":
        yield from ledger_remote_checks(project.ledger, options)
    yield from _guarded("notify", partial(_notify, loaded, options))
    yield from _guarded("CI", _ci)


def _guarded(name: str, look: Callable[[], Iterator[Check]]) -> Iterator[Check]:
    """A check that can not even be made has failed."""
    try:
        yield from look()
    except ReconcilerError as error:
        yield Check(name, "fail", error.message, error.hint)


def _specs(loaded: "LoadedProject", options: Options) -> Iterator[Check]:
    from reconciler import specs

    problems = specs.validate(loaded, options.env)
    errors = sum(problem.severity == "error" for problem in problems)
    fix = "`reconciler validate` shows them"
    if errors:
        yield Check("specs", "fail", counted(errors, "error"), fix)
    elif problems:
        yield Check("specs", "warn", counted(len(problems), "warning"), fix)
    else:
        yield Check("specs", "ok", "all specs are valid")


def _configured(project: "Project") -> Seen:
    """Those of the project file. The embedded sandbox is an organisation of its own."""
    return {
        name: {each.organisation_id} if each.organisation_id else set()
        for name, each in project.environments.items()
        if each.api != "sandbox"
    }


def _organisations(seen: Seen) -> Iterator[Check]:
    """Two environments of one organisation would delete each other's agents (DESIGN.md 3)."""
    names = "organisations"
    known = {name: ids for name, ids in seen.items() if ids}
    shared = [
        (each, owners)
        for each in sorted({each for ids in known.values() for each in ids})
        if len(owners := [name for name, ids in known.items() if each in ids]) > 1
    ]
    for organisation, owners in shared:
        message = f"{' and '.join(owners)} are one organisation, {organisation}"
        fix = "give each an API key of its own organisation: each apply would delete what the "
        fix += "other one made"
        yield Check(names, "fail", message, fix)
    if len(known) > 1 and not shared:
        yield Check(names, "ok", "each environment has its own")


def _api(environment: "Environment", options: Options, seen: Seen) -> Iterator[Check]:
    """The key, the list of agents that it gives, the organisation, and the clock."""
    name = f"{options.env} API"

    async def organisations() -> tuple[int, set[str]]:
        async with open_site(options) as site:
            agents = await site.store.list_agents()
            return len(agents), {a.organisation_id for a in agents if a.organisation_id}

    count, found = run_async(organisations)
    seen.get(str(options.env), set()).update(found)
    reached = "the sandbox answers" if environment.api == "sandbox" else "the key is accepted"
    yield Check(name, "ok", f"{reached}, {counted(count, 'agent')}")
    yield _organisation(environment, found, f"{options.env} organisation")
    if environment.api != "sandbox":
        yield from _clock(environment.api, f"{options.env} clock")


def _organisation(environment: "Environment", found: set[str], name: str) -> Check:
    wanted = environment.organisation_id
    live = ", ".join(sorted(found))
    if environment.api == "sandbox":
        return Check(name, "ok", "the sandbox's own")
    if wanted is None:
        fix = f"write `organisation_id: {live or '…'}`, so that no other key can be taken for it"
        return Check(name, "warn", "`organisation_id` is not set", fix)
    if not found:
        return Check(name, "warn", "there is no agent yet, so it can not be seen")
    if found != {wanted}:
        fix = "the key is another organisation's, or the id is wrong"
        return Check(name, "fail", f"the agents are of {live}, not of {wanted}", fix)
    return Check(name, "ok", "as configured")


def _clock(api: str, name: str) -> Iterator[Check]:
    from reconciler.hosting.probes import server_time

    there = server_time(api)
    if there is None:
        yield Check(name, "warn", "the API's answer has no date to compare with")
        return
    skew = abs((datetime.now(UTC) - there).total_seconds())
    status: Status = "ok" if skew < _SKEW[0] else "warn" if skew < _SKEW[1] else "fail"
    away = f"{counted(round(skew), 'second')} from the API's"
    yield Check(name, status, away, "set this machine's clock")


def _ledger(loaded: "LoadedProject", options: Options, seen: Seen) -> Iterator[Check]:
    name = f"{options.env} ledger"
    ledger, _ = opened_ledger(options)
    state = ledger.read()
    if state.organisation_id is not None:
        seen.get(str(options.env), set()).add(state.organisation_id)
    backend = loaded.project.ledger.backend
    remembered = f"{counted(len(state.records), 'agent')} remembered"
    known = remembered if state.has_memory else "nothing applied yet"
    if backend == "sqlite":
        folder = state_folder(options.folder)
        places = [p for p in (folder / "ledger.db", folder) if p.exists()] or [options.folder]
        stuck = [str(place) for place in places if not os.access(place, os.W_OK)]
        if stuck:
            yield Check(name, "fail", f"{stuck[0]} can not be written", "mend its permissions")
            return
        if os.environ.get("CI"):
            fix = "write `ledger: {backend: git}`"
            yield Check(name, "warn", "sqlite in CI: a fresh checkout remembers nothing", fix)
            return
    yield Check(name, "ok", f"{backend}, {known}")


def _notify(loaded: "LoadedProject", options: Options) -> Iterator[Check]:
    if not loaded.project.notify:
        return
    missing: list[str] = []
    targets = targets_of(loaded, options, warn=missing.append)
    yield from (Check("notify", "warn", text, "set the variable") for text in missing)
    if find_spec("apprise") is None:
        fix = "install `reconciler[notify]`"
        yield Check("notify", "fail", "the package apprise is not installed", fix)
    elif targets:
        known = counted(len(targets), "target")
        yield Check("notify", "ok", f"{known}; whether that works is not tried")


def _ci() -> Iterator[Check]:
    """What of the CI system's permissions can be seen: whether the token reads the comments."""
    from reconciler import hosting

    run = hosting.ci_run(os.environ)
    if run.host is None or run.number is None or run.repo is None:
        return
    dialect = hosting.DIALECTS[run.host]
    name = run.token_name(run.host, os.environ)
    token = _variable(name)
    if not token:
        yield Check("CI", "warn", f"{name} is not set: no comment", dialect.permission)
        return
    with hosting.Rest(run.base_url or dialect.base_url, dialect.headers(token)) as rest:
        list(hosting.Thread(rest, dialect, run.repo, run.number).own())
    message = f"comments of {dialect.request} {run.number} can be read; writing is not tried"
    yield Check("CI", "ok", message)


def _variable(name: str) -> str | None:
    """A variable's value, masked from now on in whatever is shown."""
    from reconciler.model.values import SecretRef

    return resolver(Path(), ())(SecretRef("env", name))
