"""SARIF as `validate` prints it is valid by the standard's own schema."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from reconciler.cli.boundary import run
from reconciler.errors import Position
from reconciler.report import problems_sarif
from tests.report.samples import problem
from tests.specs.project_folder import PROJECT, write

SCHEMA = json.loads((Path(__file__).parent / "data/sarif-2.1.0.schema.json").read_text("utf-8"))

BROKEN = """# --- agents/desk.yaml
name: Desk
greting: "Hello \U0001f642, {{name"
region: nowhere
tools:
  - {type: webhook, name: a b, auth: {type: bearer, token: s3cr3t}}
# --- agents/ünder way/ä.yaml
name: &a [*a
# --- agents/_defaults.yaml
idle_nudges: {hangup_delay_seconds: 0, enabled: true}
"""


def complaints(document: Any) -> list[str]:
    kind = jsonschema.validators.validator_for(SCHEMA)
    validator = kind(SCHEMA, format_checker=kind.FORMAT_CHECKER)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]


@pytest.mark.parametrize(
    ("files", "project", "code"),
    [
        (BROKEN, PROJECT, 4),
        ("name: Desk\n", PROJECT, 0),
        ("name: Desk\nregion: nowhere\n", PROJECT, 0),
        ("name: Desk\n", PROJECT.replace("version: 1", "version: [1"), 4),
        ("name: Desk\n", PROJECT.replace("api: sandbox", "api: sandbx"), 4),
    ],
    ids=["broken", "fine", "warnings", "no-project", "bad-project"],
)
def test_what_validate_prints_is_sarif(
    files: str, project: str, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, files, project=project)
    assert run(["-C", str(tmp_path), "validate", "--format", "sarif"]) == code
    document = json.loads(capsys.readouterr().out)
    assert complaints(document) == []
    assert bool(document["runs"][0]["results"]) is (files != "name: Desk\n" or code == 4)


@pytest.mark.parametrize(
    "position",
    [None, Position("a b/ä%#?.yaml", 3, 5, 2), Position("a.yaml", 0, 0, 0), Position("", 1, 1, 1)],
)
def test_a_problem_is_sarif_wherever_it_stands(position: Position | None) -> None:
    made = [problem(position=position, via=("defaults",)), problem(severity="warning", hint=None)]
    assert complaints(problems_sarif(made, version="1.0.0", folder="voice")) == []
    assert complaints(problems_sarif(made, version="1.0.0")) == []


def test_the_schema_finds_what_is_wrong() -> None:
    document = problems_sarif([problem()], version="1.0.0")
    document["runs"][0]["results"][0]["level"] = "fatal"
    del document["runs"][0]["tool"]
    assert len(complaints(document)) == 2
