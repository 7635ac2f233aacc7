"""The catalogue is true: each wrong example yields its code alone, each right one nothing."""

import re
from pathlib import Path

import pytest

from reconciler.errors import UsageError
from reconciler.specs import explain
from reconciler.specs.catalogue import CATALOGUE
from tests.specs.project_folder import problems, write

SPECS = Path(__file__).parents[2] / "reconciler" / "specs"


@pytest.mark.parametrize("code", CATALOGUE)
def test_a_wrong_example_yields_its_code_and_nothing_else(code: str, tmp_path: Path) -> None:
    found = problems(write(tmp_path, CATALOGUE[code].wrong))
    assert {problem.code for problem in found} == {code}, found
    assert {problem.severity for problem in found} == {
        "warning" if code.startswith("SPEC1") else "error"
    }


@pytest.mark.parametrize("code", CATALOGUE)
def test_a_right_example_yields_nothing(code: str, tmp_path: Path) -> None:
    assert problems(write(tmp_path, CATALOGUE[code].right)) == ()


def test_every_code_in_the_source_is_explained_and_the_other_way_round() -> None:
    files = [path for path in SPECS.rglob("*.py") if path.parent.name != "catalogue"]
    used = {
        code for path in files for code in re.findall(r'"(SPEC\d{3})"', path.read_text("utf-8"))
    }
    assert used == set(CATALOGUE)


def test_explain_tells_what_why_and_both_examples() -> None:
    text = explain("spec104")
    assert text.startswith("SPEC104 (warning): an unknown region")
    assert "Wrong:" in text
    assert "Right:" in text
    assert "    region: eu-centrall" in text
    assert explain("SPEC007").startswith("SPEC007 (error)")


def test_explain_suggests_codes_for_a_slip() -> None:
    with pytest.raises(UsageError) as caught:
        explain("SPEC1004")
    assert "SPEC104" in str(caught.value.hint)
    with pytest.raises(UsageError) as caught:
        explain("banana")
    assert caught.value.hint == "codes run from SPEC001 to SPEC115"


def test_a_code_that_only_a_plan_gives_is_explained_too() -> None:
    assert explain("plan001").startswith("PLAN001 (error): A spec is pinned")
