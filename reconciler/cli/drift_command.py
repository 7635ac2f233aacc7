"""`reconciler drift`."""

from typing import TYPE_CHECKING

import click

from reconciler.cli.root import Options
from reconciler.cli.site import open_site, output_width, run_async
from reconciler.errors import ExitCode

if TYPE_CHECKING:
    from reconciler.model.drift import DriftReport


@click.command(help="Show what changed live since the last apply. Exits with 2 when something did.")
@click.option("--strict", is_flag=True, help="Changes of undeclared fields count too.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
)
@click.pass_obj
def command(options: Options, /, *, strict: bool, form: str) -> int:
    from reconciler import report, workflow

    async def main() -> "DriftReport":
        async with open_site(options) as site:
            return await workflow.drift(site, strict=strict)

    found = run_async(main)
    if form == "json":
        text = report.dump(report.drift_json(found))
    elif form == "markdown":
        text = "\n".join(report.drift_markdown(found))
    else:
        text = report.drift_text(found, strict=strict, color=options.color, width=output_width())
    click.echo(text, color=True)
    return ExitCode.DONE if found.clean else ExitCode.DIFFERENCES
