"""`reconciler rollback`."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reconciler.cli.allow import allow_options, target_option
from reconciler.cli.apply_command import _outcome, _Talk
from reconciler.cli.memory import opened_ledger
from reconciler.cli.plan_command import _save, exit_code_of, plan_output, request_of
from reconciler.cli.root import Options
from reconciler.cli.site import open_site, output_width, run_async
from reconciler.errors import UsageError

if TYPE_CHECKING:
    from reconciler.model.change import Plan
    from reconciler.workflow import Request


@click.command(help="Put back what the apply ID replaced: as a plan, and after asking.")
@click.argument("run_id", metavar="ID")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="F",
    help="Save the plan and write nothing; its digest is for --expect.",
)
@click.option("--expect", metavar="DIGEST", help="Make only the plan of this digest.")
@click.option("--auto-approve", is_flag=True, help="Do not ask.")
@target_option
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@allow_options
@click.pass_obj
def command(
    options: Options,
    /,
    *,
    run_id: str,
    out: Path | None,
    expect: str | None,
    auto_approve: bool,
    target: tuple[str, ...],
    form: str,
    **allow: Any,
) -> int:
    from reconciler.journeys.rollback import Rollback

    ledger, _ = opened_ledger(options)
    instead = Rollback(ledger.run(run_id), ledger.history_of)
    request = replace(request_of(target, allow), instead=instead, expected_digest=expect)
    if out is not None:
        return _planned(options, request, out, form)
    unasked = auto_approve or expect is not None
    if not unasked and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "there is no terminal to ask on",
            code="NO_TERMINAL",
            hint="look at the plan with `--out F`, then give `--expect DIGEST` or `--auto-approve`",
        )
    return _applied(options, request, form, ask=not unasked)


def _planned(options: Options, request: "Request", out: Path, form: str) -> int:
    from reconciler import report, workflow

    async def main() -> "Plan":
        async with open_site(options) as site:
            return await workflow.plan(site, request)

    plan = run_async(main)
    _save(report.dump(report.plan_json(plan)), out)
    click.echo(plan_output(plan, form, options), color=True)
    return exit_code_of(plan, detailed=False)


def _applied(options: Options, request: "Request", form: str, *, ask: bool) -> int:
    from reconciler import report

    outcome = _outcome(options, request, _Talk(options, form, ask=ask))
    if form == "json":
        click.echo(report.dump(report.outcome_json(outcome)))
    elif outcome.changes:
        text = report.outcome_text(outcome, color=options.color, width=output_width())
        click.echo(text, color=True)
    return outcome.exit_code
