"""Two texts side by side: nothing is lost, nothing is made up."""

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.report.html.sidebyside import Gap, Line, Pair, Rest, SideBySide, side_by_side

_LINES = st.lists(
    st.sampled_from(["a", "b c", "b c d", "Speak slowly.", "Speak calmly.", "", "x y z"]),
    max_size=30,
)


def sides(diff: SideBySide) -> tuple[list[str], list[str]]:
    before: list[str] = []
    after: list[str] = []
    for block in diff.blocks:
        if isinstance(block, Gap):
            before += block.text.split("\n")
            after += block.text.split("\n")
            continue
        for pair in block.pairs if isinstance(block, Rest) else block:
            _put(pair.before, before)
            _put(pair.after, after)
    return before, after


def _put(line: Line | None, side: list[str]) -> None:
    if line is not None:
        side.append("".join(text for text, _ in line.parts))
        assert line.number == len(side)


def pairs(before: str, after: str) -> list[tuple[str, str]]:
    """Return the changed lines that stand beside each other; `-` where there is none."""
    diff = side_by_side(before, after, room=10_000)
    found = (p for b in diff.blocks if isinstance(b, tuple) for p in b if not p.same)
    return [(_text(pair.before), _text(pair.after)) for pair in found]


def _text(line: Line | None) -> str:
    return "".join(text for text, _ in line.parts) if line else "-"


@settings(max_examples=300, deadline=None)
@given(_LINES, _LINES, _LINES, st.booleans())
def test_both_sides_are_whole(head: list[str], old: list[str], new: list[str], ended: bool) -> None:  # noqa: FBT001  # a parameter of pytest
    end = "\n" if ended else ""
    before, after = ("\n".join([*head, *side, "end"]) + end for side in (old, new))
    shown = sides(side_by_side(before, after, room=100_000))
    assert shown == (before.removesuffix("\n").split("\n"), after.removesuffix("\n").split("\n"))


def test_lines_stand_beside_those_they_came_from() -> None:
    before = "Speak slowly to callers.\nAsk one question at a time.\n"
    after = (
        "Never shout.\nSpeak slowly to all callers.\nHang up late.\nAsk two questions at a time.\n"
    )
    assert pairs(before, after) == [
        ("-", "Never shout."),
        ("Speak slowly to callers.", "Speak slowly to all callers."),
        ("-", "Hang up late."),
        ("Ask one question at a time.", "Ask two questions at a time."),
    ]


def test_words_are_marked_in_blocks_too_long_to_be_compared_as_one() -> None:
    old = [
        f"Rule {n}: speak slowly and clearly to each and every caller of line {n}."
        for n in range(90)
    ]
    new = [line.replace("slowly", "calmly") for line in old]
    diff = side_by_side("\n".join(old), "\n".join(new), room=100_000)
    (block,) = diff.blocks
    assert isinstance(block, tuple)
    assert all(p.after and ("calmly", True) in p.after.parts for p in block)


def test_what_is_beyond_the_first_screens_is_folded_and_beyond_the_room_counted() -> None:
    old, new = ("\n".join(f"{word} {n}" for n in range(1000)) for word in ("old", "new"))
    diff = side_by_side(old, new, room=100_000)
    assert isinstance(diff.blocks[-1], Rest)
    assert (diff.taken, diff.given, diff.missing) == (1000, 1000, 0)
    short = side_by_side(old, new, room=600)
    assert 0 < 1000 - short.missing < 100


def test_an_endless_line_is_shown_by_its_ends() -> None:
    diff = side_by_side("a", "x" * 200_000, room=100_000)
    ((pair,),) = (block for block in diff.blocks if isinstance(block, tuple))
    assert isinstance(pair, Pair)
    assert pair.size < 5_000
    assert "(196,000 characters)" in _text(pair.after)
