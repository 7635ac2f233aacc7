"""What libyaml says about broken YAML → what a newcomer can act on."""

from typing import Final

from reconciler.errors import Problem
from reconciler.specs.marks import START, Text
from reconciler.specs.yaml_broken import Broken, broken
from reconciler.specs.yaml_events import MarkedYAMLError
from reconciler.specs.yaml_guesses import guess

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
        "indent it like its neighbours",
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
    ("hexdecimal", "this is no escape that YAML knows", "use single quotes or write `\\\\`"),
    ("escape", "this is no escape that YAML knows", "use single quotes or write `\\\\`"),
    ("cannot start any token", "a text can not start with this character", _QUOTE),
    ("directive", "a line can not start with `%`", _QUOTE),
    ("alphabetic or numeric character", "a text can not start with `&` or `*`", _QUOTE),
    ("mapping keys are not allowed", "a text can not start with `? `", _QUOTE),
    ("unexpected ':'", "a text in `{…}` or `[…]` can not end with `:`", _QUOTE),
    ("<document start>", "something stands after the end", _CLOSE),
    ("tag", "this tag is not known", "quote the text if it starts with `!`"),
    ("equal to 0", "a text can not be indented by 0", "leave the number after `|` out"),
)
_AT_CONTEXT: Final = ("is not closed", "no `key: value`", "with `&` or `*`", "with `%`")


def syntax_problem(text: Text, error: Exception) -> Problem:
    """The problem for an error of the parser."""
    if not isinstance(error, MarkedYAMLError):
        message, hint = f"this is not YAML: {error}", "remove the character"
        return text.problem("SPEC005", message, START, hint=hint)
    found = broken(text, error)
    if told := guess(found):
        return text.problem(told.code, told.message, told.where, hint=told.hint)
    return _as_said(found)


def _as_said(found: Broken) -> Problem:
    for part, message, hint in _SAYINGS:
        if part in found.said:
            at_context = message.endswith(_AT_CONTEXT) and found.context is not None
            where = found.context if at_context and found.context else found.where
            return found.text.problem("SPEC005", message, where, hint=hint)
    message = f"this is not YAML: {found.said}"
    hint = "quote the text that stands here, or check the indentation"
    return found.text.problem("SPEC005", message, found.where, hint=hint)
