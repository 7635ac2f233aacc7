"""The schemas are fresh, valid, closed, and describe every field."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from reconciler.specs import agent_schema, project_schema
from reconciler.specs.catalogue import CATALOGUE
from reconciler.specs.marks import Text
from reconciler.specs.yaml_reader import read
from tests.specs.project_folder import PROJECT

SCHEMAS = Path(__file__).parents[2] / "schemas"
AGENT = jsonschema.Draft202012Validator(agent_schema())
PROJECT_VALIDATOR = jsonschema.Draft202012Validator(project_schema())


def value_of(text: str) -> Any:
    value, problems = read(Text("x.yaml", text))
    assert not problems
    return value


def complaints(validator: Any, text: str) -> list[str]:
    return [error.message for error in validator.iter_errors(value_of(text))]


@pytest.mark.parametrize(
    ("name", "schema"), [("agent", agent_schema()), ("project", project_schema())]
)
def test_the_stored_schema_is_fresh(name: str, schema: dict[str, Any]) -> None:
    stored = (SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8")
    assert stored == json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("schema", [agent_schema(), project_schema()])
def test_the_schema_is_valid_in_its_dialect(schema: dict[str, Any]) -> None:
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema)


def objects(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(schema, dict):
        if "properties" in schema:
            yield path, schema
        for key, value in schema.items():
            yield from objects(value, f"{path}/{key}")
    elif isinstance(schema, list):
        for index, value in enumerate(schema):
            yield from objects(value, f"{path}/{index}")


@pytest.mark.parametrize("schema", [agent_schema(), project_schema()])
def test_every_object_is_closed_and_every_field_is_described(schema: dict[str, Any]) -> None:
    for path, each in objects(schema):
        if "examples" in path:
            continue
        assert "additionalProperties" in each, path
        for name, field in each["properties"].items():
            assert field.get("description"), f"{path}.{name}"
            if name != "type":
                assert field.get("examples"), f"{path}.{name}"


def test_a_spec_may_leave_required_fields_to_defaults() -> None:
    assert complaints(AGENT, "greeting: Hello") == []
    assert complaints(AGENT, "models: {llm: x}") == []
    assert complaints(AGENT, "idle_nudges: {hangup_delay_seconds: 5}") == []


def test_texts_may_come_from_files_and_secrets_only_from_references() -> None:
    assert complaints(AGENT, "system_prompt: {file: desk.md}") == []
    assert complaints(AGENT, "slng_api_key: {env: KEY}") == []
    assert complaints(AGENT, "slng_api_key: {file: /run/secrets/key}") == []
    assert complaints(AGENT, "slng_api_key: literal")
    assert complaints(AGENT, "greeting: {env: KEY}")
    assert complaints(AGENT, "language: {file: x, more: y}")


def test_a_bounded_text_may_hold_a_variable() -> None:
    assert complaints(AGENT, "sip_inbound_trunk_id: ${trunk}") == []
    assert complaints(AGENT, "sip_inbound_trunk_id: trunk")


def test_unknown_fields_are_refused() -> None:
    assert complaints(AGENT, "greting: Hello")
    assert complaints(AGENT, "models: {tts_voise: x}")
    assert complaints(AGENT, "tools: [{type: template, template: hangup, promt: x}]")
    assert complaints(AGENT, "environments: {staging: {greting: x}}")
    assert complaints(PROJECT_VALIDATOR, PROJECT + "on_drfit: leave\n")


def test_what_we_add_is_part_of_the_schema() -> None:
    text = """
lifecycle: {prevent_destroy: true, on_remove: keep, update: patch}
moved_from: old/key
omit: [idle_nudges]
ignore: [{path: models.tts_voice, reason: A trial., until: 2027-06-30}]
extra: {noise_cancellation_enabled: true}
environments:
  only: [production]
  production: {id: 550e8400-e29b-41d4-a716-446655440000, greeting: Hi, omit: [extra]}
tools:
  - {type: webhook, name: x, description: y, url: "https://x.example", parameters: {file: x.json}}
"""
    assert complaints(AGENT, text) == []
    assert complaints(AGENT, "id: 550e8400-e29b-41d4-a716-446655440000")


def test_the_project_of_the_tests_is_valid_and_its_parts_are_typed() -> None:
    assert complaints(PROJECT_VALIDATOR, PROJECT) == []
    assert complaints(PROJECT_VALIDATOR, PROJECT.replace("stt:", "sst:"))
    assert complaints(PROJECT_VALIDATOR, PROJECT + "unknown_fields: {x: keep}\n")


@pytest.mark.parametrize(
    "code", [code for code, entry in CATALOGUE.items() if "# ---" not in entry.right]
)
def test_the_schema_takes_every_right_example(code: str) -> None:
    assert (
        complaints(AGENT, CATALOGUE[code].right.replace("<101 times [><101 times ]>", "[]")) == []
    )
