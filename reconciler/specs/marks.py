"""Places inside one file of the project, and the text around them."""

from dataclasses import field
from functools import cached_property
from typing import Any, Final, NamedTuple

from reconciler.errors import Position, Problem
from reconciler.nouns import noun
from reconciler.patterns import pattern

Step = str | int
Steps = tuple[Step, ...]
"""The way to a value in a document."""

_LINE_BREAK: Final = pattern(r"\r\n|\r|\n")
_LONGEST_SHOWN: Final = 1000
# a name that smells of a secret, misspelt or not, and a value that is no reference
_SECRET: Final = pattern(
    r"(?i)(?<!max_)(?:tok(?!en_timeout)|secr|passw|api_?key)\w*[\"']?\s*:\s*(?!\{)\S"
    r"|\bauth[\"']?\s*:\s*(?:[^\s{#]|\{(?!\s*type\s*:\s*\w+\s*,\s*(?:token|secret)\s*:\s*\{))"
)


class Span(NamedTuple):
    """A stretch of a file, lines and columns counted from 0, as the YAML parser does."""

    line: int
    column: int
    end_line: int
    end_column: int


def span(event: Any) -> Span:
    """Where an event of the parser stands."""
    start, end = event.start_mark, event.end_mark
    return Span(start.line, start.column, end.line, end.column)


@noun(slots=False)
class Text:
    """A file as text. `name` is its path from the project folder, with `/`."""

    name: str
    content: str = field(repr=False)

    @property
    def with_plain_breaks(self) -> "Text":
        r"""The text with `\n` for `\r\n`, as YAML reads its block scalars.

        A checkout on Windows has `\r\n` where one on Linux has `\n`: of both it is one prompt.
        """
        return Text(self.name, self.content.replace("\r\n", "\n")) if "\r" in self.content else self

    @cached_property
    def lines(self) -> list[str]:
        if "\r" in self.content:
            return _LINE_BREAK.split(self.content)
        return self.content.split("\n")

    def line(self, index: int) -> str:
        return self.lines[index] if 0 <= index < len(self.lines) else ""

    def position(self, where: Span) -> Position:
        """The position of a span; what goes beyond its first line is not marked."""
        width = len(self.line(where.line))
        end = where.end_column if where.end_line == where.line else width
        return Position(
            file=self.name,
            line=where.line + 1,
            column=where.column + 1,
            length=max(1, end - where.column),
        )

    def span_at(self, offset: int, length: int) -> Span:
        """The span of `length` characters from an offset into the content."""
        line = column = 0
        for found in _LINE_BREAK.finditer(self.content, 0, offset):
            line, column = line + 1, found.end()
        return Span(line, offset - column, line, offset - column + length)

    def shown(self, index: int) -> str | None:
        """A line to print; None where it may hold a secret, or is no line to look at."""
        line = self.line(index)
        return None if len(line) > _LONGEST_SHOWN or _SECRET.search(line) else line

    def problem(self, code: str, message: str, where: Span, *, hint: str | None = None) -> Problem:
        return Problem(
            code=code,
            message=message,
            position=self.position(where),
            hint=hint,
            source_line=self.shown(where.line),
        )


START: Final = Span(0, 0, 0, 0)
