"""The one error boundary: every failure becomes a message and an exit code."""

import contextlib
import errno
import os
import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import click

from reconciler.cli.root import NoCommand, root
from reconciler.errors import Bug, ExitCode, Interrupted, ReconcilerError, UsageError

if TYPE_CHECKING:
    from pathlib import Path


def run(arguments: Sequence[str]) -> int:
    """Run the command line; the exit code of DESIGN.md 9."""
    # What specs hold is not for plugins of pydantic that happen to be installed, and to look for
    # them takes time.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    arguments = list(arguments)
    try:
        code = root.main(arguments, prog_name="reconciler", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else ExitCode.DONE
    except click.exceptions.Exit as end:
        return end.exit_code
    except NoCommand as named:
        with contextlib.suppress(OSError):  # the exit code tells it too
            click.echo(named.help, err=True)
        return ExitCode.BAD_INPUT
    except (Exception, KeyboardInterrupt) as ended:  # noqa: BLE001  # because a bug gets a crash file
        error = _told(ended)
        return _fail(error, arguments) if error else _crashed(ended, arguments)


def _told(ended: BaseException) -> ReconcilerError | None:
    """What ended a command, in our words; None for a bug of ours."""
    match ended:
        case ReconcilerError():
            return ended
        case click.UsageError():
            return _usage(ended)
        case click.ClickException():
            return UsageError(ended.format_message())
        case click.Abort() | KeyboardInterrupt():
            return Interrupted("interrupted")
        case OSError() if ended.errno in _FULL:
            return _full(ended)
    return None


_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EMFILE, errno.ENFILE)
"""What a machine has run out of is no bug of ours, wherever it shows."""


def _full(error: OSError) -> ReconcilerError:
    what = str(error.strerror or error).lower()
    where = f" ({error.filename})" if error.filename else ""
    hint = "make room, then run it again: what was applied is in the ledger"
    return ReconcilerError(f"something could not be written: {what}{where}", hint=hint)


def _usage(error: click.UsageError) -> UsageError:
    path = error.ctx.command_path if error.ctx else "reconciler"
    return UsageError(error.format_message(), hint=f"see `{path} --help`")


def _wants_json(arguments: Sequence[str]) -> bool:
    return "--format=json" in arguments or ("--format", "json") in pairwise(arguments)


def _fail(error: ReconcilerError, arguments: Sequence[str]) -> int:
    from reconciler import report
    from reconciler.cli.known_secrets import masked

    if _wants_json(arguments) and _is_printed(masked(report.dump(report.error_json(error)))):
        return error.exit_code
    color = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    with contextlib.suppress(OSError):  # the exit code tells it too
        click.echo(masked(report.error_text(error, color=color)), err=True, color=True)
    return error.exit_code


def _is_printed(text: str) -> bool:
    """False where standard output takes nothing: a full disk may be the very error."""
    try:
        click.echo(text)
    except OSError:
        return False
    return True


def _crashed(bug: BaseException, arguments: Sequence[str]) -> int:
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
    return next((value for option, value in pairwise(arguments) if option == "-C"), "")


def _write_crash_file(text: str, project: str) -> "Path | None":
    from datetime import UTC, datetime
    from pathlib import Path

    now = datetime.now(UTC)
    for folder in (Path(project, ".reconciler"), Path("/tmp")):  # noqa: S108  # it is always there
        path = folder / f"crash-{now:%Y%m%dT%H%M%S}-{os.getpid()}.txt"
        with contextlib.suppress(OSError):
            folder.mkdir(mode=0o700, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            path.chmod(0o600)
            return path
    return None
