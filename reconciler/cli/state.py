"""The folder of a project that is never in git: ledger, sandbox, cache, crash files."""

import os
import sqlite3
from pathlib import Path

from reconciler.errors import ReconcilerError, UsageError, not_yours


def state_folder(folder: Path) -> Path:
    """Where it is; nothing is made."""
    return folder / ".reconciler"


def sandbox_file(folder: Path) -> Path:
    """The file of the sandbox's agents, in a folder that can hold it. Raises UsageError."""
    if not os.path.isdir(folder):  # noqa: PTH112  # never raises
        raise UsageError(f"there is no folder {folder}", hint="name the project's folder with -C")
    state = state_folder(folder)
    try:
        state.mkdir(mode=0o700, exist_ok=True)
    except FileExistsError as error:
        hint = "move away what stands in its place, or mend the link if it is one"
        raise UsageError(f"can not keep agents in {state}: it is no folder", hint=hint) from error
    except OSError as error:
        raise UsageError(f"can not keep agents in {state}: {error.strerror}") from error
    database = state / "sandbox.db"
    for place, needed in ((state, os.R_OK | os.W_OK | os.X_OK), (database, os.R_OK | os.W_OK)):
        if place.exists() and not os.access(place, needed):
            message = f"can not keep agents in {place}: permission denied"
            raise UsageError(message, hint=not_yours(place))
    return database


def unusable_sandbox(database: Path, error: OSError | sqlite3.Error) -> ReconcilerError:
    return ReconcilerError(
        f"can not use {database}: {error}",
        code="SANDBOX_FILE",
        hint="if it is no sandbox's file, `reconciler sandbox reset` puts an empty one there",
    )
