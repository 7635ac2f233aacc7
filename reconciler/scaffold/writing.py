"""Files that are all written, or none of them; what exists is never touched."""

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

from reconciler.errors import UsageError


def write_new(files: Mapping[Path, str]) -> None:
    """Write each file where there was none.

    Raises `UsageError`: it names every file in the way, or the first that can not be written; what
    was written until then, folders included, is taken away again.
    """
    there = sorted(str(path) for path in files if _taken(path))
    if there:
        raise UsageError(
            f"these files exist already: {', '.join(there)}",
            code="FILES_EXIST",
            hint="nothing was written; name an empty folder, and move over what you need",
        )
    made: list[Path] = []
    try:
        for path, text in files.items():
            _make_folders(path.parent, made)
            with path.open("x", encoding="utf-8", newline="\n") as file:
                made.append(path)
                file.write(text)
    except OSError as error:
        _take_away(made)
        raise UsageError(
            f"{error.filename} can not be written: {error.strerror}; nothing was left"
        ) from error
    except BaseException:
        _take_away(made)
        raise


def _taken(path: Path) -> bool:
    """Also a link that leads nowhere: writing would follow it. Never raises."""
    return os.path.lexists(path)


def _make_folders(folder: Path, made: list[Path]) -> None:
    if not folder.is_dir():
        _make_folders(folder.parent, made)
        folder.mkdir()
        made.append(folder)


def _take_away(made: list[Path]) -> None:
    for path in reversed(made):
        with contextlib.suppress(OSError):
            path.rmdir() if path.is_dir() else path.unlink()
