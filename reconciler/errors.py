"""Every failure a user can see: what is wrong, where, what to do, the exit code (DESIGN.md 9)."""

from collections.abc import Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, ClassVar, Literal

from reconciler.nouns import noun

if TYPE_CHECKING:
    from pathlib import Path


class ExitCode(IntEnum):
    DONE = 0
    FAILED = 1
    DIFFERENCES = 2
    REFUSED = 3
    BAD_INPUT = 4
    LOCKED = 5
    BUG = 70
    INTERRUPTED = 130


@noun
class Position:
    """A place in a file of the project.

    `file` is relative to the project folder, `line` and `column` count from 1, `length` is the
    number of characters to mark on that line.
    """

    file: str
    line: int = 1
    column: int = 1
    length: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def __lt__(self, other: "Position") -> bool:
        if not isinstance(other, Position):
            return NotImplemented
        mine = (self.file, self.line, self.column, self.length)
        return mine < (other.file, other.line, other.column, other.length)


@noun
class Problem:
    """One thing wrong (or doubtful) in the user's files.

    `source_line` is the text of the marked line. `via` tells how a value arrived that was written
    elsewhere than where it took effect, innermost first: ("defaults of reconciler.yaml", …).
    """

    code: str
    message: str
    position: Position | None = None
    hint: str | None = None
    severity: Literal["error", "warning"] = "error"
    source_line: str | None = None
    via: tuple[str, ...] = ()


class ReconcilerError(Exception):
    """The root of all failures that are not bugs of ours."""

    exit_code: ClassVar[ExitCode] = ExitCode.FAILED
    default_code: ClassVar[str] = "FAILED"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        position: Position | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.position = position
        self.hint = hint


class UsageError(ReconcilerError):
    """The command line or the set-up asks for something that can not be."""

    exit_code = ExitCode.BAD_INPUT
    default_code = "USAGE"


class SpecsInvalid(ReconcilerError):  # noqa: N818  # reads as what it says: the specs are invalid
    """One or more problems in the user's files, all found in one run, sorted by position."""

    exit_code = ExitCode.BAD_INPUT
    default_code = "SPECS_INVALID"

    def __init__(self, problems: Sequence[Problem]) -> None:
        first = next((p for p in problems if p.severity == "error"), problems[0])
        super().__init__(first.message, code=first.code, position=first.position, hint=first.hint)
        self.problems = tuple(problems)


class Interrupted(ReconcilerError):  # noqa: N818  # as above
    """A person, or the machine, asked to stop before there was anything to report."""

    exit_code = ExitCode.INTERRUPTED
    default_code = "INTERRUPTED"


class MissingSecret(ReconcilerError):  # noqa: N818  # as above
    """A secret that a planned write must send has no value."""

    exit_code = ExitCode.BAD_INPUT
    default_code = "MISSING_SECRET"


class Refused(ReconcilerError):  # noqa: N818  # as above
    """A guard, a stale plan or a missing approval: nothing was written."""

    exit_code = ExitCode.REFUSED
    default_code = "REFUSED"


class Locked(ReconcilerError):  # noqa: N818  # as above
    """Another apply holds the lock of this environment."""

    exit_code = ExitCode.LOCKED
    default_code = "LOCKED"


class LedgerError(ReconcilerError):
    """The ledger can not be read or written."""

    default_code = "LEDGER"


class NoSuchRun(LedgerError):  # noqa: N818  # as above
    """A run was asked for that the history does not know."""

    exit_code = ExitCode.BAD_INPUT
    default_code = "NO_RUN"


def not_yours(place: "Path") -> str:
    """A hint about a file or a folder of ours that this user may not touch."""
    import shlex  # noqa: PLC0415  # rarely

    return (
        "another user has made it, perhaps root in a container: make it yours, "
        f"`sudo chown -R $(id -u) {shlex.quote(str(place))}`"
    )


class Bug(ReconcilerError):  # noqa: N818  # it is what it says
    """A failure that is ours: what happened is in a crash file."""

    exit_code = ExitCode.BUG
    default_code = "BUG"


class LiveError(ReconcilerError):
    """The API refused, failed, or could not be reached.

    `status` is the HTTP status (None when no answer came), `fields` the field paths the API
    named, `unclear` says that the request may have taken effect all the same.
    """

    default_code = "API"

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        fields: Sequence[str] = (),
        request_id: str | None = None,
        unclear: bool = False,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, code=code, hint=hint)
        self.status = status
        self.fields = tuple(fields)
        self.request_id = request_id
        self.unclear = unclear
