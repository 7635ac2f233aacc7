"""Edits written: each file whole or not at all, and only over what was read."""

import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import field
from pathlib import Path
from typing import Final

from reconciler.errors import ReconcilerError
from reconciler.nouns import noun

_BOM: Final = b"\xef\xbb\xbf"


class WriteFailed(ReconcilerError):  # noqa: N818  # what happened
    """A file could not be written; those named before it were."""

    default_code = "WRITE_FAILED"


@noun
class FileEdit:
    """One file's text before and after, without a byte order mark.

    `real` is the file itself, symlinks resolved; `name` what people call it.
    """

    name: str
    real: str
    before: str = field(repr=False)
    after: str = field(repr=False)


def write(edits: Sequence[FileEdit]) -> None:
    """Replace files by rename, with their mode and byte order mark; raises `WriteFailed`."""
    marks = [_checked(edit) for edit in edits]
    for edit, mark in zip(edits, marks, strict=True):
        try:
            _replace(Path(edit.real), mark + edit.after.encode("utf-8"))
        except OSError as error:
            raise WriteFailed(f"{edit.name} can not be written: {error.strerror}") from error


def _checked(edit: FileEdit) -> bytes:
    """The byte order mark of a file that still holds what was read."""
    try:
        data = Path(edit.real).read_bytes()
    except OSError as error:
        raise WriteFailed(f"{edit.name} can not be read again: {error.strerror}") from error
    mark = _BOM if data.startswith(_BOM) else b""
    if data != mark + edit.before.encode("utf-8"):
        raise WriteFailed(
            f"{edit.name} was changed by someone else in the meantime",
            hint="nothing was written; run `reconciler pull` again",
        )
    return mark


def _replace(path: Path, data: bytes) -> None:
    mode = path.stat().st_mode & 0o7777
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
