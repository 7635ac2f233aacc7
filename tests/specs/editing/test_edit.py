"""One operation on one text: what differs, and what does not."""

import pytest

from reconciler.specs.editing.edit import edited, edited_for_all
from reconciler.specs.editing.operations import CannotEdit, Operation, operations
from reconciler.specs.yaml_nodes import Steps


def put(text: str, steps: Steps, value: object) -> str:
    return edited(text, Operation("put", steps, value))


def remove(text: str, *steps: str | int) -> str:
    return edited(text, Operation("remove", steps))


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("a: old  # c\n", "new", "a: new  # c\n"),
        ("a: old\t# c\n", "new: x", 'a: "new: x"\t# c\n'),
        ("a: 'it''s'\n", "it's so", "a: 'it''s so'\n"),
        ('a: "\\u00e9 x"', "é y", 'a: "\\u00e9 y"'),
        ("a: 'x'\n", "two\nlines", "a: |-\n  two\n  lines\n"),
        ("a: 1\n", "1", 'a: "1"\n'),
        ("a: x\n", None, "a: null\n"),
        ("a: &n !!str 7 # c\n", 8, "a: &n 8 # c\n"),
        ("a:\nb: 1\n", "x", "a: x\nb: 1\n"),
        ("a: &n x\nb: 1\n", "z", "a: &n z\nb: 1\n"),
        ("a: x\n", "no", 'a: "no"\n'),
        ("a: |-\n  x\n  y\n\nb: 1\n", "x\nz", "a: |-\n  x\n  z\n\nb: 1\n"),
        ("a: |\n  x\n", "y", "a: |-\n  y\n"),
        ("a: |-\n  x\n", "y\n", "a: |\n  y\n"),
        ("a: |+\n  x\n\n\n", "y\n\n\n", "a: |+\n  y\n\n\n"),
        ("a: |\r\n  x\r\n  y\r\n", "x\nz\n", "a: |\r\n  x\r\n  z\r\n"),
        ("a: |2\n    x\n   y\n", "  x\n z\n", "a: |2\n    x\n   z\n"),
        ("a: >\n  one\n  two\n\n  three\n", "one 2\nthree\n", "a: >\n  one\n  2\n\n  three\n"),
        ("a: one\n  two\n  three\n", "one 2 three", "a: one\n  2\n  three\n"),
        ("a: |\n  x", "y", "a: |\n  y"),
    ],
)
def test_a_text_keeps_its_style(before: str, value: object, after: str) -> None:
    assert put(before, ("a",), value) == after


def test_keys_and_items_come_and_go_with_their_lines_alone() -> None:
    text = "m: # m\n  a: 1 # a\n  # b\n  b: 2\nl:\n- x # x\n# y\n- y\nf: {a: 1, b: [1, 2]}\n"
    assert remove(text, "m", "a") == text.replace("  a: 1 # a\n", "")
    assert remove(text, "l", 0) == text.replace("- x # x\n", "")
    assert remove(text, "f", "a") == text.replace("a: 1, ", "")
    assert remove(text, "f", "b") == text.replace(", b: [1, 2]", "")
    assert put(text, ("m", "c"), {"d": "e"}) == text.replace("b: 2\n", "b: 2\n  c: {d: e}\n")
    inserted = edited(text, Operation("insert", ("l", 2), {"k": "v", "w": 1}))
    assert inserted == text.replace("- y\n", "- y\n- k: v\n  w: 1\n")
    assert edited(text, Operation("insert", ("f", "b", 0), 0)) == text.replace("[1", "[0, 1")


def test_a_blank_line_goes_where_a_text_above_would_count_it_in() -> None:
    text = "a: |+\n  x\n\nb: 1\n\nc: 2\n"
    assert remove(text, "b") == text.replace("b: 1\n\n", "")
    assert remove(text.replace("|+", "|"), "b") == text.replace("|+", "|").replace("b: 1\n", "")


def test_the_last_key_leaves_an_empty_mapping() -> None:
    assert remove("a: {b: 1}\n", "a", "b") == "a: {}\n"
    assert remove("a: # c\n  b: 1\nd: 2\n", "a", "b") == "a: {} # c\nd: 2\n"
    assert remove("- a: 1\n- b: 2\n", 1, "b") == "- a: 1\n- {}\n"


def test_a_missing_final_newline_stays_missing() -> None:
    assert put("a: 1", ("b",), 2) == "a: 1\nb: 2"
    assert remove("a: 1\nb: 2", "b") == "a: 1"


