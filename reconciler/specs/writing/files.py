"""New files on disk: whole or not at all, inside the project, and never over one that is there."""

import contextlib
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.errors import UsageError
from reconciler.specs.writing.rendering import NewFile


@dataclass(slots=True)
class Written:
    """What was made, in order, so that all of it can be taken back."""

    files: list[Path] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)


def write(project: Path, files: Iterable[NewFile]) -> Written:
    """Make all files, or none.

    Raises:
        UsageError: a file is there already, or can not be made.
    """
    written = Written()
    try:
        for file in files:
            path = project / file.path
            try:
                _make_folders(project, path.parent, written)
                _make(path, file.content.encode(), written)
            except FileExistsError as error:
                raise UsageError(f"{file.path} is there already; nothing was changed") from error
            except OSError as error:
                reason = str(error.strerror).lower()
                raise UsageError(f"{file.path} can not be written: {reason}") from error
    except BaseException:
        remove(written)
        raise
    return written


def remove(written: Written) -> None:
    """Take back what was made; a folder only if nobody has put anything else into it."""
    for path in reversed(written.files):
        path.unlink(missing_ok=True)
    for folder in reversed(written.folders):
        with contextlib.suppress(OSError):
            folder.rmdir()


def _make_folders(project: Path, folder: Path, written: Written) -> None:
    if not folder.resolve().is_relative_to(project.resolve()):
        raise OSError(0, f"{folder} leads out of the project folder")
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir()
        written.folders.append(each)


def _make(path: Path, content: bytes, written: Written) -> None:
    """Beside its place first, then linked into it: a link, unlike a rename, replaces nothing."""
    beside = path.with_name(f".{secrets.token_hex(6)}.new")
    try:
        with beside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(beside, path)
        except FileExistsError:
            raise
        except OSError:  # a file system without links
            with path.open("xb") as file:
                written.files.append(path)
                file.write(content)
        else:
            written.files.append(path)
    finally:
        beside.unlink(missing_ok=True)
