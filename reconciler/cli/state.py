"""The folder of a project that is never in git: ledger, sandbox, cache, crash files."""

import os
import shlex
import sqlite3
from pathlib import Path

from reconciler.errors import ReconcilerError, UsageError


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
    if not os.access(state, os.R_OK | os.W_OK | os.X_OK):
        raise UsageError(
            f"can not keep agents in {state}: permission denied",
            hint="another user has made it, perhaps root in a container: make it yours, "
            f"`sudo chown -R $(id -u) {shlex.quote(str(state))}`",
        )
    return state / "sandbox.db"


def unusable_sandbox(database: Path, error: OSError | sqlite3.Error) -> ReconcilerError:
    return ReconcilerError(
        f"can not use {database}: {error}",
        code="SANDBOX_FILE",
        hint="if it is no sandbox's file, `reconciler sandbox reset` puts an empty one there",
    )
