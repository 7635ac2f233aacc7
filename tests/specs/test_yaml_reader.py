"""YAML is read as YAML 1.2 says, and what is wrong with a text is told with its place."""

import random
import time
from typing import Any

import pytest

from reconciler.specs import yaml_events
from reconciler.specs.marks import Text
from reconciler.specs.yaml_reader import MAX_DEPTH, MAX_NODES, read, read_strictly
from tests.fuzz_specs import RICH, mutated_text


def value(text: str) -> Any:
    found, problems = read(Text("a.yaml", text))
    assert problems == []
    return found


def complaint(text: str) -> tuple[str, int, int, int]:
    _, problems = read(Text("a.yaml", text))
    assert len(problems) == 1, problems
    position = problems[0].position
    assert position is not None
    assert problems[0].source_line is not None
    return problems[0].code, position.line, position.column, position.length


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        *(("no", "no"), ("on", "on"), ("2026-01-01", "2026-01-01"), ("1_000", "1_000")),
        *(("12:30:45", "12:30:45"), ("010", 10), ("0o10", 8), ("0x1F", 31), ("-7", -7), ("+7", 7)),
        *(("1.5", 1.5), (".5", 0.5), ("1e3", 1000.0), ("~", None), ("null", None), ("", None)),
        *(("true", True), ("False", False), ("'1'", "1"), ('"true"', "true"), ("!!str 1", "1")),
        *(("!!int 3", 3), ("!!float 3", 3), ("!!bool true", True), ("!!null ~", None)),
        *(("! 12", "12"), ("1.2.3", "1.2.3"), ("-", None), ("0b1", "0b1"), ("+", "+")),
    ],
)
def test_a_scalar_means_what_the_core_schema_says(text: str, meaning: Any) -> None:
    if text == "-":
        assert value("a: \n  -") == {"a": [None]}
    else:
        found = value(f"a: {text}")["a"]
        assert (found, type(found)) == (meaning, type(meaning))


def test_a_colon_inside_a_text_is_text_in_flow_collections_too() -> None:
    text = '{api: https://example.com:8080/a, b: [c:d, \'::\', "e:f"], "g":1}'
    assert value(text) == {
        "api": "https://example.com:8080/a",
        "b": ["c:d", "::", "e:f"],
        "g": 1,
    }


def test_characters_that_break_lines_only_in_yaml_1_1_are_text() -> None:
    assert value("a: x\u2028y\nb: |\n  one\u2029two\n") == {"a": "x\u2028y", "b": "one\u2029two\n"}


def test_the_private_character_that_shields_colons_survives() -> None:
    assert value("a: x\ue03ay:z") == {"a": "x\ue03ay:z"}
    assert value('{a?: "\\uE03f", b?: "\\U0000E03F"}') == {"a?": "\ue03f", "b?": "\ue03f"}


def test_merge_keys_take_over_what_is_not_said() -> None:
    text = "a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: {<<: [{z: 0, x: 9}, *a]}\nd: {'<<': 1}"
    assert value(text) == {
        "a": {"x": 1, "y": 2},
        "b": {"x": 1, "y": 3},
        "c": {"z": 0, "x": 9, "y": 2},
        "d": {"<<": 1},
    }


def test_anchors_mark_scalars_and_collections_and_can_be_set_anew() -> None:
    text = "- &a 1\n- *a\n- &a [2]\n- *a\n"
    assert value(text) == [1, 1, [2], [2]]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("a: 1\na: 2", ("SPEC007", 2, 1, 1)),
        ("a:\n  b: 1\n  'b': 2", ("SPEC007", 3, 3, 3)),
        ("1: x", ("SPEC008", 1, 1, 1)),
        ("x: {true: y}", ("SPEC008", 1, 5, 4)),
        ("? [a]\n: b", ("SPEC008", 1, 3, 1)),
        ("a: {{name}}", ("SPEC008", 1, 4, 2)),
        ("a: !secret x", ("SPEC009", 1, 4, 9)),
        ("a: !x [1]", ("SPEC009", 1, 4, 4)),
        ("a: !!int x", ("SPEC009", 1, 4, 7)),
        ("a: !!binary eA==", ("SPEC009", 1, 4, 13)),
        ("a: *b", ("SPEC010", 1, 4, 2)),
        ("a: &b [*b]", ("SPEC010", 1, 8, 2)),
        ("--- 1\n--- 2", ("SPEC013", 2, 1, 3)),
        ("", ("SPEC014", 1, 1, 1)),
        ("---\n...", ("SPEC014", 1, 1, 1)),
        ("a: .inf", ("SPEC016", 1, 4, 4)),
        ("a: -.INF", ("SPEC016", 1, 4, 5)),
        ("a: .NaN", ("SPEC016", 1, 4, 4)),
        ("a: 1e999", ("SPEC016", 1, 4, 5)),
        ("a: 99999999999999999999", ("SPEC016", 1, 4, 20)),
        ("a: 0xffffffffffffffffff", ("SPEC016", 1, 4, 20)),
        ("a: {<<: 1}", ("SPEC017", 1, 9, 1)),
        ("a: {<<: [x]}", ("SPEC017", 1, 9, 1)),
        ("a: b: c", ("SPEC005", 1, 5, 1)),
        ("a: b\n\tc: d", ("SPEC006", 2, 1, 1)),
        ("a:\n  \tb: c\n  d", ("SPEC006", 2, 3, 1)),
        ("a: [1, 2\nb: 3\n", ("SPEC005", 1, 4, 1)),
        ("a: {x: 1\nb: 2\n", ("SPEC005", 1, 4, 1)),
        ("a: 'x\nb: c\n", ("SPEC005", 1, 4, 1)),
        ("a: @x", ("SPEC005", 1, 4, 1)),
        ("a: {{name}} hello", ("SPEC005", 1, 4, 2)),
        ('a: "\\q"', ("SPEC005", 1, 5, 1)),
        ("a: - b", ("SPEC005", 1, 4, 1)),
        ("a: 1\nb\nc: 2", ("SPEC005", 2, 1, 1)),
        ("a: [\n\n\n", ("SPEC005", 1, 5, 1)),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, where: tuple[str, int, int, int]) -> None:
    assert complaint(text) == where