@pytest.mark.parametrize(
    ("steps", "value", "changed"),
    [
        (("b",), "two", {"b: *x": "b: two"}),
        (("a",), "two", {"a: &x one": "a: two", "b: *x": "b: &x one"}),
        (("l", 0), "two", {"[*x": "[two"}),
        (("n", "k"), 5, {"  j: 2\n": "  j: 2\n  k: 5\n"}),
        (("n", "j"), 5, {"j: 2": "j: 5"}),
        (("m", "k"), 5, {"m: &m {k: 1}": "m: &m {k: 5}", "  j: 2\n": "  j: 2\n  k: 1\n"}),
        (("p", "k"), 5, {"p: *m # c": "p: {k: 5} # c"}),
    ],
)
def test_what_anchors_share_stays_as_it_is(
    steps: Steps, value: object, changed: dict[str, str]
) -> None:
    text = "a: &x one\nb: *x\nl: [*x, y]\nm: &m {k: 1}\nn:\n  <<: *m\n  j: 2\n"
    if steps[0] == "p":
        text += "p: *m # c\n"
    after = text
    for old, new in changed.items():
        assert after.count(old) == 1
        after = after.replace(old, new)
    assert put(text, steps, value) == after


def test_a_block_that_goes_elsewhere_takes_its_comments_and_leaves_its_anchors() -> None:
    text = "a: &m # m\n  k: &k 1 # k\n\n  # l\n  l: [x,\n    y]\nb: [*k]\nc:\n    d: *m # d\n"
    after = put(text, ("c", "d", "k"), 2)
    assert after == text.replace(
        "d: *m # d\n",
        "d: # d\n      k: 2 # k\n\n      # l\n      l: [x,\n        y]\n",
    )


def test_a_merge_key_goes_when_a_key_of_it_does() -> None:
    text = "a: &a {k: 1, l: 2}\nb: &b {m: 3}\nc:\n  <<: [*a, *b] # both\n  n: 4\n"
    after = "c:\n  k: 1\n  m: 3 # both\n  n: 4\n"
    assert remove(text, "c", "l") == text[: text.index("c:")] + after
    own = "a: &a {k: 1, l: 2}\nb: {<<: *a, k: 3}\n"
    assert remove(own, "b", "k") == "a: &a {k: 1, l: 2}\nb: {l: 2}\n"


def test_the_smaller_of_two_ways_is_taken() -> None:
    one = "a: &a\n  k: 1\n  l: 2\nb: *a\n"
    assert put(one, ("a", "k"), 3) == "a: &a\n  k: 3\n  l: 2\nb:\n  k: 1\n  l: 2\n"
    text = "a: &a [1, 2]\nb: *a\nc: *a\nd: *a\n"
    assert remove(text, "a", 0) == "a: [2]\nb: &a [1, 2]\nc: *a\nd: *a\n"


def test_an_anchor_changes_for_all_where_that_is_wanted() -> None:
    text = "a: &x one\nb: *x\nm: &m {k: 1}\nn:\n  <<: *m\n"
    shared = Operation("put", ("b",), "two")
    assert edited_for_all(text, shared) == (text.replace("one", "two"), [("a",), ("b",)])
    merged = edited_for_all(text, Operation("put", ("n", "k"), 2))
    assert merged == (text.replace("k: 1", "k: 2"), [("m", "k"), ("n", "k")])
    assert edited_for_all("a: one\nb: one\n", shared) is None


def test_the_last_item_of_a_flow_list_leaves_the_comment_before_it() -> None:
    text = "a: [\n  x, # x\n  y, # y\n  z,\n]\n"
    assert remove(text, "a", 2) == text.replace("  z,\n", "")


def test_json_stays_json() -> None:
    text = '{\n\t"a": [1],\n\t"b": "x"\n}\n'
    after = edited(text, Operation("put", ("b",), "\x7f'"), json_only=True)
    assert after == text.replace('"x"', '"\\u007f\'"')


def test_what_can_not_be_said_is_no_edit() -> None:
    with pytest.raises(CannotEdit):
        put("a: 1\n", ("a",), {"\ud800": [], "x": "\ud800"})
    with pytest.raises(CannotEdit):
        remove("&k a: 1\nb: *k\n", "a")


def test_a_list_is_changed_item_by_item() -> None:
    old = [{"type": "webhook", "name": "a", "n": 1}, {"type": "webhook", "name": "b"}]
    new = [{"type": "webhook", "name": "b"}, {"type": "webhook", "name": "c"}]
    assert list(operations(old, new)) == [
        Operation("remove", (0,)),
        Operation("insert", (1,), new[1]),
    ]
    assert list(operations(["a", "b"], ["a", "x", "y"])) == [
        Operation("put", (1,), "x"),
        Operation("insert", (2,), "y"),
    ]
