"""Which of the lines taken away stands beside which of those added."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from reconciler.patterns import pattern
from reconciler.report.words import Part, line_diff

Parts: TypeAlias = tuple[Part, ...]

_WORD: Final = pattern(r"\w+")
_ALIKE: Final = 0.35
# The comparison of each line with each is for blocks that a person would compare, too.
_MOST_COMPARED: Final = 2_500


def paired(
    taken: Sequence[Parts], given: Sequence[Parts]
) -> Iterator[tuple[Parts | None, Parts | None]]:
    """Both sides in order, lines that resemble each other beside each other."""
    left_at = right_at = 0
    for left, right in [*_partners(taken, given), (len(taken), len(given))]:
        yield from _unpaired(taken[left_at:left], given[right_at:right])
        if left < len(taken):
            yield _marked(taken[left], given[right])
        left_at, right_at = left + 1, right + 1


def _unpaired(
    taken: Sequence[Parts], given: Sequence[Parts]
) -> Iterator[tuple[Parts | None, Parts | None]]:
    """What has no partner: side by side all the same, to save the reader's scrolling."""
    for index in range(max(len(taken), len(given))):
        yield (
            _whole(taken[index]) if index < len(taken) else None,
            _whole(given[index]) if index < len(given) else None,
        )


def _partners(taken: Sequence[Parts], given: Sequence[Parts]) -> list[tuple[int, int]]:
    """The pairs in order whose likeness is the greatest in sum (longest common subsequence)."""
    if not taken or not given or len(taken) * len(given) > _MOST_COMPARED:
        return list(zip(range(len(taken)), range(len(given)), strict=False))
    left, right = (
        [Counter(_WORD.findall(_text(line))) for line in side] for side in (taken, given)
    )
    likeness = [[_likeness(a, b) for b in right] for a in left]
    best = [[0.0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for i in reversed(range(len(left))):
        for j in reversed(range(len(right))):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], best[i + 1][j + 1] + likeness[i][j])
    return list(_walk(likeness, best))


def _walk(likeness: list[list[float]], best: list[list[float]]) -> Iterator[tuple[int, int]]:
    i = j = 0
    while i < len(likeness) and j < len(likeness[0]):
        if likeness[i][j] and best[i][j] == best[i + 1][j + 1] + likeness[i][j]:
            yield i, j
            i, j = i + 1, j + 1
        elif best[i + 1][j] >= best[i][j + 1]:
            i += 1
        else:
            j += 1


def _likeness(left: Counter[str], right: Counter[str]) -> float:
    """The share of words in common; nothing below the least that is worth a pair."""
    share = 2 * (left & right).total() / max(left.total() + right.total(), 1)
    return share if share >= _ALIKE else 0.0


def _marked(left: Parts, right: Parts) -> tuple[Parts, Parts]:
    """A pair with its words marked, also where its block was too long to be compared as one."""
    if any(changed for _, changed in (*left, *right)):
        return left, right
    lines = {line.sign: line.parts for line in line_diff(_text(left), _text(right))}
    return lines.get("-", left), lines.get("+", right)


def _whole(line: Parts) -> Parts:
    """A line that is new in all its words needs no mark on each."""
    return ((_text(line), False),) if all(changed for _, changed in line) else line


def _text(line: Parts) -> str:
    return "".join(text for text, _ in line)
