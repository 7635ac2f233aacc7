"""`{file: …}`, `{env: …}`, `${variables}`: what they stand for and what they can not be."""

from pathlib import Path
from typing import Any

import pytest

from reconciler.model.values import SecretRef
from reconciler.specs.variables import Variables
from tests.specs.project_folder import PROJECT, codes, load, problems, write

WEBHOOK = """name: Desk
tools:
  - type: webhook
    name: check_order
    description: Looks up an order.
    url: https://crm.example.com/orders
    parameters: {parameters}
    auth: {auth}
"""


def declared(folder: Path, environment: str = "sandbox") -> dict[str, Any]:
    return load(folder, environment).agents[0].declared


def webhook(*, parameters: str = "{type: object}", auth: str = "null") -> str:
    return WEBHOOK.replace("{parameters}", parameters).replace("{auth}", auth)


def test_a_text_comes_from_a_file_beside_the_one_that_says_so_byte_for_byte(tmp_path: Path) -> None:
    text = """# --- agents/sub/desk.yaml
name: {file: name.txt}
# --- agents/_defaults.yaml
greeting: {file: hello.md}
# --- agents/hello.md
Hello ${crm}
# --- agents/sub/name.txt
Desk"""
    write(tmp_path, text)
    assert declared(tmp_path)["greeting"] == "Hello crm.example.com\n"
    assert declared(tmp_path, "staging")["greeting"] == "Hello crm.staging.example.com\n"
    assert declared(tmp_path)["name"] == "Desk"


def test_the_path_of_a_file_may_hold_a_variable(tmp_path: Path) -> None:
    write(
        tmp_path,
        '# --- agents/desk.yaml\nname: Desk\ngreeting: {file: "${crm}.md"}\n'
        "# --- agents/crm.example.com.md\nHi\n# --- agents/crm.staging.example.com.md\nHo\n",
    )
    assert declared(tmp_path)["greeting"] == "Hi\n"


def test_parameters_come_from_json_and_yaml_files(tmp_path: Path) -> None:
    spec = "# --- agents/desk.yaml\n" + webhook(parameters="{file: schema.FILE}")
    json = '# --- agents/schema.json\n{\n\t"type": "object", "title": "${crm}"}\n'
    write(tmp_path, spec.replace("FILE", "json") + json)
    expected = {"type": "object", "title": "crm.example.com"}
    assert declared(tmp_path)["tools"][0]["parameters"] == expected
    write(tmp_path, spec.replace("FILE", "yaml") + "# --- agents/schema.yaml\ntype: object\n")
    # a schema beside specs is a spec too, unless its name says that it is ours
    assert "SPEC030" in codes(tmp_path)


@pytest.mark.parametrize(
    ("content", "code", "place"),
    [
        ('{"type": "objekt"}', "SPEC054", "agents/s.json:1:10"),
        ('{"type": \n"objekt"}', "SPEC054", "agents/s.json:2:1"),
        ('{"a": 1, "a": 2}', "SPEC007", "agents/s.json:1:10"),
        ('{"a": NaN}', "SPEC016", "agents/s.json:1:7"),
        ('{"a": 1e999}', "SPEC016", "agents/s.json:1:7"),
        ('{"a": 99999999999999999999}', "SPEC016", "agents/s.json:1:7"),
        ('{"a": ' + "9" * 200 + "}", "SPEC016", "agents/s.json:1:7"),
        ('{"a":\n x}', "SPEC005", "agents/s.json:2:2"),
        ('{"a": ' + "[" * 101 + "]" * 101 + "}", "SPEC012", "agents/s.json:1:1"),
        ("[" * 99_999, "SPEC012", "agents/s.json:1:1"),
        ('{"a": "\\ud800"}', "SPEC003", "agents/s.json:1:8"),
        ("{} {}", "SPEC005", "agents/s.json:1:4"),
    ],
)
def test_a_bad_json_file_is_told_with_its_place(
    content: str, code: str, place: str, tmp_path: Path
) -> None:
    spec = "# --- agents/desk.yaml\n" + webhook(parameters="{file: s.json}")
    write(tmp_path, f"{spec}# --- agents/s.json\n{content}")
    (problem,) = problems(tmp_path)
    assert (problem.code, str(problem.position)) == (code, place)