def test_several_problems_of_one_text_are_told_at_once() -> None:
    _, problems = read(Text("a.yaml", "a: .inf\n1: x\nb: !x y\nb: 2\n"))
    assert [problem.code for problem in problems] == ["SPEC016", "SPEC008", "SPEC009", "SPEC007"]
    assert problems[3].hint == "the first is on line 3, column 1: keep one of them"


def test_the_slow_parser_reads_the_same() -> None:
    chance = random.Random(5)  # noqa: S311  # the same texts in every run
    for _ in range(150):
        text = Text("a.yaml", mutated_text(chance, RICH[:900]))
        fast, problems = read(text)
        slow, others = read(text, yaml_events.pure_events)
        if not problems and not others:
            assert fast == slow, text.content


CORPUS = """plain: a b
words: [no, on, off, yes, True, null, ~, Null, nan]
numbers: [010, 0o17, 0x1F, 1_000, 1e3, .5, -0.0, +7, 0b1, 1.2.3, 9223372036854775807]
times: [2026-01-01, 12:30:45, 2026-01-01T00:00:00Z]
quoted: ['it''s', "a\\tb\\u00e9", 'no', "1"]
literal: |
  one
    two

  three
folded: >-
  one
  two

  three
keep: |+
  x

indented: |2
    x
urls: [https://a.example/b?c=d, a:b]
flow: {a: {b: [{c: 1}]}, "q": 'r', e: }
empty:
list:
- a
- - b
  - {c: d}
-
multi: one
  two
? long
: x # comment
"""


@pytest.mark.parametrize(
    "text",
    [CORPUS, RICH, CORPUS.replace("\n", "\r\n"), "x\n", "- 1", "--- {a: 1}\n..."],
)
def test_the_short_way_reads_the_same_as_the_long_way(text: str) -> None:
    assert repr(read(Text("a.yaml", text))) == repr(read_strictly(Text("a.yaml", text)))


def test_the_short_way_reads_no_broken_text_otherwise() -> None:
    chance = random.Random(7)  # noqa: S311  # as above
    for _ in range(300):
        text = Text("a.yaml", mutated_text(chance, chance.choice([CORPUS, RICH[:900]])))
        assert repr(read(text)) == repr(read_strictly(text)), text.content


def laughs() -> str:
    lines = ["a: &a [x,x,x,x,x,x,x,x,x]"]
    for name, inner in zip("bcdefghijkl", "abcdefghijk", strict=True):
        lines.append(f"{name}: &{name} [{','.join([f'*{inner}'] * 9)}]")
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (laughs(), "SPEC011"),
        ("a: [" + "1," * MAX_NODES + "]", "SPEC011"),
        ("[" * 100_000, "SPEC012"),
        ("- " * 100_000, "SPEC012"),
        ("{a: " * 100_000, "SPEC012"),
        ("? " * 100_000, "SPEC012"),
        ("a: &a {<<: [" + "*a," * 1000 + "]}", "SPEC010"),
        ("- \n" * 900_000, "SPEC011"),
        ("a" * 2_000_000 + ": 1", "SPEC005"),
        ("a: '" + "x\n\n" * 600_000, "SPEC005"),
    ],
)
def test_hostile_texts_are_refused_at_once(text: str, code: str) -> None:
    started = time.process_time()
    _, problems = read(Text("a.yaml", text))
    assert problems[0].code == code
    assert time.process_time() - started < 60  # what grows with the square takes hours


def test_a_hundred_levels_are_enough_and_allowed() -> None:
    assert read(Text("a.yaml", "[" * MAX_DEPTH + "]" * MAX_DEPTH))[1] == []


def test_a_question_mark_inside_a_text_is_text_in_flow_collections_too() -> None:
    text = "{a: Hm?, b: [What? Yes, x?y, Really??], \"c?\": 'd?', e?: http://x/?y=z}"
    assert value(text) == {
        "a": "Hm?",
        "b": ["What? Yes", "x?y", "Really??"],
        "c?": "d?",
        "e?": "http://x/?y=z",
    }


@pytest.mark.parametrize(
    ("text", "code", "meaning"),
    [
        ("a: .inf\nb: 1", "SPEC016", {"a": ".inf", "b": 1}),
        ("a: 1\na: 2", "SPEC007", {"a": 2}),
        ("a: !env X\nb: 1", "SPEC009", {"a": "X", "b": 1}),
        ("a: {{x}}\nb: 1", "SPEC008", {"a": {}, "b": 1}),
        ("a: *x\nb: 1", "SPEC010", {"a": None, "b": 1}),
        ("a: {<<: 1}\nb: 1", "SPEC017", {"a": {}, "b": 1}),
        ("a: &b [*b]", "SPEC010", None),
        ("a: 1\n---\nb: 1", "SPEC013", None),
        ("a: 1\nb: [", "SPEC005", None),
    ],
)
def test_what_can_be_made_out_of_a_text_with_mistakes(text: str, code: str, meaning: Any) -> None:
    found, problems = read(Text("a.yaml", text))
    assert ([problem.code for problem in problems], found) == ([code], meaning)
