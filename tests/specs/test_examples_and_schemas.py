"""The examples validate against the stored schemas by a validator that is not ours."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "schemas"
PROJECTS = sorted((ROOT / "examples").glob("**/reconciler.yaml"))
FILES = sorted((ROOT / "examples").glob("**/agents/**/*.yaml"))
SPECS = [path for path in FILES if path.name != "_defaults.yaml"]
DEFAULTS = [path for path in FILES if path.name == "_defaults.yaml"]


def check(schema: Path, *files: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "check_jsonschema", "--schemafile", str(schema)]
    return subprocess.run(
        [*command, *map(str, files)], capture_output=True, text=True, timeout=120, check=False
    )


def shared_schema(folder: Path) -> Path:
    """The part of the agent schema that a `_defaults.yaml` follows."""
    agent = json.loads((SCHEMAS / "agent.schema.json").read_text(encoding="utf-8"))
    path = folder / "shared.schema.json"
    shared = {"$schema": agent["$schema"], "$ref": "#/$defs/SharedSpec", "$defs": agent["$defs"]}
    path.write_text(json.dumps(shared), encoding="utf-8")
    return path


def test_there_are_examples_of_every_kind_of_file() -> None:
    assert len(SPECS) >= 5
    assert PROJECTS
    assert DEFAULTS


def test_every_example_spec_validates() -> None:
    done = check(SCHEMAS / "agent.schema.json", *SPECS)
    assert done.returncode == 0, done.stdout


def test_every_example_project_file_validates() -> None:
    done = check(SCHEMAS / "project.schema.json", *PROJECTS)
    assert done.returncode == 0, done.stdout


def test_the_defaults_of_every_example_validate(tmp_path: Path) -> None:
    done = check(shared_schema(tmp_path), *DEFAULTS)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", ["agent", "project", "plan"])
def test_every_schema_is_valid_in_its_dialect(name: str) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--check-metaschema"]
    done = subprocess.run(
        [*command, str(SCHEMAS / f"{name}.schema.json")],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_validator_would_notice(tmp_path: Path) -> None:
    broken = tmp_path / "desk.yaml"
    broken.write_text("name: Desk\ngreting: Hello\n", encoding="utf-8")
    done = check(SCHEMAS / "agent.schema.json", broken)
    assert done.returncode == 1
    assert "greting" in done.stdout