def test_a_json_file_may_hold_pairs_of_surrogates_and_must_be_an_object(tmp_path: Path) -> None:
    spec = "# --- agents/desk.yaml\n" + webhook(parameters="{file: s.json}")
    write(tmp_path, spec + '# --- agents/s.json\n{"title": "\\ud83d\\ude00"}')
    assert declared(tmp_path)["tools"][0]["parameters"] == {"title": "\U0001f600"}
    write(tmp_path, spec + "# --- agents/s.json\n[1]")
    assert codes(tmp_path) == ["SPEC032"]


def test_a_parameters_file_outside_the_project_or_missing_is_refused(tmp_path: Path) -> None:
    write(tmp_path, webhook(parameters="{file: /etc/hostname}"))
    assert codes(tmp_path) == ["SPEC023"]
    write(tmp_path, webhook(parameters="{file: nowhere.json}"))
    assert codes(tmp_path) == ["SPEC022"]


@pytest.mark.parametrize("reference", ["{file: [x]}", "{file: x, y: z}", '{file: ""}', "{file: 1}"])
def test_a_reference_has_one_form(reference: str, tmp_path: Path) -> None:
    write(tmp_path, f"name: Desk\ngreeting: {reference}")
    assert codes(tmp_path) == ["SPEC021"]


def test_env_and_file_are_ordinary_keys_of_free_maps(tmp_path: Path) -> None:
    more = """
template_defaults: {env: "${crm}", file: x}
system_prompt: "{{env}} {{file}}"
models: {llm_kwargs: {env: [{file: "${crm}"}]}}
extra: {x: {env: 1}}
"""
    parameters = "{type: object, properties: {file: {type: string}, env: {type: string}}}"
    write(tmp_path, webhook(parameters=parameters) + more)
    found = declared(tmp_path)
    assert found["template_defaults"] == {"env": "crm.example.com", "file": "x"}
    assert found["models"]["llm_kwargs"] == {"env": [{"file": "crm.example.com"}]}
    assert found["x"] == {"env": 1}
    assert set(found["tools"][0]["parameters"]["properties"]) == {"file", "env"}


@pytest.mark.parametrize(
    ("auth", "reference"),
    [
        ("{type: bearer, token: {env: CRM_TOKEN}}", SecretRef("env", "CRM_TOKEN")),
        ("{type: bearer, token: {file: ../x/../crm}}", SecretRef("file", "crm")),
        ("{type: hmac, secret: {file: /run/secrets/crm}}", SecretRef("file", "/run/secrets/crm")),
    ],
)
def test_a_secret_is_a_reference(auth: str, reference: SecretRef, tmp_path: Path) -> None:
    write(tmp_path, webhook(auth=auth), project=PROJECT + "secret_folders: [/run/secrets]\n")
    found = declared(tmp_path)["tools"][0]["auth"]
    assert reference in found.values()


@pytest.mark.parametrize(
    ("auth", "code"),
    [
        ("{type: bearer, token: s3cr3t}", "SPEC024"),
        ("{type: bearer, token: [s3cr3t]}", "SPEC024"),
        ("{type: bearer, token: {env: s3cr-3t}}", "SPEC027"),
        ("{type: bearer, token: {env: A, file: s3cr3t}}", "SPEC021"),
        ("{type: bearer, token: {value: s3cr3t}}", "SPEC021"),
        ("{type: bearer, token: {}}", "SPEC021"),
        ("{type: bearer, token: {env: 5}}", "SPEC021"),
        ("{type: bearer, token: null}", "SPEC037"),
        ("{type: bearer, tokn: s3cr3t}", "SPEC030"),
        ("{type: bearr, token: s3cr3t}", "SPEC033"),
        ("{token: s3cr3t}", "SPEC031"),
        ("{type: bearer, token: s3cr3t, token: s3cr3t}", "SPEC007"),
        ("{type: bearer, token: s3cr3t", "SPEC005"),
        ("{type: bearer, token: {env: SLNG_API_KEY}}", "SPEC026"),
        ("{type: bearer, token: {file: /run/secrets/crm}}", "SPEC027"),
        ("{type: bearer, token: {file: ../../crm}}", "SPEC027"),
        ("|\n      s3cr3t", "SPEC032"),
    ],
)
def test_a_secret_that_is_none_is_refused_and_never_shown(
    auth: str, code: str, tmp_path: Path
) -> None:
    write(tmp_path, webhook(auth=auth))
    found = problems(tmp_path)
    assert code in [problem.code for problem in found]
    for problem in found:
        shown = f"{problem.message} {problem.hint} {problem.via}"
        assert "s3cr" not in shown
        if code != "SPEC032":
            assert "s3cr" not in (problem.source_line or "")


