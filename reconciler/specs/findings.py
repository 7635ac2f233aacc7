"""What a check has found: a problem whose place is still a path."""

import itertools
from collections.abc import Iterable
from typing import Final, Literal

from reconciler.nouns import noun
from reconciler.specs.marks import Steps

MOST_FINDINGS: Final = 100
"""Of one kind in one place: nobody reads more, and hints for a hostile file would take hours."""

_MOST_KNOWN: Final = 1000


@noun
class Finding:
    """`steps` lead to the value in the merged document.

    `at_key` marks the key, not the value; `offset` and `length` mark a stretch of the value's
    text; `at_reference` that the value is still the reference as written, not what it stands for.
    """

    code: str
    message: str
    steps: Steps = ()
    hint: str | None = None
    at_key: bool = False
    offset: int | None = None
    length: int = 1
    as_written: bool = False


def severity_of(code: str) -> Literal["error", "warning"]:
    """Codes from SPEC101 on are warnings."""
    return "warning" if code.startswith("SPEC1") else "error"


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """A hint that names the known word next to this one, if one is near."""
    import difflib  # noqa: PLC0415  # only to say what was meant

    some = itertools.islice((each for each in known if len(each) <= 2 * len(word) + 2), _MOST_KNOWN)
    by_letters = {each.lower(): each for each in some}
    near = difflib.get_close_matches(word[:100].lower(), list(by_letters), n=1, cutoff=0.6)
    return f"did you mean `{by_letters[near[0]]}`?" if near else None


def listed(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def dotted(steps: Steps) -> str:
    """A path as people write it: `tools[0].url`."""
    text = ""
    for step in steps:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text
