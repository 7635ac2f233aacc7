"""Mistakes in YAML that have a better explanation than the parser's: what newcomers mistype.

A guess looks at the lines around the place at which the parser gave up, and says nothing unless it
is rather sure.
"""

from collections.abc import Callable
from typing import Final

from reconciler.patterns import pattern
from reconciler.specs.marks import Span
from reconciler.specs.yaml_broken import Broken, Guess, at, indentation, named

_CONFLICT: Final = "<<<<<<<"
_ODD_SPACE: Final = pattern(r"(?:\A\s*|[:-])(?![ \t\r])([^\S\x85])")
_BRACES: Final = pattern(r"[:-]\s+(\{\{)")
_NO_SPACE: Final = pattern(r"\s*(?:- +)?([\w-]+:)(?![\s:/\\])\S")
_NO_SPACE_AFTER_DASH: Final = pattern(r"\s*(-)[\w\"'{\[]")
_BULLET: Final = pattern(r"\s*([\u2013\u2014\u2022\u00b7*])\s*[\w\"']")
_KEY: Final = pattern(r"(\s*(?:- +)*)([\w.-]+|\"[^\"]*\"|'[^']*')\s*\Z")
_KEY_AND_VALUE: Final = pattern(r"\s*(?:- +)*[\w.-]+:\s+[^\s#]")
_REFERENCE: Final = pattern(r"\s*(?:- +)*[\w-]+:\s+(file|env)\Z")
_OPENS_BLOCK: Final = pattern(r"([\w.-]+):\s+[|>][-+0-9]*\s*(?:#.*)?\Z")
_LOOKS_OPENING: Final = pattern(r"[:-]\s+[\"']\Z")
_SIGIL: Final = pattern(r"[:-]\s+([*&])\S+\s*\Z")
_FOREIGN_COMMENT: Final = pattern(r"\s*(//|/\*|<!--|--(?=\s))")
_NOTHING_MORE: Final = pattern(r"\s*(?:#.*)?\Z")
_CLOSED: Final = ("did not find expected key", "did not find expected '-'", "<document start>")
_IN_QUOTES: Final = {
    "'": "quote the whole text, and write `''` for an apostrophe in it",
    '"': 'quote the whole text, and write `\\"` for a quote in it',
}


def guess(found: Broken) -> Guess | None:
    """The first guess that fits."""
    return next((told for each in _GUESSES if (told := each(found)) is not None), None)


def _conflict(found: Broken) -> Guess | None:
    for index, line in enumerate(found.text.lines):
        if line.startswith(_CONFLICT):
            message = "a merge conflict of git is not resolved"
            hint = "keep one of the two sides, and remove the lines of `<`, `=` and `>`"
            return Guess(message, at(index, 0, len(_CONFLICT)), hint)
    return None


def _tab(found: Broken) -> Guess | None:
    line = found.line
    blank = line[: len(line) - len(line.lstrip())]
    if "\t" in blank and (found.where.column <= len(blank) or "tab" in found.said):
        where = at(found.where.line, blank.index("\t"))
        hint = "YAML is indented with spaces only"
        return Guess("a tab indents this line", where, hint, "SPEC006")
    return None


def _odd_space(found: Broken) -> Guess | None:
    lines = [found.where.line, *([found.context.line] if found.context else [])]
    for line in lines:
        if odd := _ODD_SPACE.search(found.text.line(line)):
            message = f"this looks like a space, but is U+{ord(odd.group(1)):04X}"
            return Guess(message, at(line, odd.start(1)), "type a plain space in its place")
    return None


def _braces(found: Broken) -> Guess | None:
    if braces := _BRACES.search(found.line):
        message = "YAML takes `{{` at the start of a text for a mapping"
        return Guess(message, at(found.where.line, braces.start(1), 2), "quote the text")
    return None


