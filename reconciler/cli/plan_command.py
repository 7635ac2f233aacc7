"""`reconciler plan`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reconciler.cli.allow import allow_options, target_option
from reconciler.cli.root import Options
from reconciler.cli.site import look, output_width
from reconciler.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from reconciler.model.change import Approval, Plan
    from reconciler.workflow import Request, Site


@click.command(help="Show what apply would do. Writes nothing.")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), metavar="F", help="Save the plan."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown", "html"]),
    default="text",
    show_default=True,
)
@target_option
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when there are changes.")
@allow_options
@click.pass_obj
def command(
    options: Options,
    /,
    *,
    out: Path | None,
    form: str,
    target: tuple[str, ...],
    detailed_exitcode: bool,
    **allow: Any,
) -> int:
    async def ask(site: "Site") -> "Plan":
        from reconciler import workflow

        return await workflow.plan(site, request_of(target, allow))

    plan = look(options, ask)
    from reconciler import report

    if out is not None:
        _save(report.dump(report.plan_json(plan)), out)
    click.echo(plan_output(plan, form, options), color=True)
    return exit_code_of(plan, detailed=detailed_exitcode)


def exit_code_of(plan: "Plan", *, detailed: bool) -> ExitCode:
    """3 for a guard or a blocked change; with `detailed`, 2 for any change."""
    if plan.guards or any(change.blocked for change in plan.changes):
        return ExitCode.REFUSED
    return ExitCode.DIFFERENCES if detailed and plan.changes else ExitCode.DONE


def plan_output(plan: "Plan", form: str, options: Options) -> str:
    """A plan in one of the formats."""
    from reconciler import report

    if form == "json":
        return report.dump(report.plan_json(plan))
    if form == "markdown":
        return "\n".join(report.plan_markdown(plan))
    if form == "html":
        return report.plan_html(plan)
    return report.plan_text(
        plan, color=options.color, width=output_width(), verbose=options.verbose
    )


def request_of(targets: tuple[str, ...], allow: dict[str, Any]) -> "Request":
    """The request that the shared flags make up."""
    from reconciler.workflow import Request

    return Request(approval=approval_of(allow), targets=frozenset(targets))


def approval_of(allow: dict[str, Any]) -> "Approval":
    from reconciler.model.change import Approval

    return Approval(**{name.removeprefix("allow_"): value for name, value in allow.items()})


def _save(text: str, out: Path) -> None:
    try:
        out.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"the plan can not be saved to {out}: {error.strerror}") from error