def test_a_literal_runtime_key_in_defaults_is_never_shown(tmp_path: Path) -> None:
    project = PROJECT.replace("defaults:\n", "defaults:\n  slng_api_key: s3cr3t\n")
    write(tmp_path, "name: Desk", project=project)
    (problem,) = problems(tmp_path)
    assert (problem.code, problem.source_line) == ("SPEC024", None)
    assert "{env: " in str(problem.hint)


def test_an_unknown_variable_is_told_in_the_file_where_it_stands(tmp_path: Path) -> None:
    text = "# --- agents/desk.yaml\nname: Desk\nsystem_prompt: {file: ../p.md}\n# --- p.md\n"
    write(tmp_path, text + "One $${x}\nTwo ${crn}!\n")
    found = problems(tmp_path, "sandbox")
    assert [(p.code, str(p.position), p.position and p.position.length) for p in found] == [
        ("SPEC028", "p.md:2:5", 6)
    ]
    assert "did you mean `crm`?" in str(found[0].hint)
    assert "$${" in str(found[0].hint)
    assert found[0].via == ("`system_prompt` of agents/desk.yaml:2:1",)


def test_a_place_in_a_substituted_text_leads_back_to_the_text_as_written() -> None:
    variables = Variables("sandbox", {"long": "a" * 20, "no": ""})
    written = "x ${long} $${ ${no}y ${long} z"
    shown = variables.substitute(written)
    for char in "xyz":
        assert written[variables.written_offset(written, shown.index(char))] == char
    assert variables.written_offset(written, 5) == written.index("${long}")


def test_variables_are_for_values_not_for_keys(tmp_path: Path) -> None:
    write(tmp_path, 'name: Desk\ntemplate_defaults: {"${crm}": x}\ngreeting: $${crm}')
    found = load(tmp_path).agents[0].declared
    assert found["template_defaults"] == {"${crm}": "x"}
    assert found["greeting"] == "${crm}"


def test_an_unknown_variable_is_one_slip_in_all_environments(tmp_path: Path) -> None:
    write(tmp_path, "name: Desk\ngreeting: Welcome to ${crn}\n")
    (problem,) = problems(tmp_path)
    assert problem.message == "environments sandbox and staging have no variable `crn`"
    assert problem.via == ()


def test_a_variable_that_one_environment_lacks_names_it(tmp_path: Path) -> None:
    project = PROJECT.replace("{crm: crm.staging.example.com}", "{}")
    write(tmp_path, "name: Desk\ngreeting: Welcome to ${crm}\n", project=project)
    (problem,) = problems(tmp_path)
    assert problem.message == "environment staging has no variable `crm`"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("system_prompt: {file: desk.md, encoding: utf-8}", "all"),
        ("models: {llm_first_token_timeout_s: soon}", "all"),
        ("tools: [{type: webhook, name: a, auth: {type: bearer, token: {env: A}}}]", "all"),
        ("slng_api_key: {value: abcdef}", "nothing"),
        ("tools: [{type: webhook, name: a, auth: Bearer abcdef}]", "nothing"),
        ("tools: [{type: webhook, name: a, auth: {bearer: abcdef}}]", "nothing"),
        ("tokn: abcdef", "nothing"),
    ],
)
def test_only_lines_that_may_hold_a_secret_are_hidden(
    text: str, shown: str, tmp_path: Path
) -> None:
    found = problems(write(tmp_path, f"name: Desk\n{text}\n"), "sandbox")
    lines = {problem.source_line for problem in found}
    assert lines == {text if shown == "all" else None}