def _markdown(found: Broken) -> Guess | None:
    line = found.line
    if line.lstrip().startswith("```"):
        where = at(found.where.line, indentation(line), 3)
        return Guess("this is a fence of Markdown", where, "remove it")
    column = line.find('"""')
    if 0 <= column <= found.where.column:
        hint = "write `|`, and the text in the lines below, indented"
        return Guess("YAML has no triple quotes", at(found.where.line, column, 3), hint)
    return None


def _block_header(found: Broken) -> Guess | None:
    if "comment or line break" not in found.said or found.context is None:
        return None
    sign = found.text.line(found.context.line)[found.context.column]
    message = f"the text after `{sign}` starts on the next line"
    return Guess(message, found.where, f"break the line after `{sign}`, and indent the text")


def _missing_space(found: Broken) -> Guess | None:
    """In the line that the parser took for text, which is this one or the one above."""
    if "expected ':'" in found.said and found.context is not None:
        line = found.context.line
    elif "mapping values" in found.said and _KEY.match(found.before):
        above = found.above(found.where.line)
        line = found.where.line if above is None else above
    else:
        return None
    written = found.text.line(line)
    if hit := _NO_SPACE.match(written):
        where = at(line, hit.start(1), len(written.rstrip()) - hit.start(1))
        key = hit.group(1)[:40]
        return Guess("this is no `key: value`", where, f"put a space after `{key}`")
    if hit := _NO_SPACE_AFTER_DASH.match(written):
        return Guess("this is no list entry", at(line, hit.start(1)), "put a space after the `-`")
    if hit := _BULLET.match(written):
        hint = "a list entry starts with `- `: a hyphen and a space"
        return Guess("this is no list entry", at(line, hit.start(1)), hint)
    return _no_key(found, line)


def _no_key(found: Broken, line: int) -> Guess | None:
    """A line in the place of a key that is none."""
    written = found.text.line(line)
    above = found.above(line)
    if hit := _FOREIGN_COMMENT.match(written):
        where = at(line, hit.start(1), len(hit.group(1)))
        return Guess("this is no comment", where, "a comment starts with `#`")
    block = _OPENS_BLOCK.search(found.text.line(above)) if above is not None else None
    if block and "expected ':'" in found.said:
        hint = f"indent all lines of the text deeper than `{block.group(1)[:40]}`"
        blank = len(written) - len(written.lstrip())
        where = at(line, blank, len(written.strip()))
        return Guess(f"the text of line {(above or 0) + 1} must be indented", where, hint)
    if "mapping values" in found.said and line != found.where.line:
        return _deeper(found, line)
    return None


def _deeper(found: Broken, above: int) -> Guess | None:
    """A key below a text, which then is no text but the start of a mapping."""
    key = _KEY.match(found.before)
    written = found.text.line(above)
    if key is None:
        return None
    if not (_KEY_AND_VALUE.match(written) or written.lstrip().startswith("- ")):
        blank = len(written) - len(written.lstrip())
        where = at(above, blank, len(written.strip()))
        return Guess("this is no `key: value`", where, "add the `:` and a value, or remove it")
    where = at(found.where.line, key.start(2), len(key.group(2)))
    message = f"`{key.group(2)[:40]}` is indented as if it belonged to the text of line {above + 1}"
    return Guess(message, where, f"indent it like {named(found.text, above)}")


def _one_line_reference(found: Broken) -> Guess | None:
    reference = _REFERENCE.match(found.before) if "mapping values" in found.said else None
    if reference is None:
        return None
    name = {"file": "path", "env": "NAME"}[reference.group(1)]
    hint = f"write it in braces: `{{{reference.group(1)}: {name}}}`"
    return Guess("a `:` stands where no key can be", found.where, hint)


