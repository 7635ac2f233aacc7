"""`reconciler drift`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.cli.notify_command import notify_drift
from reconciler.cli.root import Options
from reconciler.cli.site import look, output_width
from reconciler.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from reconciler.model.drift import DriftReport
    from reconciler.workflow import Site


@click.command(help="Show what changed live since the last apply. Exits with 2 when something did.")
@click.option("--strict", is_flag=True, help="Changes of undeclared fields count too.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown", "junit", "prometheus"]),
    default="text",
    show_default=True,
)
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write to a file, replaced at once, instead. An error leaves the old file.",
)
@click.pass_obj
def command(options: Options, /, *, strict: bool, form: str, out: Path | None) -> int:
    async def ask(site: "Site") -> "tuple[DriftReport, datetime]":
        from reconciler import workflow

        return await workflow.drift(site, strict=strict), site.now()

    found, now = look(options, ask)
    notify_drift(options, found)
    text = _output(found, form, options, strict=strict, now=now, in_file=out is not None)
    if out is None:
        click.echo(text, color=True)
    else:
        _replace(out, f"{text}\n")
    return ExitCode.DONE if found.clean else ExitCode.DIFFERENCES


def _output(
    found: "DriftReport",
    form: str,
    options: Options,
    *,
    strict: bool,
    now: "datetime",
    in_file: bool,
) -> str:
    from reconciler import report

    if form == "json":
        return report.dump(report.drift_json(found))
    if form == "markdown":
        return "\n".join(report.drift_markdown(found))
    if form == "junit":
        return report.drift_junit_xml(found, strict=strict)
    if form == "prometheus":
        return report.drift_prometheus_text(found, now=now)
    color = options.color and not in_file
    return report.drift_text(found, strict=strict, color=color, width=output_width())


def _replace(path: Path, text: str) -> None:
    """Whole or not at all: a collector never reads half a file."""
    import os

    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise UsageError(f"the report can not be saved to {path}: {error.strerror}") from error
