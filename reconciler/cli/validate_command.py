"""`reconciler validate`."""

import click

from reconciler import __version__
from reconciler.cli.cache_place import load_project
from reconciler.cli.root import Options
from reconciler.cli.run_info import folder_in_repo
from reconciler.cli.site import output_width
from reconciler.errors import ExitCode, SpecsInvalid


@click.command(help="Check the project file and the specs of every environment; no network.")
@click.option("--strict", is_flag=True, help="Warnings are errors.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github", "sarif"]),
    default="text",
    show_default=True,
)
@click.pass_obj
def command(options: Options, /, *, strict: bool, form: str) -> int:
    from reconciler import report, specs

    try:
        loaded = load_project(options.folder)
        problems = specs.validate(loaded, options.env, strict=strict)
    except SpecsInvalid as error:
        problems = error.problems
    if form == "json":
        text = report.dump(report.problems_json(problems))
    elif form == "github":
        text = report.problems_github(problems, folder=folder_in_repo(options.folder))
    elif form == "sarif":
        folder = folder_in_repo(options.folder)
        text = report.dump(report.problems_sarif(problems, version=__version__, folder=folder))
    else:
        text = report.problems_text(problems, color=options.color, width=output_width())
    click.echo(text, color=True)
    bad = any(problem.severity == "error" for problem in problems)
    return ExitCode.BAD_INPUT if bad else ExitCode.DONE
