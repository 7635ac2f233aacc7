"""The one error boundary: every failure becomes a message and an exit code."""

import contextlib
import gc
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from reconciler.cli.root import root
from reconciler.errors import Bug, ExitCode, ReconcilerError, UsageError

if TYPE_CHECKING:
    from pathlib import Path


def run(arguments: Sequence[str]) -> int:
    """Run the command line; the exit code of DESIGN.md 9."""
    # A command makes millions of objects and throws few away: looking for cycles among them takes
    # a fifth of a plan. What lives longer (the sandbox, the writes of an apply) looks again.
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        return _run(list(arguments))
    except BrokenPipeError:
        # The reader (head, less) has seen enough. Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.DONE
    finally:
        if was_collecting:
            gc.enable()


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
    from reconciler.cli.known_secrets import masked

    if _wants_json(arguments):
        click.echo(masked(report.dump(report.error_json(error))))
    else:
        color = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
        click.echo(masked(report.error_text(error, color=color)), err=True, color=True)
    return error.exit_code


def _crashed(bug: Exception, arguments: Sequence[str]) -> int:
    import traceback

    from reconciler.cli.known_secrets import masked

    text = masked("".join(traceback.format_exception(bug)))
    place = _write_crash_file(text, _folder(arguments))
    where = f"what happened is in {place}" if place else text
    error = Bug(
        f"a bug in reconciler: {type(bug).__name__}; {where}",
        hint="nothing more was written; please report it with that file",
    )
    return _fail(error, arguments)


def _folder(arguments: Sequence[str]) -> str:
    """The project folder: `-C DIR` as it was given, since click's own word of it is gone."""
    pairs = zip(arguments, [*arguments[1:], ""], strict=True)
    return next((value for option, value in pairs if option == "-C"), "")


def _write_crash_file(text: str, project: str) -> "Path | None":
    from datetime import UTC, datetime
    from pathlib import Path

    now = datetime.now(UTC)
    for folder in (Path(project, ".reconciler"), Path("/tmp")):  # noqa: S108  it is always there
        path = folder / f"crash-{now:%Y%m%dT%H%M%S}-{os.getpid()}.txt"
        with contextlib.suppress(OSError):
            folder.mkdir(mode=0o700, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            path.chmod(0o600)
            return path
    return None
