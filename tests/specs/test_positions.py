"""Every value knows where it was written, and by which chain it arrived."""

from pathlib import Path

import pytest

from reconciler.errors import Position
from reconciler.model.desired import DesiredAgent
from reconciler.specs import yaml_nodes
from reconciler.specs.marks import Text
from tests.specs.project_folder import PROJECT, load, problems, write

SPEC = """# --- agents/desk.yaml
name: Desk
system_prompt: {file: ../prompts/desk.md}
models:
  <<: {tts: merged}
  stt_kwargs: &options {punctuate: true}
  llm_kwargs: *options
tools:
  - type: webhook
    name: check_order
    description: >
      Looks up
      an order.
    url: https://crm.example.com/orders
    parameters: {file: ../prompts/order.json}
  - {type: template, template: hangup}
runtime_variables:
  - {name: wish, description: What.}
environments:
  staging:
    greeting: Test
# --- prompts/desk.md
You answer.
# --- prompts/order.json
{"type": "object",
 "properties": {"number": {"type": "string"}}}
"""


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> DesiredAgent:
    folder = write(tmp_path_factory.mktemp("project"), SPEC)
    return load(folder, "staging").agents[0]


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("name",), "agents/desk.yaml:1:7"),
        (("system_prompt",), "agents/desk.yaml:2:1"),
        (("models",), "agents/desk.yaml:3:1"),
        (("models", "tts"), "agents/desk.yaml:4:13"),
        (("models", "llm_kwargs", "punctuate"), "agents/desk.yaml:5:36"),
        (("models", "llm_kwargs"), "agents/desk.yaml:6:3"),
        (("models", "tts_voice"), "reconciler.yaml:12:16"),
        (("models", "fallbacks"), "agents/desk.yaml:3:1"),
        (("language",), "reconciler.yaml:6:13"),
        (("greeting",), "agents/desk.yaml:20:15"),
        (("tools",), "agents/desk.yaml:7:1"),
        (("tools", "check_order"), "agents/desk.yaml:8:5"),
        (("tools", "check_order", "url"), "agents/desk.yaml:13:10"),
        (("tools", "check_order", "description"), "agents/desk.yaml:10:5"),
        (("tools", "check_order", "parameters"), "agents/desk.yaml:14:5"),
        (("tools", "check_order", "parameters", "properties"), "prompts/order.json:2:2"),
        (("tools", "check_order", "timeout_seconds"), "agents/desk.yaml:8:5"),
        (("tools", "hangup"), "agents/desk.yaml:15:5"),
        (("tools", "1", "template"), "agents/desk.yaml:15:32"),
        (("tools", "nothing"), "agents/desk.yaml:7:1"),
        (("runtime_variables", "wish", "description"), "agents/desk.yaml:17:31"),
        (("sip_inbound_trunk_id",), "agents/desk.yaml:1:1"),
        ((), "agents/desk.yaml:1:1"),
    ],
)
def test_a_value_knows_where_it_was_written(
    path: tuple[str, ...], place: str, agent: DesiredAgent
) -> None:
    assert str(agent.locate(path)) == place


def test_the_marked_token_has_its_length(agent: DesiredAgent) -> None:
    assert agent.locate(("name",)) == Position("agents/desk.yaml", 1, 7, 4)
    assert agent.locate(("tools",)) == Position("agents/desk.yaml", 7, 1, 5)


def test_two_tools_of_one_name_are_told_apart(tmp_path: Path) -> None:
    one, two = "550e8400-e29b-41d4-a716-446655440000", "650e8400-e29b-41d4-a716-446655440000"
    text = "name: Desk\ntools:\n"
    text += f"  - {{type: template, template: hangup, id: {one}}}\n"
    text += f"  - {{type: template, template: hangup, id: {two}}}\n"
    agent = load(write(tmp_path, text)).agents[0]
    assert str(agent.locate(("tools", "hangup#650e8400"))) == "agents/desk.yaml:4:5"
    assert str(agent.locate(("tools", two))) == "agents/desk.yaml:4:5"


