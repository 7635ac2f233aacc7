"""The merge order and rules of DESIGN.md 3."""

from pathlib import Path
from typing import Any

import pytest

from reconciler.errors import UsageError
from reconciler.model.desired import DesiredAgent, Ignore, Lifecycle
from reconciler.model.values import SecretRef
from reconciler.specs import load_project, load_specs, validate
from tests.specs.project_folder import PROJECT, codes, load, problems, write

LAYERS = """# --- reconciler.yaml
version: 1
defaults:
  system_prompt: P
  language: en
  region: us-east
  models: {stt: d, llm: d, tts: d, tts_voice: d, llm_kwargs: {a: 0, b: 0}, fallbacks: {llm: [d]}}
  greeting: defaults
environments:
  sandbox:
    api: sandbox
    overrides: {models: {tts: overrides, tts_voice: overrides}}
  other: {api: sandbox}
# --- agents/_defaults.yaml
greeting: outer
models: {llm: outer, tts: outer}
# --- agents/sub/_defaults.yml
greeting: inner
# --- agents/sub/desk.yaml
name: Desk
models: {stt: spec, tts_voice: spec, llm_kwargs: {b: 1}, fallbacks: {llm: []}}
environments:
  sandbox: {models: {tts_voice: own}}
"""


def desk(folder: Path, environment: str = "sandbox") -> DesiredAgent:
    (agent,) = load(folder, environment).agents
    return agent


def test_later_layers_win_key_by_key(tmp_path: Path) -> None:
    write(tmp_path, LAYERS)
    agent = desk(tmp_path)
    assert agent.key == "sub/desk"
    assert agent.declared["greeting"] == "inner"
    assert agent.declared["models"] == {
        "stt": "spec",
        "llm": "outer",
        "tts": "overrides",
        "tts_voice": "own",
        "llm_kwargs": {"a": 0, "b": 1},
        "fallbacks": {"llm": []},
    }
    other = desk(tmp_path, "other").declared["models"]
    assert (other["tts"], other["tts_voice"]) == ("outer", "spec")


@pytest.mark.parametrize(
    ("default", "own", "result"),
    [
        ("template_defaults: {a: x}", "template_defaults: {b: y}", {"a": "x", "b": "y"}),
        ("template_defaults: {a: x}", "template_defaults: {}", {"a": "x"}),
        ("template_defaults: {a: x}", "omit: [template_defaults]", None),
        ("template_defaults: {a: x, b: y}", "omit: [template_defaults.a]", {"b": "y"}),
        ("template_defaults: {a: x}", "omit: [template_defaults.a.b]", {"a": "x"}),
    ],
)
def test_objects_merge_and_omit_takes_back(
    default: str, own: str, result: Any, tmp_path: Path
) -> None:
    project = PROJECT.replace("defaults:\n", f"defaults:\n  {default}\n")
    write(tmp_path, f"name: Desk\n{own}\n", project=project)
    assert desk(tmp_path).declared.get("template_defaults") == result


def test_null_and_lists_replace_as_one(tmp_path: Path) -> None:
    more = "  idle_nudges: {enabled: true}\n  tools: [{type: template, template: hangup}]\n"
    project = PROJECT.replace("defaults:\n", f"defaults:\n{more}")
    write(tmp_path, "name: Desk\nidle_nudges: null\ntools: []\n", project=project)
    declared = desk(tmp_path).declared
    assert declared["idle_nudges"] is None
    assert declared["tools"] == []


def test_what_is_not_written_is_not_declared(tmp_path: Path) -> None:
    write(tmp_path, "name: Desk")
    assert set(desk(tmp_path).declared) == {
        *("name", "system_prompt", "greeting", "language", "region", "models")
    }


def test_a_spec_takes_back_what_overrides_declare(tmp_path: Path) -> None:
    project = PROJECT.replace(
        "    api: sandbox\n", "    api: sandbox\n    overrides: {slng_api_key: {env: K}}\n"
    )
    write(tmp_path, "name: Desk", project=project)
    assert desk(tmp_path).declared["slng_api_key"] == SecretRef("env", "K")
    write(tmp_path, "name: Desk\nomit: [slng_api_key]", project=project)
    assert "slng_api_key" not in desk(tmp_path).declared


def test_an_environment_takes_back_what_the_spec_declares(tmp_path: Path) -> None:
    write(tmp_path, "name: Desk\nlanguage: de\nenvironments: {sandbox: {omit: [region, language]}}")
    found = problems(tmp_path, "sandbox")
    assert [(each.code, each.message) for each in found] == [
        ("SPEC031", "`language` is missing"),
        ("SPEC031", "`region` is missing"),
    ]


def test_what_is_declared_and_omitted_in_one_place_is_a_contradiction(tmp_path: Path) -> None:
    write(tmp_path, "name: Desk\ngreeting: Hi\nomit: [greeting]")
    assert "SPEC058" in codes(tmp_path)


