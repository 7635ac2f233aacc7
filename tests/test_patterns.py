"""A pattern that is compiled late finds what one that was compiled at once would have found."""

import re
from copy import copy

import pytest

from reconciler.patterns import pattern


def test_it_does_all_that_a_pattern_does() -> None:
    late, made = (
        pattern(r"(?P<word>\w+)!", re.IGNORECASE),
        re.compile(r"(?P<word>\w+)!", re.IGNORECASE),
    )
    text = "say Hi! and Ho! again"
    for _ in range(2):
        assert [found.span() for found in late.finditer(text)] == [
            found.span() for found in made.finditer(text)
        ]
        assert late.sub(r"<\g<word>>", text) == made.sub(r"<\g<word>>", text)
    assert (late.flags, late.groupindex) == (made.flags, made.groupindex)
    assert pattern(rb"\d").findall(b"a1b2") == [b"1", b"2"]


def test_a_copy_is_a_pattern_too() -> None:
    assert copy(pattern("a")).findall("banana") == ["a"] * 3


def test_it_is_compiled_when_it_is_first_used() -> None:
    broken = pattern("(")
    with pytest.raises(re.error):
        broken.search("")
