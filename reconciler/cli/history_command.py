"""`reconciler history`."""

import click

from reconciler.cli.memory import opened_ledger
from reconciler.cli.root import Options
from reconciler.cli.site import output_width


@click.command(help="Show what was applied, by whom, from which commit; with ID, its changes.")
@click.argument("run_id", required=False, metavar="[ID]")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, metavar="N")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.pass_obj
def command(options: Options, /, *, run_id: str | None, limit: int, form: str) -> None:
    from reconciler import report
    from reconciler.report import history_documents as documents
    from reconciler.report import history_text as texts
    from reconciler.report.look import Look

    ledger, environment = opened_ledger(options)
    look = Look(options.color, output_width(), options.verbose)
    if run_id is None:
        runs = ledger.runs(limit)
        if form == "json":
            click.echo(report.dump(documents.runs_json(environment, runs)))
        else:
            click.echo(texts.runs_text(environment, runs, look), color=True)
        return
    detail = ledger.run(run_id)
    if form == "json":
        click.echo(report.dump(documents.run_json(environment, detail.summary, detail.entries)))
    else:
        click.echo(texts.run_text(detail.summary, detail.entries, look), color=True)