def _after_the_end(found: Broken) -> Guess | None:
    """Text behind a quote, a bracket or an alias, in the same line."""
    before = found.before.rstrip()
    if not before.strip() or not any(part in found.said for part in _CLOSED):
        return None
    line, last, first = found.where.line, before[-1], found.rest[:1]
    if first == "," and _NOTHING_MORE.match(found.rest[1:]):
        hint = "remove it: YAML needs no `,` at the end of a line"
        return Guess("a `,` stands where nothing more can", found.where, hint)
    if last in _IN_QUOTES and (opened := _opened_above(found, before)) is not None:
        return Guess("this quote is not closed", opened, "add the closing quote")
    if last in _IN_QUOTES:
        message = f"the quote closes at column {len(before)}, and the text goes on"
        return Guess(message, at(line, len(before) - 1), _IN_QUOTES[last])
    if last in "]}" and first in "]}":
        return Guess(f"this `{first}` closes nothing", found.where, "remove it, or quote the text")
    if last in "]}":
        what = "a list, `[…]`" if last == "]" else "a mapping, `{…}`"
        return Guess(f"more text follows {what}", found.where, "quote the whole text")
    if sigil := _SIGIL.search(found.before):
        message = f"a text can not start with `{sigil.group(1)}`"
        return Guess(message, at(line, sigil.start(1)), "quote the text")
    return None


def _opened_above(found: Broken, before: str) -> Span | None:
    """A quote in a line above that the quote at the end of `before` was meant to be no end of."""
    quote = before[-1]
    if before.count(quote) % 2 == 0 or not _LOOKS_OPENING.search(before):
        return None
    for index in range(found.where.line - 1, -1, -1):
        if found.text.line(index).count(quote) % 2:
            return at(index, found.text.line(index).rindex(quote))
    return None


def _misfit(found: Broken) -> Guess | None:
    """A line whose indentation is neither that of its neighbours nor that of a line around them."""
    in_list = "expected '-'" in found.said
    if not (in_list or "expected key" in found.said) or found.before.strip():
        return None
    depth, inner = found.where.column, None
    outer = above = found.above(found.where.line)
    while outer is not None and indentation(found.text.line(outer)) > depth:
        inner, outer = outer, found.above(outer)
    header = found.text.line(outer) if outer is not None else ""
    if inner is not None and _OPENS_BLOCK.search(header) and indentation(header) < depth:
        message = "this line is indented less than the text that it belongs to"
        return Guess(message, found.where, "indent all lines of a text alike")
    if not in_list and found.rest.startswith("- "):
        hint = "indent it below its key; a text of several lines needs `key: |` and indentation"
        return Guess("a list entry stands where a key should be", found.where, hint)
    if outer is None or above is None:
        return None
    if in_list:
        hint = f"start it with `- `, or indent it like {named(found.text, above)}"
        return Guess("this line does not fit the list around it", found.where, hint)
    like = " or ".join(named(found.text, line) for line in (inner, outer) if line is not None)
    message = "this line does not fit the indentation around it"
    return Guess(message, found.where, f"indent it like {like}")


def _comma(found: Broken) -> Guess | None:
    if "node content" in found.said and found.rest[:1] == ",":
        hint = "remove it, or quote the text that it belongs to"
        return Guess("nothing stands before this `,`", found.where, hint)
    if "',' or '" not in found.said or found.context is None:
        return None
    if found.before[-1:] in _IN_QUOTES and found.before[-1:]:
        message = f"the quote closes at column {found.where.column}, and the text goes on"
        where = at(found.where.line, found.where.column - 1)
        return Guess(message, where, "is a quote before it not closed?")
    closer = "]" if "or ']'" in found.said else "}"
    in_one_line = found.context.line == found.where.line and closer in found.rest
    first = found.rest[:1]
    if (in_one_line and first not in "]}:") or (first and first in "{[\"'"):
        return Guess("a `,` is missing before this", found.where, "separate the entries with `,`")
    return None


_GUESSES: Final[tuple[Callable[[Broken], Guess | None], ...]] = (
    _conflict,
    _tab,
    _odd_space,
    _braces,
    _markdown,
    _block_header,
    _one_line_reference,
    _missing_space,
    _after_the_end,
    _misfit,
    _comma,
)
