"""`reconciler ledger migrate`: from the ledger configured now to another one."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from reconciler.cli.known_secrets import resolver
from reconciler.cli.root import Options
from reconciler.cli.run_info import new_run
from reconciler.errors import LedgerError, Refused, UsageError
from reconciler.model.counting import counted

if TYPE_CHECKING:
    from reconciler.ledger import FullLedger
    from reconciler.model.project import LedgerConfig
    from reconciler.specs import LoadedProject


@click.command(
    help="Copy the ledger to another backend: of all environments, or of the one that -e names. "
    "The old one stays as it is; reconciler.yaml is yours to change, and what to write there is "
    "printed."
)
@click.option(
    "--to",
    "backend",
    type=click.Choice(["sqlite", "git", "postgres"]),
    required=True,
    help="Where.",
)
@click.option("--branch", metavar="NAME", help="git: the beginning of the branches' names.")
@click.option("--remote", metavar="NAME", help="git: the remote that has the branches.")
@click.option("--url-env", metavar="NAME", help="postgres: the variable with the database's URL.")
@click.pass_obj
def migrate(options: Options, /, **wanted: str | None) -> None:
    from reconciler.ledger import migrate as copy
    from reconciler.report.escaping import inline
    from reconciler.specs import load_project

    loaded = load_project(options.folder)
    target = _config(loaded, wanted)
    pairs = {
        name: (_opened(options, loaded, loaded.project.ledger, name), empty)
        for name in _environments(loaded, options)
        for empty in [_opened(options, loaded, target, name)]
    }
    for name in _to_copy(pairs):
        state = copy(*pairs.pop(name), run=new_run(options.folder))
        agents = counted(len(state.records), "agent")
        click.echo(f"{inline(name)}: {agents} and the history copied.", err=True)
    for name in pairs:
        click.echo(f"{inline(name)}: it has no ledger yet, nothing to copy.", err=True)
    _say_what_is_left(loaded, target, options)


def _config(loaded: "LoadedProject", wanted: dict[str, str | None]) -> "LedgerConfig":
    """The ledger that the flags describe, held to the rules of the project file."""
    from pydantic import ValidationError

    from reconciler.model.project_file import LedgerConfig, noun
    from reconciler.model.values import SecretRef

    url = wanted.pop("url_env")
    if wanted["backend"] == "postgres" and url is None:
        raise UsageError(
            "which database? Nothing says where its URL is found",
            hint="name the variable that holds it: `--url-env LEDGER_URL`",
        )
    try:
        config = noun(LedgerConfig.model_validate({**wanted, "url": url and SecretRef("env", url)}))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        flag = "--" + str(first["loc"][0]).replace("url", "url-env")
        raise UsageError(f"reconciler.yaml would not take that {flag}: {first['msg']}") from error
    if config == loaded.project.ledger:
        raise UsageError("that is the ledger that reconciler.yaml names already")
    return config


def _environments(loaded: "LoadedProject", options: Options) -> list[str]:
    """One ledger setting serves all environments, so all of them move.

    The embedded sandbox is on this machine alone, and so is its memory: it stays.
    """
    environments = loaded.project.environments
    if options.env is not None and options.env not in environments:
        raise UsageError(
            f"there is no environment {options.env!r}; this project has "
            f"{', '.join(sorted(environments))}",
            code="NO_ENVIRONMENT",
        )
    wanted = [options.env] if options.env is not None else sorted(environments)
    found = [name for name in wanted if environments[name].api != "sandbox"]
    if not found:
        raise UsageError(
            f"there is nothing to migrate: {', '.join(wanted)} is the embedded sandbox, which "
            "keeps its ledger beside it",
            hint="only change `ledger:` in reconciler.yaml",
        )
    return found


def _opened(
    options: Options, loaded: "LoadedProject", config: "LedgerConfig", environment: str
) -> "FullLedger":
    from reconciler.ledger import open_ledger

    return open_ledger(
        config,
        folder=options.folder,
        environment=environment,
        secret=resolver(options.folder, loaded.project.secret_folders),
        now=lambda: datetime.now(UTC),
    )


def _to_copy(pairs: "dict[str, tuple[FullLedger, FullLedger]]") -> list[str]:
    """The environments that have a ledger. Before anything is copied, all targets are looked at."""
    taken = [name for name, (_, target) in pairs.items() if target.read().has_memory]
    if taken:
        raise Refused(
            f"the target is not empty: it holds a ledger of {', '.join(taken)}",
            code="LEDGER_NOT_EMPTY",
            hint="nothing was copied; choose an empty place, or name an environment that is not "
            "there yet with `-e`",
        )
    found = [name for name, (source, _) in pairs.items() if source.read().has_memory]
    if not found:
        raise LedgerError(
            f"there is no ledger to migrate ({', '.join(pairs)})",
            hint="the first apply makes it: only change `ledger:` in reconciler.yaml",
        )
    return found


def _say_what_is_left(loaded: "LoadedProject", target: "LedgerConfig", options: Options) -> None:
    from reconciler.report.escaping import inline

    environments = loaded.project.environments
    remote = {name for name, each in environments.items() if each.api != "sandbox"}
    others = sorted(remote - {options.env})
    if options.env is not None and others:
        click.echo(
            f"Not copied, and the setting is theirs too: {', '.join(map(inline, others))}.",
            err=True,
        )
    click.echo(
        f"The old ledger ({loaded.project.ledger.backend}) stays as it is. Until reconciler.yaml "
        "says this, in every branch and checkout that applies, applies still go there:",
        err=True,
    )
    click.echo(f"ledger:\n  backend: {target.backend}")
    for name, value in (("branch", target.branch), ("remote", target.remote)):
        if value is not None:
            click.echo(f"  {name}: {json.dumps(value)}")
    if target.url is not None:
        click.echo(f"  url: {{env: {target.url.name}}}")
