"""A place at which a parser of YAML gave up, and the lines around it."""

from typing import Any, Final

from reconciler.nouns import noun
from reconciler.patterns import pattern
from reconciler.specs.marks import Span, Text

_NOTHING: Final = pattern(r"\s*(?:#.*)?\Z")
_FIELD: Final = pattern(r"\s*(?:- +)*([\w.-]+):(?:\s|\Z)")


@noun
class Broken:
    """Where the parser gave up, what it said, and where what it was reading began."""

    text: Text
    said: str
    where: Span
    context: Span | None

    @property
    def line(self) -> str:
        return self.text.line(self.where.line)

    @property
    def before(self) -> str:
        return self.line[: self.where.column]

    @property
    def rest(self) -> str:
        return self.line[self.where.column :]

    def above(self, line: int) -> int | None:
        """The nearest line above one that says something."""
        for index in range(line - 1, -1, -1):
            if not _NOTHING.match(self.text.line(index)):
                return index
        return None


@noun
class Guess:
    """What is wrong, and what to do."""

    message: str
    where: Span
    hint: str
    code: str = "SPEC005"


def broken(text: Text, error: Any) -> Broken:
    """The parts of a parser's error with a mark."""
    mark = error.problem_mark or error.context_mark
    said = " ".join(str(each) for each in (error.problem, error.context) if each)
    context = None if error.context_mark is None else mark_span(text, error.context_mark)
    return Broken(text, said, mark_span(text, mark), context)


def mark_span(text: Text, mark: Any) -> Span:
    """The place of a mark; one beyond the end is pulled back to the last line with text."""
    line, column = mark.line, mark.column
    if line >= len(text.lines) or not text.line(line).strip():
        line = min(line, len(text.lines) - 1)
        while line > 0 and not text.line(line).strip():
            line -= 1
        column = len(text.line(line).rstrip())
    return Span(line, column, line, column + 1)


def at(line: int, start: int, length: int = 1) -> Span:
    return Span(line, start, line, start + length)


def named(text: Text, line: int) -> str:
    field = _FIELD.match(text.line(line))
    return f"`{field.group(1)[:40]}` in line {line + 1}" if field else f"line {line + 1}"


def indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
