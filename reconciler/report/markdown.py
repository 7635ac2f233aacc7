"""Markdown whose outside content can not act: all of it stands in fences or in `<code>`.

A fence outgrows the longest run of backticks in it, so nothing ends it early, and neither GitHub
nor GitLab looks for mentions, references or HTML inside. `<code>` holds entities in place of all
punctuation. Everything else is our own words.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypeAlias

from reconciler.nouns import noun
from reconciler.patterns import pattern
from reconciler.report.escaping import escape, inert, inline

LEAST_LIMIT: Final = 8_000
_LONGEST_LINE: Final = 500
_LONGEST_CODE: Final = 80
# Fences longer than a quarter of the limit are cut, so that every part is used well.
_SHARE: Final = 4
_RESERVE: Final = 64
_BACKTICKS: Final = pattern(r"`+")


@noun
class Fence:
    """Lines from outside; `info` is the language, such as `diff`."""

    info: str
    lines: tuple[str, ...]


@noun
class Section:
    """What folds away under one line; `summary` is safe HTML."""

    summary: str
    body: tuple[str | Fence, ...]


Block: TypeAlias = str | Fence | Section


def fence(info: str, lines: Iterable[str]) -> Fence:
    """A fence of bounded, inert lines."""
    texts = (part for line in lines for part in escape(line).split("\n"))
    return Fence(info, tuple(_bounded(inert(text)) for text in texts))


def code(text: str) -> str:
    """Outside content within a line of ours."""
    text = _bounded(inline(text), _LONGEST_CODE)
    return f"<code>{''.join(map(_entity, text))}</code>"


def parts(title: str, blocks: Sequence[Block], limit: int | None) -> list[str]:
    """The blocks as one document, or as many as the limit (in characters) makes necessary.

    Each part stands by itself: fences and sections are closed at its end and opened again in the
    next. Raises ValueError for a limit that could not hold one section's frame.
    """
    if limit is not None and limit < LEAST_LIMIT:
        raise ValueError(f"a limit of {limit} characters is too small: {LEAST_LIMIT} is the least")
    room = None if limit is None else limit - len(title) - _RESERVE
    bodies = list(_packed(_units(blocks, room), room))
    if len(bodies) == 1:
        return [f"### {title}\n\n{bodies[0]}\n"]
    return [
        f"### {title} (part {number} of {len(bodies)})\n\n{body}\n"
        for number, body in enumerate(bodies, 1)
    ]


def _units(blocks: Sequence[Block], room: int | None) -> Iterator[tuple[Section | None, str]]:
    """What is never torn apart, each with the section it belongs to."""
    for block in blocks:
        section = block if isinstance(block, Section) else None
        for piece in block.body if isinstance(block, Section) else (block,):
            if isinstance(piece, Fence):
                yield from ((section, _fenced(f)) for f in _pieces(piece, room))
            else:
                yield section, piece


def _packed(units: Iterable[tuple[Section | None, str]], room: int | None) -> Iterator[str]:
    page: list[str] = []
    size = 0
    opened: Section | None = None
    for section, text in units:
        close, open_again = _close(opened), _open(section)
        moves = section is not opened
        needed = size + len(text) + len(close) + len(open_again) + len(_close(section)) + 8
        if room is not None and page and needed > room:
            yield "\n\n".join([*page, *filter(None, [close])])
            page, size, opened, moves, close = [], 0, None, section is not None, ""
        added = [*filter(None, [close, open_again])] if moves else []
        added.append(text)
        opened = section
        page += added
        size += sum(len(piece) + 2 for piece in added)
    yield "\n\n".join([*page, *filter(None, [_close(opened)])])


def _open(section: Section | None) -> str:
    return f"<details>\n<summary>{section.summary}</summary>" if section else ""


def _close(section: Section | None) -> str:
    return "</details>" if section else ""


def _pieces(block: Fence, room: int | None) -> Iterator[Fence]:
    if room is None:
        yield block
        return
    piece: list[str] = []
    size = 0
    for line in block.lines:
        if piece and size + len(line) > room // _SHARE:
            yield Fence(block.info, tuple(piece))
            piece, size = [], 0
        piece.append(line)
        size += len(line) + 1
    yield Fence(block.info, tuple(piece))


def _fenced(block: Fence) -> str:
    runs = (len(run) for line in block.lines for run in _BACKTICKS.findall(line))
    ticks = "`" * max(3, 1 + max(runs, default=0))
    return "\n".join([ticks + block.info, *block.lines, ticks])


def _bounded(text: str, most: int = _LONGEST_LINE) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _entity(char: str) -> str:
    return char if char.isalnum() or char in " -/" or ord(char) > 127 else f"&#{ord(char)};"  # noqa: PLR2004  # ASCII