@pytest.mark.parametrize(
    ("prompt", "line", "column"),
    [
        ('system_prompt: "Hello {{x"', 2, 23),
        ("system_prompt: 'Hello {{x'", 2, 23),
        ("system_prompt: Hello {{x", 2, 22),
        ("system_prompt: |\n  One\n\n    two {{x\n", 5, 9),
        ("system_prompt: |2\n   One {{x\n", 3, 8),
        ("system_prompt: >\n  One\n  two {{x\n", 2, 1),
        ('system_prompt: "One \\n two {{x"', 2, 16),
        ("system_prompt: ${crm} {{x", 2, 23),
        ("system_prompt: |\n  ${crm} $${ {{x\n", 3, 14),
        ("system_prompt: One\n  two {{x\n", 2, 16),
    ],
)
def test_a_place_inside_a_text_is_exact_where_it_can_be(
    prompt: str, line: int, column: int, tmp_path: Path
) -> None:
    found = problems(write(tmp_path, f"name: Desk\n{prompt}"), "sandbox")
    (problem,) = [each for each in found if each.code == "SPEC050"]
    assert problem.position is not None
    assert (problem.position.line, problem.position.column) == (line, column)


def test_the_chain_by_which_a_value_arrived_is_told(tmp_path: Path) -> None:
    project = PROJECT.replace("greeting: Hello", 'greeting: "${crm} {{"')
    write(tmp_path, "name: Desk", project=project)
    (problem,) = problems(tmp_path, "sandbox")
    assert str(problem.position) == "reconciler.yaml:5:21"
    assert problem.source_line == '  greeting: "${crm} {{"'
    assert problem.via == (
        "`${crm}` from the variables of environment sandbox",
        "defaults of reconciler.yaml",
        "merged into agents/desk.yaml",
    )


def test_a_value_of_an_environment_names_the_environment(tmp_path: Path) -> None:
    write(tmp_path, "name: Desk\nenvironments:\n  staging:\n    language: 5\n")
    (problem,) = problems(tmp_path)
    assert (str(problem.position), problem.via) == (
        "agents/desk.yaml:4:15",
        ("environments.staging of agents/desk.yaml",),
    )


def test_a_value_of_overrides_names_the_overrides(tmp_path: Path) -> None:
    project = PROJECT.replace(
        "    api: sandbox\n", "    api: sandbox\n    overrides: {region: 5}\n"
    )
    write(tmp_path, "name: Desk", project=project)
    (problem,) = problems(tmp_path)
    assert str(problem.position) == "reconciler.yaml:16:25"
    assert problem.via[0] == "overrides of environment sandbox of reconciler.yaml"


def test_a_list_that_replaces_another_is_where_its_entries_lack_something(tmp_path: Path) -> None:
    tools = "  tools: [{type: template, template: hangup, prompt: x}]\n"
    project = PROJECT.replace("defaults:\n", f"defaults:\n{tools}")
    write(tmp_path, "name: Desk\ntools:\n  - {type: template}\n", project=project)
    (problem,) = problems(tmp_path)
    assert str(problem.position) == "agents/desk.yaml:3:5"


def test_a_comment_silences_a_warning_on_its_line_or_the_next(tmp_path: Path) -> None:
    lines = [
        "region: mars # reconciler: ignore[SPEC104]",
        "# reconciler: ignore[SPEC103, SPEC104]\nregion: mars",
    ]
    for line in lines:
        assert problems(write(tmp_path, f"name: Desk\n{line}\n")) == ()
    write(tmp_path, "name: Desk\nregion: mars # reconciler: ignore[SPEC105]\n")
    assert [problem.code for problem in problems(tmp_path)] == ["SPEC104"]
    write(tmp_path, "name: Desk # reconciler: ignore[SPEC104]\nregion: mars\n")
    assert [problem.code for problem in problems(tmp_path)] == ["SPEC104"]


