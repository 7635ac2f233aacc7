"""What libyaml says about broken YAML → what a newcomer can act on."""

import re
from typing import Any, Final

from reconciler.errors import Problem
from reconciler.specs.marks import START, Span, Text
from reconciler.specs.yaml_events import MarkedYAMLError

_QUOTE: Final = "quote the text"
_CLOSE: Final = "close it, or quote the text if it is no YAML list or mapping"

# the first text found in what the parser says decides
_SAYINGS: Final[tuple[tuple[str, str, str], ...]] = (
    (
        "mapping values are not allowed",
        "a `:` stands where no key can be",
        "quote a text that holds `: `; else check the indentation of this line",
    ),
    (
        "could not find expected ':'",
        "this is no `key: value`",
        "is a `:` missing, or is this the rest of a text? Long texts need `key: |` and indentation",
    ),
    (
        "did not find expected key",
        "this line does not fit the indentation around it",
        "indent it like its neighbours; a text that goes on after a quote must be quoted whole",
    ),
    (
        "did not find expected '-' indicator",
        "this line does not fit the list around it",
        "start it with `- `, or indent it like the key it belongs to",
    ),
    (
        "sequence entries are not allowed",
        "a list can not start here",
        "put the `- ` on a line of its own, below its key",
    ),
    ("',' or ']'", "the `[` of this list is not closed", _CLOSE),
    ("',' or '}'", "the `{` of this mapping is not closed", _CLOSE),
    ("node content", "something is missing here", _CLOSE),
    ("unexpected end of stream", "this quote is not closed", "add the closing quote"),
    ("unexpected document indicator", "this quote is not closed", "add the closing quote"),
    (
        "unknown escape character",
        "this `\\` starts no escape that YAML knows",
        "in double quotes write `\\\\`, or use single quotes",
    ),
    ("escape", "this is no escape that YAML knows", "use single quotes or write `\\\\`"),
    ("cannot start any token", "a text can not start with this character", _QUOTE),
    ("alphabetic or numeric character", "`&` and `*` must name an anchor", _QUOTE),
    ("<document start>", "something stands after the end", _CLOSE),
    ("undefined tag handle", "this tag is not known", "quote the text if it starts with `!`"),
)
_AT_CONTEXT: Final = ("is not closed", "no `key: value`")
_BRACES: Final = re.compile(r"[:-]\s+(\{\{)")


def syntax_problem(text: Text, error: Exception) -> Problem:
    """The problem for an error of the parser."""
    if not isinstance(error, MarkedYAMLError):
        return text.problem("SPEC005", f"this is not YAML: {error}", START)
    mark = error.problem_mark or error.context_mark
    where = _span(text, mark)
    said = str(error.problem or error.context or "")
    if tab := _tab(text, where, said):
        return tab
    if braces := _BRACES.search(text.line(where.line)):
        column = braces.start(1)
        return text.problem(
            "SPEC005",
            "YAML takes `{{` at the start of a text for a mapping",
            Span(where.line, column, where.line, column + 2),
            hint="quote the text",
        )
    for part, message, hint in _SAYINGS:
        if part in said:
            if message.endswith(_AT_CONTEXT) and error.context_mark is not None:
                where = _span(text, error.context_mark)
            return text.problem("SPEC005", message, where, hint=hint)
    return text.problem("SPEC005", f"this is not YAML: {said}", where)


def _span(text: Text, mark: Any) -> Span:
    """The place of a mark; one beyond the end is pulled back to the last line with text."""
    line, column = mark.line, mark.column
    if line >= len(text.lines) or not text.line(line).strip():
        line = min(line, len(text.lines) - 1)
        while line > 0 and not text.line(line).strip():
            line -= 1
        column = len(text.line(line).rstrip())
    return Span(line, column, line, column + 1)


def _tab(text: Text, where: Span, said: str) -> Problem | None:
    line = text.line(where.line)
    blank = line[: len(line) - len(line.lstrip())]
    if "\t" in blank and (where.column <= len(blank) or "tab" in said):
        column = blank.index("\t")
        return text.problem(
            "SPEC006",
            "a tab indents this line",
            Span(where.line, column, where.line, column + 1),
            hint="YAML is indented with spaces only",
        )
    return None
