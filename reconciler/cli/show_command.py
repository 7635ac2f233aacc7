"""`reconciler show`."""

from typing import TYPE_CHECKING

import click

from reconciler.cli.memory import opened_ledger
from reconciler.cli.root import Options
from reconciler.cli.site import open_site, output_width, run_async

if TYPE_CHECKING:
    from reconciler.journeys.show import AgentSides


@click.command(help="Show one agent: desired, live, remembered, and its history.")
@click.argument("key")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.pass_obj
def command(options: Options, /, *, key: str, form: str) -> None:
    from reconciler import report
    from reconciler.journeys.show import sides_of
    from reconciler.report.agent_text import agent_text
    from reconciler.report.history_documents import agent_json
    from reconciler.report.look import Look

    async def main() -> "AgentSides":
        async with open_site(options) as site:
            return await sides_of(site, key)

    found = run_async(main)
    history = opened_ledger(options)[0].history_of(key)
    if form == "json":
        document = agent_json(key, found.desired, found.live, found.record, history)
        click.echo(report.dump(document))
        return
    look = Look(options.color, output_width(), options.verbose)
    text = agent_text(key, found.desired, found.live, found.record, history, look=look)
    click.echo(text, color=True)