def test_a_comment_at_the_key_silences_what_stands_in_its_text(tmp_path: Path) -> None:
    comment = "# reconciler: ignore[SPEC102]"
    write(tmp_path, f"name: Desk\nsystem_prompt: | {comment}\n  One\n  {{{{who}}}}\n")
    assert problems(tmp_path) == ()
    text = f"# --- agents/desk.yaml\nname: Desk\n{comment}\nsystem_prompt: {{file: p.md}}\n"
    write(tmp_path, text + "# --- agents/p.md\nOne {{who}}\n")
    assert problems(tmp_path) == ()


def test_no_comment_silences_an_error(tmp_path: Path) -> None:
    write(tmp_path, "name: Desk\nlanguage: 5 # reconciler: ignore[SPEC032]\n")
    assert [problem.code for problem in problems(tmp_path)] == ["SPEC032"]


def test_problems_are_sorted_by_file_and_line(tmp_path: Path) -> None:
    text = "# --- agents/b.yaml\nregion: 1\nlanguage: 2\n# --- agents/a.yaml\nname: 3\n"
    found = problems(write(tmp_path, text))
    assert found == tuple(sorted(found, key=lambda each: each.position or Position("")))
    assert len(found) == 4


def test_nodes_know_aliases_and_what_is_not_there() -> None:
    text = Text("a.yaml", "a: &x [1, {b: 2}]\nc: *x\nd: {<<: [{e: 1}, {f: 2}], 'g': }\n")
    root = yaml_nodes.compose(text)
    found, exact = yaml_nodes.find(root, ("c", 1, "b"))
    assert found is not None
    assert (found.where.line, found.where.column, exact) == (0, 14, True)
    assert yaml_nodes.find(root, ("d", "f"))[1]
    assert not yaml_nodes.find(root, ("d", "h"))[1]
    assert not yaml_nodes.find(root, ("a", 7))[1]
    assert not yaml_nodes.find(root, ("a", "b"))[1]
    assert yaml_nodes.compose(Text("b.yaml", "")) is None
    assert yaml_nodes.find(None, ("a",)) == (None, False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("models: {stt_final_timeout_s: .nan}", ["SPEC016"]),
        ("models: {stt_final_timeout_s: .nan, tts_voise: x}", ["SPEC016", "SPEC030"]),
        ("models: {tts_voise: x, stt_final_timeout_s: .nan}", ["SPEC030", "SPEC016"]),
        ("greeting: {{practice}}", ["SPEC008"]),
        ("greeting:\n  {{practice}}", ["SPEC008"]),
        ("greeting: *hello", ["SPEC010"]),
        ("greeting: !x\n  a: b", ["SPEC009"]),
        ("models: !x [a]\nlanguage: 5", ["SPEC009", "SPEC032"]),
        ("tools:\n  - {{hangup}}\n  - {type: x}", ["SPEC008", "SPEC033"]),
        ("language: en\nlanguage: 5", ["SPEC007", "SPEC032"]),
        ("environments: {staging: {greeting: .nan}}", ["SPEC016"]),
    ],
)
def test_a_value_that_can_not_be_read_is_told_once(
    text: str, expected: list[str], tmp_path: Path
) -> None:
    found = problems(write(tmp_path, f"name: Desk\n{text}\n"))
    assert [problem.code for problem in found] == expected


def test_a_mistake_in_the_project_file_does_not_hide_the_next(tmp_path: Path) -> None:
    project = PROJECT + "concurrency: .inf\nadoptoin: ask\nmax_failures: -1\n"
    found = problems(write(tmp_path, "name: Desk", project=project))
    assert [problem.code for problem in found] == ["SPEC016", "SPEC030", "SPEC035"]


def test_a_value_of_defaults_that_can_not_be_read_is_told_once(tmp_path: Path) -> None:
    files = "# --- agents/_defaults.yaml\ngreeting: {{practice}}\nlangauge: en\n"
    write(
        tmp_path, f"{files}# --- agents/desk.yaml\nname: Desk\n# --- agents/two.yaml\nname: Two\n"
    )
    found = [(problem.code, str(problem.position)) for problem in problems(tmp_path)]
    assert found == [
        ("SPEC008", "agents/_defaults.yaml:1:11"),
        ("SPEC030", "agents/_defaults.yaml:2:1"),
    ]
