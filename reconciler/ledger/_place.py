"""Whether the ledger's folder tells what is in it, and what to say where it does not."""

import os
from pathlib import Path

from reconciler.errors import LedgerError, not_yours


def is_there(path: Path) -> bool:
    """Whether there is such a file.

    Raises OSError where nobody can know: no ledger to be seen is not the same as no ledger.
    """
    try:
        path.stat()
    except FileNotFoundError:
        if path.parent.is_symlink() and not path.parent.is_dir():
            raise  # a link to a disk that is not there, say
        return False
    return True


def unusable(path: Path, error: OSError, *, what: str = "ledger") -> LedgerError:
    """In the same words, whichever file of the folder was touched first, if it is the folder."""
    folder = path.parent
    if os.path.lexists(folder) and not os.path.isdir(folder):  # noqa: PTH112  # never raises
        return LedgerError(
            f"the ledger can not be kept in {folder}: it is no folder",
            hint="move away what stands in its place, or mend the link if it is one",
        )
    if os.path.isdir(folder) and not os.access(folder, os.R_OK | os.X_OK):  # noqa: PTH112  # as above
        return LedgerError(
            f"the ledger's folder {folder} can not be opened: permission denied",
            hint=not_yours(folder),
        )
    return LedgerError(
        f"the {what} {path} can not be used: {error.strerror}",
        hint="check the folder's free space and permissions",
    )
