"""What is written reads back, whatever it holds; and it reads well."""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reconciler.model.values import SecretRef, same
from reconciler.specs.marks import Text
from reconciler.specs.writing.emitter import FileRef, yaml_of
from reconciler.specs.yaml_reader import read

HARD_TEXTS = [
    *(
        "",
        " ",
        "\n",
        "\n\n",
        "\t",
        "no",
        "Yes",
        "on",
        "null",
        "~",
        "true",
        "y",
        "0",
        "-1",
        "+49",
        "1e3",
    ),
    *(
        "0x1F",
        "0o7",
        "0b1",
        "1_000",
        "12:30",
        "12:30:45",
        "2026-01-01",
        ".5",
        ".inf",
        ".nan",
        "1.",
        "=",
        "<<",
    ),
    *(
        "a: b",
        "a:",
        ":a",
        "a #b",
        "#a",
        "- a",
        "-",
        "? a",
        "[a",
        "{{a}} b",
        "a, b",
        "a]",
        "*a",
        "&a",
        "!a",
    ),
    *(
        "|",
        ">",
        "'a'",
        '"a"',
        "it's",
        'say "x"',
        "back\\slash",
        "%a",
        "@a",
        "`a`",
        "---",
        "...",
        "--- a",
    ),
    *(
        " a",
        "a ",
        "a\tb",
        "a\rb",
        "a\r\nb",
        "bell\x07",
        "del\x7f",
        "nel\x85",
        "ls\u2028",
        "bom\ufeff",
        "\ufffe",
    ),
    *(
        "nb\u00a0sp",
        "👩‍👩‍👧",
        "\U000e0041",
        "a\n",
        "a\n\n",
        "\na",
        "  a\nb",
        "a\n  b\n",
        "a \nb",
        "a\n \n",
        "\ta\nb",
    ),
    *(
        "w " * 90 + "w",
        "x" * 200,
        "two  spaces " * 20,
        "a\n- b: c\n# d\n",
        "---\na\n...\n",
        "é" * 120,
        "a" * 99 + " b",
    ),
]
TEXTS = st.text(max_size=40).filter(lambda t: not any(0xD800 <= ord(c) <= 0xDFFF for c in t)) | (
    st.lists(st.sampled_from(HARD_TEXTS), max_size=4).map("".join)
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


def read_back(document: dict[str, Any]) -> Any:
    value, problems = read(Text("", yaml_of(document)))
    assert not problems, yaml_of(document)
    return value


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=5))
@example({"\ue03f": None, "0?": None, "<<": None})
def test_whatever_is_written_reads_back(document: dict[str, Any]) -> None:
    assert same(read_back(document), document)


@pytest.mark.parametrize("text", HARD_TEXTS)
def test_each_difficult_text_reads_back_wherever_it_stands(text: str) -> None:
    document = {
        "a": text,
        "b": {"c": text, text or "k": [text]},
        "d": [{"e": text, "f": {"g": text}}],
        "z": "end",
    }
    assert read_back(document) == document


@pytest.mark.parametrize("word", ["no", "Yes", "on", "y", "1_000", "12:30:45", "2026-01-01", "0b1"])
def test_what_other_yaml_readers_would_misread_is_quoted(word: str) -> None:
    assert yaml_of({"a": word}) == f'a: "{word}"\n'


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Hello {{name}}, it's me.", "Hello {{name}}, it's me."),
        ("https://crm.example.com/a?b=c", "https://crm.example.com/a?b=c"),
        ("3f1c9a52-7a60-4f2e-9a35-0a6f8b1a7c11", "3f1c9a52-7a60-4f2e-9a35-0a6f8b1a7c11"),
        ("¿Sigue ahí?", "¿Sigue ahí?"),
        ("{{name}}", '"{{name}}"'),
        ('"quoted"', "'\"quoted\"'"),
        ("bell\x07", '"bell\\u0007"'),
        ("two\nlines\n", "|\n  two\n  lines"),
        ("two\nlines", "|-\n  two\n  lines"),
        ("  indented\nlines", "|2-\n    indented\n  lines"),
    ],
)
def test_a_text_is_written_as_a_person_would(text: str, written: str) -> None:
    assert yaml_of({"a": text}) == f"a: {written}\n"


def test_a_long_line_is_folded_between_words() -> None:
    text = ("Once more: " + "the caller must be told the price. " * 6).strip()
    lines = yaml_of({"a": text}).splitlines()
    assert lines[0] == "a: >-"
    assert max(map(len, lines)) <= 100
    assert " ".join(line.strip() for line in lines[1:]) == text


def test_whole_numbers_have_no_fraction() -> None:
    assert yaml_of({"a": 8.0, "b": 0.5, "c": True}) == "a: 8\nb: 0.5\nc: true\n"


def test_small_leaves_stand_on_one_line_and_sections_apart() -> None:
    written = yaml_of(
        {
            "name": "Desk",
            "models": {"llm": "gpt", "llm_kwargs": {"temperature": 0.2}},
            "tools": [{"type": "template", "template": "hangup"}],
        }
    )
    assert written == (
        "name: Desk\n\n"
        "models:\n  llm: gpt\n  llm_kwargs: {temperature: 0.2}\n\n"
        "tools:\n  - type: template\n    template: hangup\n"
    )


def test_references_look_like_references() -> None:
    written = yaml_of({"a": FileRef("../prompts/desk.md"), "b": {"token": SecretRef("env", "T")}})
    assert written.splitlines()[0] == "a: {file: ../prompts/desk.md}"
    assert "  token: {env: T}  # " in written


def test_json_keeps_the_same_document() -> None:
    document = {"a": [1, "x", None, {"b": []}], "c": {}}
    assert json.dumps(read_back(document)) == json.dumps(document)