@pytest.mark.parametrize("path", ["idle_nudge", "models.tts_voise", "id"])
def test_omit_names_fields_only(path: str, tmp_path: Path) -> None:
    write(tmp_path, f"name: Desk\nomit: [{path}]")
    assert codes(tmp_path) == ["SPEC058"]


def test_extra_is_flattened_and_the_rest_of_ours_is_not_declared(tmp_path: Path) -> None:
    text = """name: Desk
extra: {noise_cancellation_enabled: true, shapes: {env: 1, file: 2}}
lifecycle: {prevent_destroy: true, on_remove: keep, update: patch}
moved_from: front
ignore: [{path: models.tts_voice, reason: A trial., until: 2027-06-30}]
environments: {sandbox: {id: 550e8400-e29b-41d4-a716-446655440000}}
"""
    write(tmp_path, text)
    agent = desk(tmp_path)
    assert agent.declared["noise_cancellation_enabled"] is True
    assert agent.declared["shapes"] == {"env": 1, "file": 2}
    assert not {"extra", "lifecycle", "moved_from", "ignore", "environments", "id"} & set(
        agent.declared
    )
    assert agent.lifecycle == Lifecycle(prevent_destroy=True, on_remove="keep", update="patch")
    assert (agent.moved_from, agent.agent_id) == ("front", "550e8400-e29b-41d4-a716-446655440000")
    (ignored,) = agent.ignore
    assert isinstance(ignored, Ignore)
    assert (ignored.path, str(ignored.until)) == (("models", "tts_voice"), "2027-06-30")


def test_an_agent_lives_where_only_says(tmp_path: Path) -> None:
    write(tmp_path, "name: Desk\nenvironments: {only: [staging], staging: {greeting: Test}}")
    here, there = load(tmp_path, "sandbox"), load(tmp_path, "staging")
    assert (here.agents, here.skipped, here.found) == ((), ("desk",), True)
    assert there.agents[0].declared["greeting"] == "Test"


@pytest.mark.parametrize(
    ("environments", "code"),
    [
        ("[sandbox]", "SPEC032"),
        ("null", "SPEC032"),
        ("{sandbox: null}", "SPEC032"),
        ("{only: sandbox}", "SPEC066"),
        ("{only: []}", "SPEC066"),
        ("{only: [sandbox, prod]}", "SPEC065"),
        ("{sandbx: {}}", "SPEC065"),
        ("{sandbox: {moved_from: a}}", "SPEC039"),
        ("{sandbox: {environments: {}}}", "SPEC039"),
    ],
)
def test_environments_of_a_spec_are_checked(environments: str, code: str, tmp_path: Path) -> None:
    write(tmp_path, f"name: Desk\nenvironments: {environments}")
    assert set(codes(tmp_path)) == {code}


def test_an_unknown_environment_is_a_matter_of_usage(tmp_path: Path) -> None:
    loaded = load_project(write(tmp_path, "name: Desk"))
    with pytest.raises(UsageError) as caught:
        load_specs(loaded, "stagin")
    assert caught.value.hint == "did you mean `staging`? (there are `sandbox`, `staging`)"
    with pytest.raises(UsageError, match="prod"):
        validate(loaded, "prod")


def test_what_may_stand_in_specs_only_is_refused_in_defaults(tmp_path: Path) -> None:
    text = "# --- agents/desk.yaml\nname: Desk\n# --- agents/_defaults.yaml\nmoved_from: a\nid: b\n"
    write(tmp_path, text)
    assert [(p.code, str(p.position)) for p in problems(tmp_path)] == [
        ("SPEC039", "agents/_defaults.yaml:1:1"),
        ("SPEC039", "agents/_defaults.yaml:2:1"),
    ]


def test_what_is_wrong_in_shared_layers_is_told_once_though_specs_override_it(
    tmp_path: Path,
) -> None:
    project = PROJECT.replace("language: en", "language: 5")
    text = "# --- agents/a.yaml\nname: A\nlanguage: en\n# --- agents/b.yaml\nname: B\n"
    write(tmp_path, text, project=project)
    assert [(p.code, str(p.position)) for p in problems(tmp_path)] == [
        ("SPEC032", "reconciler.yaml:6:13")
    ]


def test_folder_defaults_must_be_a_mapping_and_readable(tmp_path: Path) -> None:
    write(tmp_path, "# --- agents/desk.yaml\nname: Desk\n# --- agents/_defaults.yaml\n- x\n")
    assert codes(tmp_path) == ["SPEC015"]
    write(tmp_path, "# --- agents/_defaults.yaml\na: [\n")
    assert codes(tmp_path) == ["SPEC005"]
    write(tmp_path, "# --- agents/_defaults.yml\nlanguage: en\n")
    assert set(codes(tmp_path)) == {"SPEC005", "SPEC018"}
