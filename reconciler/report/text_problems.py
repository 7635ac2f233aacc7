"""Problems and errors as text: where, what, the line itself with a marker, and what to do."""

from collections.abc import Iterator, Sequence
from typing import Final

from reconciler.errors import LiveError, Position, Problem, ReconcilerError, SpecsInvalid
from reconciler.model.counting import counted
from reconciler.report.escaping import escape, inline, page
from reconciler.report.look import Look, char_columns, columns

_TAB: Final = 4
_CONTEXT: Final = 20


def problems_text(
    problems: Sequence[Problem],
    *,
    color: bool = False,
    width: int = 100,
    verbose: bool = False,
) -> str:
    """One block a problem, in the order given, and a count."""
    look = Look(color, width, verbose)
    lines = [line for problem in problems for line in (*_problem(problem, look), "")]
    return page([*lines, look.paint("bold", count_of(problems))])


def error_text(
    error: ReconcilerError, *, color: bool = False, width: int = 100, verbose: bool = False
) -> str:
    """A failure; invalid specs show every problem."""
    if isinstance(error, SpecsInvalid):
        return problems_text(error.problems, color=color, width=width, verbose=verbose)
    return page(_error(error, Look(color, width, verbose)))


def count_of(problems: Sequence[Problem]) -> str:
    """`2 errors, 1 warning`."""
    errors = sum(problem.severity == "error" for problem in problems)
    warnings = len(problems) - errors
    parts = [counted(n, noun) for n, noun in ((errors, "error"), (warnings, "warning")) if n]
    return f"{', '.join(parts)}." if parts else "No problems."


def _problem(problem: Problem, look: Look) -> Iterator[str]:
    where = f"{inline(str(problem.position))}: " if problem.position else ""
    style = "alarm" if problem.severity == "error" else "yellow"
    # An error needs no word before it where it has a place; a warning must not pass for one.
    word = f"{problem.severity}: " if problem.severity == "warning" or not where else ""
    code = look.paint("dim", f" [{inline(problem.code)}]")
    first, *more = escape(problem.message).split("\n")
    yield look.paint("bold", where) + look.paint(style, word) + look.paint("bold", first) + code
    yield from (f"  {line}" for line in more)
    hint = escape(problem.hint) if problem.hint else ""
    if problem.position is not None and problem.source_line is not None:
        yield from _source(problem.position, problem.source_line, hint, look, style)
    elif hint:
        yield from _hint(hint)
    for step in problem.via:
        yield look.paint("dim", f"   via {inline(step)}")


def _source(position: Position, source: str, hint: str, look: Look, style: str) -> Iterator[str]:
    """The marked line; the marker counts columns as they are shown, not characters."""
    number = f"{position.line:>5}"
    bar = look.paint("dim", "|")
    text, start, length = _window(source, position, max(look.width - 8, 24))
    # A marker that its hint would push over the edge has the hint below it.
    beside = hint if "\n" not in hint and start + length + columns(hint) + 9 <= look.width else ""
    marker = look.paint(style, "^" * length)
    yield f"{look.paint('dim', number)} {bar} {text}".rstrip()
    yield f"      {bar} {' ' * start}{marker} {beside}".rstrip()
    if hint and not beside:
        yield from _hint(hint)


def _hint(hint: str) -> Iterator[str]:
    first, *more = hint.split("\n")
    yield f"   hint: {first}"
    yield from (f"         {line}" for line in more)


def _window(source: str, position: Position, room: int) -> tuple[str, int, int]:
    """The line as shown, and the column and length of its marker; long lines lose their ends."""
    cells = list(_cells(source.rstrip("\r\n")))
    first = min(max(position.column - 1, 0), len(cells))
    last = min(first + max(position.length, 1), len(cells))
    low = 0 if _wide(cells[:last]) <= room else max(first - _CONTEXT, 0)
    high = low
    used = 0
    while high < len(cells) and used + columns(cells[high]) <= room:
        used += columns(cells[high])
        high += 1
    lead = "…" if low else ""
    text = lead + "".join(cells[low:high]) + ("…" if high < len(cells) else "")
    start = len(lead) + _wide(cells[low:first])
    length = _wide(cells[first : min(last, high)])
    return text, start, max(length, 1)


def _cells(source: str) -> Iterator[str]:
    """Each character as it is shown: tabs as spaces, invisible ones spelt out."""
    column = 0
    for char in source:
        shown = " " * (_TAB - column % _TAB) if char == "\t" else inline(char)
        column += sum(map(char_columns, shown))
        yield shown


def _wide(cells: Sequence[str]) -> int:
    return sum(map(columns, cells))


def _error(error: ReconcilerError, look: Look) -> Iterator[str]:
    where = f"{inline(str(error.position))}: " if error.position else ""
    first, *more = escape(error.message).split("\n")
    code = look.paint("dim", f" [{inline(error.code)}]")
    yield f"{look.paint('alarm', 'error:')} {where}{look.paint('bold', first)}{code}"
    yield from (f"  {line}" for line in more)
    if isinstance(error, LiveError):
        yield from (look.paint("dim", f"  {line}") for line in _answer(error))
    if error.hint:
        yield from _hint(escape(error.hint))


def _answer(error: LiveError) -> Iterator[str]:
    """What support will ask for."""
    if error.fields:
        yield f"fields: {', '.join(map(inline, error.fields))}"
    parts = []
    if error.status is not None:
        parts.append(f"status {error.status}")
    if error.request_id is not None:
        parts.append(f"request {inline(error.request_id)}")
    if parts:
        yield ", ".join(parts)
    if error.unclear:
        yield "The request may have taken effect all the same."
