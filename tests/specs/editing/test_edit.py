"""One operation on one text: what differs, and what does not."""

import pytest

from reconciler.specs.editing.edit import edited
from reconciler.specs.editing.operations import CannotEdit, Operation, operations
from reconciler.specs.yaml_nodes import Steps


def put(text: str, steps: Steps, value: object, *, own: bool = False) -> str:
    return edited(text, Operation("put", steps, value), own=own)


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
        ("a:\nb: 1\n", "x", "a: x\nb: 1\n"),
        ("a: &n x\nb: 1\n", "y", "a: &n y\nb: 1\n"),
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


def test_the_last_key_leaves_an_empty_mapping() -> None:
    assert remove("a: {b: 1}\n", "a", "b") == "a: {}\n"
    assert remove("a: # c\n  b: 1\nd: 2\n", "a", "b") == "a: {} # c\nd: 2\n"
    assert remove("- a: 1\n- b: 2\n", 1, "b") == "- a: 1\n- {}\n"


def test_a_missing_final_newline_stays_missing() -> None:
    assert put("a: 1", ("b",), 2) == "a: 1\nb: 2"
    assert remove("a: 1\nb: 2", "b") == "a: 1"


def test_an_anchor_is_changed_for_all_or_a_value_becomes_its_own() -> None:
    text = "a: &x one\nb: *x\nm: &m {k: 1}\nn:\n  <<: *m\n  j: 2\n"
    assert put(text, ("b",), "two") == text.replace("one", "two")
    assert put(text, ("b",), "two", own=True) == text.replace("b: *x", "b: two")
    assert put(text, ("a",), "two", own=True) == text.replace("&x one\nb: *x", "two\nb: &x one")
    assert put(text, ("n", "k"), 5, own=True) == f"{text}  k: 5\n"
    whole = "a: &m {k: 1, j: 2}\nb: *m # c\n"
    assert put(whole, ("b", "k"), 5, own=True) == whole.replace("*m", "{k: 5, j: 2}")


def test_the_last_item_of_a_flow_list_leaves_the_comment_before_it() -> None:
    text = "a: [\n  x, # x\n  y, # y\n  z,\n]\n"
    assert remove(text, "a", 2) == text.replace("  z,\n", "")


def test_json_stays_json() -> None:
    text = '{\n\t"a": [1],\n\t"b": "x"\n}\n'
    after = edited(text, Operation("put", ("b",), "\x7f'"), json_only=True)
    assert after == text.replace('"x"', '"\\u007f\'"')


def test_what_can_not_be_said_is_no_edit() -> None:
    with pytest.raises(CannotEdit):
        remove("a: &x 1\nb: *x\n", "a")


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
