from hypothesis import given
from hypothesis import strategies as st

from reconciler.report.words import DiffLine, line_diff

texts = st.lists(st.sampled_from(["a", "b", "a b", "", "c d e", "\n"]), max_size=30).map("\n".join)


def rendered(before: str, after: str, context: int = 2) -> list[str]:
    return [
        line.sign + "".join(f"<{text}>" if changed else text for text, changed in line.parts)
        for line in line_diff(before, after, context=context)
    ]


def test_changed_words_are_marked_and_shared_ones_are_not() -> None:
    assert rendered("one two three", "one 2 three") == ["-one <two> three", "+one <2> three"]


def test_neighbouring_changed_words_share_one_mark() -> None:
    assert rendered("say a b c now please", "say x y z now please") == [
        "-say <a b c> now please",
        "+say <x y z> now please",
    ]


def test_a_paragraph_that_was_wrapped_anew_shows_what_changed_in_it() -> None:
    assert rendered("alpha beta\ngamma delta", "alpha\nbeta gamma new delta") == [
        "-alpha beta",
        "-gamma delta",
        "+alpha",
        "+beta gamma <new >delta",
    ]


def test_lines_with_nothing_in_common_are_not_marked() -> None:
    assert rendered("alpha beta", "one two") == ["-alpha beta", "+one two"]


def test_gaps_name_the_line_that_follows() -> None:
    before = "\n".join(str(i) for i in range(20)) + "\n"
    after = before.replace("\n5\n", "\nfive\n").replace("19\n", "19\nend\n")
    assert rendered(before, after, context=1) == [
        "@line 5", " 4", "-5", "+five", " 6", "@line 20", " 19", "+end",
    ]  # fmt: skip


def test_texts_too_large_to_compare_are_replaced_but_keep_their_ends() -> None:
    before, after = ("\n".join([f"{w}{i}" for i in range(6_000)]) for w in "ab")
    lines = list(line_diff(f"head\n{before}\ntail", f"head\n{after}\ntail"))
    assert (lines[0], lines[-1]) == (
        DiffLine(" ", (("head", False),)),
        DiffLine(" ", (("tail", False),)),
    )
    assert [line.sign for line in lines].count("+") == 6_000


def test_blocks_with_too_many_words_to_compare_are_not_marked() -> None:
    (before, after) = line_diff("a " * 400 + "x", "a " * 400 + "y")
    assert len(before.parts) == len(after.parts) == 1


@given(texts, texts)
def test_a_diff_with_all_its_context_holds_both_texts(before: str, after: str) -> None:
    lines = list(line_diff(before, after, context=100))
    if before == after:
        assert lines == []
        return
    old = [line.text for line in lines if line.sign in " -"]
    new = [line.text for line in lines if line.sign in " +"]
    assert "\n".join(old).strip("\n") == before.strip("\n")
    assert "\n".join(new).strip("\n") == after.strip("\n")
