"""Keeps the one comment of an environment as it should be: what is there is compared, then mended.

Like an apply, it converges: whatever went wrong on the way, running it again leaves each part once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from reconciler.hosting.exchange import HostingError
from reconciler.hosting.marker import Marker
from reconciler.hosting.thread import Comment, Thread

_ROUNDS: Final = 3
_GONE: Final = 404


@dataclass(slots=True)
class Kept:
    """What was done."""

    created: int = 0
    updated: int = 0
    deleted: int = 0
    unchanged: int = 0

    def __str__(self) -> str:
        words = ("created", "updated", "deleted", "unchanged")
        told = [f"{getattr(self, word)} {word}" for word in words if getattr(self, word)]
        return ", ".join(told) or "nothing to do"


def keep_comments(thread: Thread, marker: Marker, parts: Sequence[str]) -> Kept:
    """Make our comments on this request exactly these parts; none at all for no parts.

    A write that may or may not have happened, or a comment that somebody deleted meanwhile, is no
    reason to fail: the comments are read again. Raises `HostingError`.
    """
    bodies = {number: f"{marker.line(number)}\n{part}" for number, part in enumerate(parts, 1)}
    kept = Kept()
    for last in [False] * (_ROUNDS - 1) + [True]:
        try:
            _mend(thread, marker, bodies, kept)
        except HostingError as error:
            if last or not (error.unclear or error.status == _GONE):
                raise
        else:
            break
    return kept


def _mend(thread: Thread, marker: Marker, bodies: dict[int, str], kept: Kept) -> None:
    there: dict[int, Comment] = {}
    superfluous: list[Comment] = []
    for comment in thread.own():
        part = marker.part_of(comment.body)
        if part is None:
            continue
        if part in bodies and part not in there:
            there[part] = comment
        else:
            superfluous.append(comment)
    kept.unchanged = 0
    for part, body in bodies.items():
        _show(thread, there.get(part), body, kept)
    for comment in superfluous:
        thread.remove(comment)
        kept.deleted += 1


def _show(thread: Thread, comment: Comment | None, body: str, kept: Kept) -> None:
    if comment is None:
        thread.add(body)
        kept.created += 1
    elif comment.body.strip() == body.strip():
        kept.unchanged += 1
    else:
        thread.change(comment, body)
        kept.updated += 1
