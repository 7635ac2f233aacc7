"""The one error boundary: every failure becomes a message and an exit code."""

import contextlib
import os
import sys
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from reconciler.cli.known_secrets import masked
from reconciler.cli.root import root
from reconciler.errors import Bug, ExitCode, ReconcilerError, UsageError


def run(arguments: Sequence[str]) -> int:
    """Run the command line; the exit code of DESIGN.md 9."""
    try:
        return _run(list(arguments))
    except BrokenPipeError:
        # The reader (head, less) has seen enough. Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.DONE


def _run(arguments: list[str]) -> int:
    try:
        code = root.main(arguments, prog_name="reconciler", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else ExitCode.DONE
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.UsageError as error:
        return _fail(_usage(error), arguments)
    except click.ClickException as error:
        return _fail(UsageError(error.format_message()), arguments)
    except ReconcilerError as error:
        return _fail(error, arguments)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        raise
    except Exception as bug:  # noqa: BLE001  the boundary: a bug of ours gets a crash file
        return _crashed(bug, arguments)


def _usage(error: click.UsageError) -> UsageError:
    path = error.ctx.command_path if error.ctx else "reconciler"
    return UsageError(error.format_message(), hint=f"see `{path} --help`")


def _wants_json(arguments: Sequence[str]) -> bool:
    pairs = zip(arguments, [*arguments[1:], ""], strict=True)
    return "--format=json" in arguments or ("--format", "json") in pairs


def _fail(error: ReconcilerError, arguments: Sequence[str]) -> int:
    from reconciler import report

    if _wants_json(arguments):
        click.echo(masked(report.dump(report.error_json(error))))
    else:
        color = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
        click.echo(masked(report.error_text(error, color=color)), err=True, color=True)
    return error.exit_code


def _crashed(bug: Exception, arguments: Sequence[str]) -> int:
    text = masked("".join(traceback.format_exception(bug)))
    place = _write_crash_file(text)
    where = f"what happened is in {place}" if place else text
    error = Bug(
        f"a bug in reconciler: {type(bug).__name__}; {where}",
        hint="nothing more was written; please report it with that file",
    )
    return _fail(error, arguments)


def _write_crash_file(text: str) -> Path | None:
    now = datetime.now(UTC)
    for folder in (Path(".reconciler"), Path("/tmp")):  # noqa: S108  a place that is always there
        path = folder / f"crash-{now:%Y%m%dT%H%M%S}-{os.getpid()}.txt"
        with contextlib.suppress(OSError):
            folder.mkdir(mode=0o700, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            path.chmod(0o600)
            return path
    return None
