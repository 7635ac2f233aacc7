"""`reconciler apply`."""

import asyncio
import signal
import sys
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reconciler.cli.allow import allow_options, target_option
from reconciler.cli.notify_command import notify_apply, notify_failure
from reconciler.cli.plan_command import plan_output, request_of
from reconciler.cli.progress import progress_for
from reconciler.cli.root import Options
from reconciler.cli.run_info import new_run
from reconciler.cli.site import open_site, output_width, run_async
from reconciler.errors import ReconcilerError, Refused, UsageError

if TYPE_CHECKING:
    from reconciler.model.change import Plan
    from reconciler.model.outcome import Outcome
    from reconciler.model.plan_document import PlanDocument
    from reconciler.workflow import Request


_kept: list["Outcome"] = []
"""To the end of the process: to take it apart first takes longer than to print it."""


@click.command(help="Make the live agents what the specs say, after asking.")
@click.argument("plan_file", type=click.Path(path_type=Path), required=False, metavar="[PLAN]")
@click.option("--expect", metavar="DIGEST", help="Apply only the plan of this digest.")
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
    plan_file: Path | None,
    expect: str | None,
    auto_approve: bool,
    target: tuple[str, ...],
    form: str,
    **allow: Any,
) -> int:
    from reconciler import report

    reviewed = _load(plan_file) if plan_file is not None else None
    unasked = auto_approve or reviewed is not None or expect is not None
    if not unasked and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "there is no terminal to ask on",
            code="NO_TERMINAL",
            hint="give a reviewed plan file, `--expect DIGEST` or `--auto-approve`",
        )
    request = replace(request_of(target, allow), expected_digest=expect)
    if reviewed is not None:
        request = _as_reviewed(request, reviewed)
    talk = _Talk(options, form, ask=not unasked)
    outcome = _outcome(options, request, talk)
    _kept[:] = [outcome]
    notify_apply(options, outcome)
    if form == "json":
        click.echo(report.dump(report.outcome_json(outcome)))
    elif outcome.changes:
        click.echo(
            report.outcome_text(outcome, color=options.color, width=output_width()), color=True
        )
    return outcome.exit_code


@dataclass(slots=True)
class _Talk:
    """What is said while an apply runs: the plan, and the question."""

    options: Options
    form: str
    ask: bool
    plan: "Plan | None" = None

    def agree(self, plan: "Plan") -> None:
        self.plan = plan
        if self.form == "text" and not self.options.quiet:
            click.echo(plan_output(plan, "text", self.options), color=True)
        if self.ask and plan.changes and not plan.guards:
            _ask(plan)


def _outcome(options: Options, request: "Request", talk: _Talk) -> "Outcome":
    from reconciler import workflow

    async def main() -> "Outcome":
        stop = asyncio.Event()
        async with open_site(options) as site:
            with progress_for(options) as progress:

                def agree(plan: "Plan") -> None:
                    talk.agree(plan)
                    progress.expect(len(plan.changes))
                    _stop_on_signals(stop)

                return await workflow.apply(
                    site,
                    request,
                    new_run(options.folder),
                    agree=agree,
                    progress=progress,
                    stop=stop,
                )

    try:
        return run_async(main)
    except Refused as refusal:
        if talk.plan is None or not talk.plan.guards or talk.form == "text":
            raise
        return _nothing_started(talk.plan, refusal)
    except ReconcilerError as failure:
        notify_failure(options, failure)
        raise


def _load(path: Path) -> "PlanDocument":
    from pydantic import ValidationError

    from reconciler.model.plan_document import PlanDocument

    try:
        return PlanDocument.model_validate_json(path.read_bytes())
    except OSError as error:
        raise UsageError(f"the plan {path} can not be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "the document"
        raise UsageError(
            f"{path} is not a plan of this version: {place}: {first['msg']}",
            hint="make it with `reconciler plan --out`",
        ) from error


def _as_reviewed(request: "Request", reviewed: "PlanDocument") -> "Request":
    """What was allowed when the plan was made is allowed now; flags given now add to it."""
    given = {
        field.name: getattr(request.approval, field.name) or getattr(reviewed.allow, field.name)
        for field in fields(request.approval)
    }
    return replace(request, reviewed=reviewed, approval=replace(request.approval, **given))


def _ask(plan: "Plan") -> None:
    question = f"Apply these changes to {plan.environment}? Only 'yes' will do"
    # asyncio takes the first Ctrl-C for itself, and a prompt would not hear of it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        answer = click.prompt(question, default="", show_default=False, err=True)
    finally:
        signal.signal(signal.SIGINT, before)
    if answer != "yes":
        raise Refused("not approved: nothing was written", code="NOT_APPROVED")


def _stop_on_signals(stop: asyncio.Event) -> None:
    """From now on Ctrl-C lets what is in flight end and starts nothing new; a second one kills."""
    loop = asyncio.get_running_loop()

    def on_signal() -> None:
        stop.set()
        click.echo("Stopping: waiting for what is in flight.", err=True)
        for kind in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(kind)

    for kind in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(kind, on_signal)


def _nothing_started(plan: "Plan", refusal: Refused) -> "Outcome":
    from reconciler.model.outcome import ChangeOutcome, Outcome, Result

    return Outcome(
        plan,
        tuple(ChangeOutcome(c, Result.NOT_STARTED, refusal.message) for c in plan.changes),
    )
