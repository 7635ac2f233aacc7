"""`reconciler doctor`: checks a set-up, one line each, and says what to fix. Writes nothing."""

import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

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
    from reconciler.model.project import Environment
    from reconciler.specs import LoadedProject

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
    yield from _guarded("specs", partial(_specs, loaded, options))
    yield from repo_checks(options, needed=project.ledger.backend == "git")
    for name in names:
        chosen = replace(options, env=name)
        environment = project.environments.get(name)
        if environment is None:
            known = ", ".join(sorted(project.environments))
            yield Check(f"{name}", "fail", "there is no such environment", f"there are {known}")
            continue
        yield from _guarded(f"{name} API", partial(_api, environment, chosen))
        yield from _guarded(f"{name} ledger", partial(_ledger, loaded, chosen))
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


def _api(environment: "Environment", options: Options) -> Iterator[Check]:
    """The key, the list of agents that it gives, the organisation, and the clock."""
    name = f"{options.env} API"

    async def organisations() -> tuple[int, set[str | None]]:
        async with open_site(options) as site:
            agents = await site.store.list_agents()
            return len(agents), {agent.organisation_id for agent in agents} - {None}

    count, found = run_async(organisations)
    reached = "the sandbox answers" if environment.api == "sandbox" else "the key is accepted"
    yield Check(name, "ok", f"{reached}, {counted(count, 'agent')}")
    yield _organisation(environment, found, f"{options.env} organisation")
    if environment.api != "sandbox":
        yield from _clock(environment.api, f"{options.env} clock")


def _organisation(environment: "Environment", found: set[str | None], name: str) -> Check:
    wanted = environment.organisation_id
    live = ", ".join(sorted(each for each in found if each))
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


def _ledger(loaded: "LoadedProject", options: Options) -> Iterator[Check]:
    name = f"{options.env} ledger"
    ledger, _ = opened_ledger(options)
    state = ledger.read()
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
