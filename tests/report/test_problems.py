import json

import pytest

from reconciler.errors import LiveError, Locked, Position, SpecsInvalid, UsageError
from reconciler.report import error_text, problems_github, problems_sarif, problems_text
from tests.report.samples import problem


def marker_of(source: str, column: int, length: int, width: int = 100) -> tuple[str, str]:
    """The source line as shown, and what stands above the marker."""
    made = problem(source_line=source, position=Position("a.yaml", 7, column, length), hint=None)
    _, shown, marked, *_ = problems_text([made], width=width).split("\n")
    start, end = marked.index("^"), marked.rindex("^") + 1
    return shown, shown[start:end]


def test_a_problem_says_where_what_and_what_to_do() -> None:
    assert problems_text([problem()]) == (
        "agents/desk.yaml:14:3: unknown field `tts_voise` in models [SPEC012]\n"
        "   14 |   tts_voise: aura-2-thalia-en\n"
        "      |   ^^^^^^^^^ did you mean `tts_voice`?\n"
        "\n"
        "1 error."
    )


def test_a_value_from_elsewhere_tells_how_it_arrived() -> None:
    made = problem(severity="warning", hint=None, via=("`defaults` of reconciler.yaml", "agents"))
    assert problems_text([made, problem(position=None), problem(source_line=None)]) == (
        "agents/desk.yaml:14:3: warning: unknown field `tts_voise` in models [SPEC012]\n"
        "   14 |   tts_voise: aura-2-thalia-en\n"
        "      |   ^^^^^^^^^\n"
        "   via `defaults` of reconciler.yaml\n"
        "   via agents\n"
        "\n"
        "error: unknown field `tts_voise` in models [SPEC012]\n"
        "   hint: did you mean `tts_voice`?\n"
        "\n"
        "agents/desk.yaml:14:3: unknown field `tts_voise` in models [SPEC012]\n"
        "   hint: did you mean `tts_voice`?\n"
        "\n"
        "2 errors, 1 warning."
    )


def test_no_problems_are_told_as_such() -> None:
    assert problems_text([]) == "No problems."


@pytest.mark.parametrize(
    ("source", "column", "length", "marked"),
    [
        ("  key: value", 3, 3, "key"),
        ("\tkey: value", 2, 3, "key"),
        ("a\tkey: value", 3, 3, "key"),
        ("e\u0301\u0301 key", 5, 3, "key"),
        ("key", 1, 0, "k"),
        ("key: v\r\n", 1, 3, "key"),
    ],
)
def test_the_marker_stands_below_what_it_means(
    source: str, column: int, length: int, marked: str
) -> None:
    shown, above = marker_of(source, column, length)
    # Combining characters take no column, so the text above starts so many characters later.
    combining = source.count("\u0301")
    assert (above if not combining else shown[10 + combining :][:3]) == marked
    assert "\t" not in shown


def test_wide_and_invisible_characters_do_not_shift_the_marker() -> None:
    made = problem(source_line="日本\u202e: x", position=Position("a.yaml", 1, 6, 1), hint=None)
    _, shown, marked, *_ = problems_text([made]).split("\n")
    assert shown == "    1 | 日本\\u202e: x"
    assert marked == "      | " + " " * (4 + 6 + 2) + "^"


def test_a_marker_beyond_the_line_stands_at_its_end() -> None:
    made = problem(source_line="key:", position=Position("a.yaml", 1, 99, 5), hint=None)
    assert "    1 | key:\n      |     ^\n" in problems_text([made])


def test_a_line_of_200_kb_is_shown_around_its_mistake() -> None:
    source = "x" * 100_000 + "WRONG" + "y" * 100_000
    shown, above = marker_of(source, 100_001, 5)
    assert above == "WRONG"
    assert len(shown) <= 110
    shown, above = marker_of(source, 1, 200_005, width=40)
    assert shown.endswith("…")
    assert set(above) == {"x"}


