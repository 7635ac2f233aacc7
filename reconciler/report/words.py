"""Line diffs of long texts with the changed words marked."""

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Final, Literal, TypeAlias

from reconciler.model.counting import counted
from reconciler.nouns import noun
from reconciler.patterns import pattern

Sign: TypeAlias = Literal[" ", "-", "+", "@"]
Part: TypeAlias = tuple[str, bool]
"""A piece of a line, and whether it is what changed in it."""

_WORD: Final = pattern(r"\w+|\s|[^\w\s]")
# difflib is quadratic at worst: beyond these sizes a text is shown as replaced, unmarked.
_MOST_LINES: Final = 5_000
_MOST_WORDS: Final = 600
_ALIKE: Final = 0.2
_AT_ENDS: Final = 48
_LONGEST: Final = 480


@noun
class DiffLine:
    """A line of context, taken away or added; `@` stands for a gap and names the next line."""

    sign: Sign
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.parts)


def line_diff(before: str, after: str, *, context: int = 2) -> Iterator[DiffLine]:
    """The changed lines with some around them, one after the other, computed as they are read."""
    old, new = before.split("\n"), after.split("\n")
    ends = (len(old), len(new))
    reached = 0
    for group in _groups(old, new, context):
        if group[0][3] > reached:
            yield DiffLine("@", ((f"line {group[0][3] + 1}", False),))
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                # The nothing after a last newline is no line to show.
                lines = new[j1 : j2 - ((i2, j2) == ends and not new[-1])]
                yield from (DiffLine(" ", ((line, False),)) for line in lines)
            else:
                yield from _replaced(old[i1:i2], new[j1:j2])
        reached = group[-1][4]


def _groups(
    old: list[str], new: list[str], context: int
) -> Iterator[list[tuple[str, int, int, int, int]]]:
    """The groups of difflib, with the equal head and tail taken off before it looks."""
    head = _shared(old, new)
    tail = _shared(old[head:][::-1], new[head:][::-1])
    a, b = old[head : len(old) - tail], new[head : len(new) - tail]
    shift = max(head - context, 0)
    around = old[shift:head], old[len(old) - tail :][:context]
    if len(a) + len(b) > _MOST_LINES:
        first, last = len(around[0]), len(around[1])
        ops = [
            ("equal", 0, first, 0, first),
            ("replace", first, first + len(a), first, first + len(b)),
            ("equal", first + len(a), first + len(a) + last, first + len(b), first + len(b) + last),
        ]
        groups = iter([[op for op in ops if op[2] > op[1] or op[4] > op[3]]])
    else:
        left, right = ([*around[0], *lines, *around[1]] for lines in (a, b))
        groups = iter(SequenceMatcher(None, left, right).get_grouped_opcodes(context))
    for group in groups:
        yield [(tag, *(place + shift for place in places)) for tag, *places in group]  # type: ignore[misc]  # opcodes


def _shared(left: list[str], right: list[str]) -> int:
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count


def _replaced(old: list[str], new: list[str]) -> Iterator[DiffLine]:
    compared = _marked("\n".join(old), "\n".join(new)) if old and new else None
    left, right = compared or (
        [((line, False),) for line in old],
        [((line, False),) for line in new],
    )
    yield from (DiffLine("-", parts) for parts in left)
    yield from (DiffLine("+", parts) for parts in right)


def _marked(old: str, new: str) -> tuple[list[tuple[Part, ...]], list[tuple[Part, ...]]] | None:
    """Both texts as lines of parts, or None where they have too little in common to be compared."""
    left, right = _WORD.findall(old), _WORD.findall(new)
    if max(len(left), len(right)) > _MOST_WORDS:
        return None
    # To wrap a paragraph anew changes none of its words.
    a, b = ([" " if word == "\n" else word for word in words] for words in (left, right))
    blocks = SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks()
    kept_left, kept_right = [False] * len(left), [False] * len(right)
    for block in blocks:
        for offset in range(block.size):
            kept_left[block.a + offset] = kept_right[block.b + offset] = True
    if _weight(left, kept_left) < _ALIKE * max(_weight(left), _weight(right)):
        return None
    return _lines(left, kept_left), _lines(right, kept_right)


def _weight(words: list[str], kept: list[bool] | None = None) -> int:
    flags = kept or [True] * len(words)
    return sum(len(w) for w, keep in zip(words, flags, strict=True) if keep and not w.isspace())


def _lines(words: list[str], kept: list[bool]) -> list[tuple[Part, ...]]:
    """Words gathered into lines, neighbours of one kind into one part."""
    lines: list[list[Part]] = [[]]
    for index, word in enumerate(words):
        if word == "\n":
            lines.append([])
            continue
        changed = not kept[index] or _between_changes(words, kept, index)
        line = lines[-1]
        if line and line[-1][1] is changed:
            line[-1] = (line[-1][0] + word, changed)
        else:
            line.append((word, changed))
    return [tuple(line) for line in lines]


def _between_changes(words: list[str], kept: list[bool], index: int) -> bool:
    """White space between two changed words is marked with them: one mark reads better than two."""
    if not words[index].isspace() or not 0 < index < len(words) - 1:
        return False
    return not kept[index - 1] and not kept[index + 1]


def marked(text: str, sign: str) -> str:
    """Changed words where there is no colour, as `git diff --word-diff` shows them."""
    return f"[-{text}-]" if sign == "-" else f"{{+{text}+}}"


def shortened(line: DiffLine) -> Iterator[Part]:
    """Long stretches that did not change shrink to their ends, next to what did."""
    for index, (text, changed) in enumerate(line.parts):
        first, last = index == 0, index == len(line.parts) - 1
        whole = changed or (first and last)
        room = _LONGEST if whole else 2 * _AT_ENDS
        if len(text) <= room + 1:
            yield text, changed
        elif whole:
            yield f"{text[:room]}… ({counted(len(text) - room, 'more character')})", changed
        else:
            start = "" if first else text[:_AT_ENDS]
            yield f"{start}…{'' if last else text[-_AT_ENDS:]}", changed
