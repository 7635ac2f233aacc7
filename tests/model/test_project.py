"""The plain nouns of a project say what the models of its file say."""

from dataclasses import fields
from typing import Any

import pytest

from reconciler.model import project, project_file

NAMES = ("Project", "Environment", "LedgerConfig", "Deletion", "IgnoreRule")
LEAST: dict[str, dict[str, Any]] = {
    "Project": {"version": 1, "environments": {"here": {"api": "sandbox"}}},
    "Environment": {"api": "sandbox"},
    "IgnoreRule": {"path": "greeting", "reason": "a trial"},
}


@pytest.mark.parametrize("name", NAMES)
def test_a_noun_has_the_fields_of_its_model(name: str) -> None:
    model = getattr(project_file, name)
    assert {each.name for each in fields(getattr(project, name))} == set(model.model_fields)


@pytest.mark.parametrize("name", NAMES)
def test_a_noun_has_the_defaults_of_its_model(name: str) -> None:
    least = LEAST.get(name, {})
    noun = getattr(project, name)
    made = noun(
        **{**least, "environments": {"here": project.Environment(api="sandbox")}}
        if name == "Project"
        else least
    )
    assert project_file.noun(getattr(project_file, name).model_validate(least)) == made


def test_rules_and_references_become_nouns_too() -> None:
    written = project_file.Project.model_validate(
        {
            "version": 1,
            "environments": {"here": {"api": "sandbox"}},
            "ignore": [{"path": "greeting", "reason": "a trial", "until": "2027-06-30"}],
            "deletion": {"max_count": 1},
            "defaults": {"models": {"llm": "a"}},
        }
    )
    noun = project_file.noun(written)
    assert isinstance(noun.ignore[0], project.IgnoreRule)
    assert noun.ignore[0].until == written.ignore[0].until
    assert noun.deletion == project.Deletion(max_count=1)
    assert noun.defaults == {"models": {"llm": "a"}}