def test_a_long_hint_and_a_message_of_several_lines_stay_readable() -> None:
    made = problem(message="one\ntwo", hint="long " * 30 + "\nsecond line")
    text = problems_text([made])
    assert "unknown" not in text
    assert ": one [SPEC012]\n  two\n" in text
    assert "   hint: long long" in text
    assert "\n         second line\n" in text


def test_colour_changes_no_letter_of_a_problem() -> None:
    text = problems_text([problem()], color=True)
    assert "\x1b[1;31m^^^^^^^^^\x1b[0m" in text


def test_an_error_says_what_and_what_to_do() -> None:
    error = UsageError("no environment `x`", position=Position("r.yaml", 1, 2), hint="one of: a, b")
    assert error_text(error) == (
        "error: r.yaml:1:2: no environment `x` [USAGE]\n   hint: one of: a, b"
    )
    assert error_text(Locked("held by ann\nsince noon")) == (
        "error: held by ann [LOCKED]\n  since noon"
    )


def test_an_error_of_the_api_names_what_support_will_ask_for() -> None:
    error = LiveError("bad", status=422, fields=["a", "b"], request_id="r-1", unclear=True)
    assert error_text(error) == (
        "error: bad [API]\n"
        "  fields: a, b\n"
        "  status 422, request r-1\n"
        "  The request may have taken effect all the same."
    )
    assert error_text(LiveError("cut off")) == "error: cut off [API]"


def test_invalid_specs_are_shown_as_their_problems() -> None:
    assert error_text(SpecsInvalid([problem(), problem()])).endswith("\n2 errors.")


def test_github_gets_one_command_a_problem_with_everything_escaped() -> None:
    made = problem(
        message="50% of `a`: bad\nreally",
        position=Position("agents/a,b:c.yaml", 2, 3, 4),
        via=("defaults",),
    )
    assert problems_github([made, problem(position=None, severity="warning", hint=None)]) == (
        "::error file=agents/a%2Cb%3Ac.yaml,line=2,col=3,endColumn=6,title=SPEC012::"
        "50%25 of `a`: bad%0Areally%0Adid you mean `tts_voice`?%0Avia defaults\n"
        "::warning title=SPEC012::unknown field `tts_voise` in models"
    )


def test_paths_are_counted_from_the_root_of_the_repo() -> None:
    assert "file=voice/prod/agents/desk.yaml," in problems_github([problem()], folder="voice/prod")
    sarif = problems_sarif([problem()], version="1", folder="voice/prod")
    assert '"voice/prod/agents/desk.yaml"' in json.dumps(sarif)


def test_sarif_has_a_rule_for_each_code_and_a_result_for_each_problem() -> None:
    made = [
        problem(code="B1", position=Position("a folder/ä.yaml", 2, 3, 4)),
        problem(code="A1", severity="warning", position=None, hint=None),
        problem(code="B1", source_line=None),
    ]
    document = problems_sarif(made, version="1.2.3")
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("reconciler", "1.2.3")
    assert [rule["id"] for rule in driver["rules"]] == ["A1", "B1"]
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        for location in result.get("locations", []):
            where = location["physicalLocation"]
            assert where["artifactLocation"]["uriBaseId"] in run["originalUriBaseIds"]
            assert where["region"]["startLine"] >= 1
            assert where["region"]["endColumn"] > where["region"]["startColumn"] >= 1
    first, second, third = run["results"]
    assert [r["level"] for r in run["results"]] == ["error", "warning", "error"]
    where = first["locations"][0]["physicalLocation"]
    assert where["artifactLocation"]["uri"] == "a%20folder/%C3%A4.yaml"
    assert where["region"]["snippet"] == {"text": "  tts_voise: aura-2-thalia-en"}
    assert "locations" not in second
    assert "snippet" not in third["locations"][0]["physicalLocation"]["region"]
