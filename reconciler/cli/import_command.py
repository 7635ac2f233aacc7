"""`reconciler import`."""

from typing import TYPE_CHECKING

import click

from reconciler.cli.root import Options
from reconciler.cli.site import open_site, run_async
from reconciler.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from reconciler.journeys.adopting import ImportReport
    from reconciler.journeys.importing import ImportRequest


@click.command(
    "import",
    help="Write specs for unmanaged agents, and adopt them. Changes nothing live. Without a "
    "NAME or ID, list the unmanaged agents.",
)
@click.argument("names", nargs=-1, metavar="[NAME|ID]...")
@click.option("--all", "everything", is_flag=True, help="Import all unmanaged agents.")
@click.option("--dry-run", is_flag=True, help="Only show the files that would be written.")
@click.option(
    "--with-defaults",
    is_flag=True,
    help="Write what the agents have in common to `_defaults.yaml`, if there is none yet.",
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.pass_obj
def command(
    options: Options,
    /,
    *,
    names: tuple[str, ...],
    everything: bool,
    dry_run: bool,
    with_defaults: bool,
    form: str,
) -> int:
    from reconciler import report
    from reconciler.cli.import_output import import_json, import_text
    from reconciler.journeys.importing import ImportRequest

    if names and everything:
        raise UsageError("name agents or say --all, not both")
    request = ImportRequest(
        names=tuple(dict.fromkeys(names)),
        everything=everything,
        dry_run=dry_run,
        with_defaults=with_defaults,
    )
    made = _imported(options, request)
    if form == "json":
        click.echo(report.dump(import_json(made)))
    else:
        click.echo(import_text(made, verbose=options.verbose))
    return ExitCode.FAILED if made.failed else ExitCode.DONE


def _imported(options: Options, request: "ImportRequest") -> "ImportReport":
    import asyncio

    from reconciler.cli.progress import progress_for
    from reconciler.cli.run_info import new_run
    from reconciler.journeys.importing import import_agents

    async def main() -> "ImportReport":
        async with open_site(options) as site:
            with progress_for(options) as progress:
                run = new_run(options.folder)
                return await import_agents(
                    site, request, run, progress=progress, stop=asyncio.Event()
                )

    return run_async(main)
