"""`reconciler ledger`."""

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from reconciler.cli.ledger_migrate import migrate
from reconciler.cli.memory import opened_ledger
from reconciler.cli.root import Options, group_of_commands
from reconciler.cli.run_info import new_run
from reconciler.cli.site import output_width
from reconciler.errors import LedgerError, Locked, Refused, UsageError

if TYPE_CHECKING:
    from reconciler.ledger import FullLedger
    from reconciler.model.ledger import LedgerState, Run

_format = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)


command = group_of_commands("Look at and mend the ledger.")


command.add_command(migrate)


@command.command(help="Show what is remembered: of all agents, or of one KEY.")
@click.argument("key", required=False, metavar="[KEY]")
@_format
@click.pass_obj
def show(options: Options, /, *, key: str | None, form: str) -> None:
    from reconciler import report
    from reconciler.report import ledger_text as told
    from reconciler.report.look import Look

    ledger, environment = opened_ledger(options)
    state = ledger.read()
    if key is not None:
        _known(state, key, environment)
        record, intent = state.records.get(key), state.intents.get(key)
        document = told.one_record_json(key, record, intent)
        text = told.one_record_text(key, record, intent)
    else:
        holder, damage = ledger.holder(), ledger.damage()
        document = told.ledger_json(environment, state, holder, damage)
        look = Look(options.color, output_width(), options.verbose)
        text = told.ledger_text(environment, state, holder, damage, look)
    click.echo(report.dump(document) if form == "json" else text, color=True)


@command.command(help="Forget KEY: its live agent stays as it is and becomes unmanaged.")
@click.argument("key")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def forget(options: Options, /, *, key: str, yes: bool) -> None:
    from reconciler.report.escaping import inline

    ledger, environment = opened_ledger(options)
    _known(ledger.read(), key, environment)
    if not yes:
        _ask(f"Forget {key} of {environment}?")
    run = new_run(options.folder)
    with ledger.lock(run):
        agent_id = _forget(ledger, key, environment, run)
    click.echo(
        f"Forgot {inline(key)}. Agent {inline(agent_id or 'of an unfinished create')} is left as "
        "it is. With a spec of its name, the next plan shows it as an adopt.",
        err=True,
    )


def _forget(ledger: "FullLedger", key: str, environment: str, run: "Run") -> str | None:
    """Forget a key under the lock, and keep that in the history."""
    from reconciler.model.ledger import HistoryEntry

    state = ledger.read()
    _known(state, key, environment)  # somebody may have been faster
    record = state.records.get(key)
    agent_id = record.agent_id if record else None
    at = datetime.now(UTC)
    ledger.start(run)
    ledger.forget(key)
    ledger.remember(HistoryEntry(run.id, at, key, "forget", agent_id, "done"))
    ledger.finish(run.id, "done")
    return agent_id


@command.command(help="Say who holds the lock; take it from a run that is stuck elsewhere.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def unlock(options: Options, /, *, yes: bool) -> None:
    from reconciler.report.escaping import inline
    from reconciler.report.ledger_text import holder_said

    ledger, environment = opened_ledger(options)
    holder = ledger.holder()
    if holder is None:
        click.echo(
            f"Nobody holds the lock of {inline(environment)}. It goes with its holder: there is "
            "nothing to break.",
            err=True,
        )
        return
    if not yes and not _has_terminal():
        raise Locked(
            f"environment {environment} is locked: {holder_said(holder)}",
            hint="to take the lock away, say it with `--yes`",
        )
    if not yes:
        _ask(f"Take the lock of {environment} ({holder_said(holder)}) away?")
    try:
        taken = ledger.unlock()
    except LedgerError as error:  # a lock of the operating system goes with its process alone
        raise Locked(
            f"environment {environment} stays locked: {error.message}", hint=error.hint
        ) from error
    said = "that run can not write any more; the next apply finishes what it began"
    click.echo(f"Taken: {holder_said(taken)}; {said}." if taken else "It was free.", err=True)


@command.command(help="Print the ledger of one environment as JSON, history and documents too.")
@click.pass_obj
def export(options: Options, /) -> None:
    from reconciler import report

    ledger, _ = opened_ledger(options)
    click.echo(report.dump(ledger.export()))


def _known(state: "LedgerState", key: str, environment: str) -> None:
    if key not in state.records and key not in state.intents:
        raise UsageError(
            f"the ledger of {environment} does not know the key {key}",
            code="UNKNOWN_KEY",
            hint="`reconciler ledger show` lists the keys",
        )


def _has_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _ask(question: str) -> None:
    from reconciler.report.escaping import inline

    if not _has_terminal():
        raise UsageError(
            "there is no terminal to ask on", code="NO_TERMINAL", hint="say it with `--yes`"
        )
    asked = f"{inline(question)} Only 'yes' will do"
    if click.prompt(asked, default="", show_default=False, err=True) != "yes":
        raise Refused("not approved: nothing was done", code="NOT_APPROVED")
