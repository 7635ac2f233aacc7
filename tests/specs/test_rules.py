"""The rules of API.md, offline: what is refused, what only warns, and what is fine."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.fields import NEWER
from reconciler.specs import load_project, validate
from reconciler.specs.rules.handlebars import doubtful, only_names, unbalanced, used_names
from reconciler.specs.rules.json_schema import schema_fault
from tests.specs.project_folder import PROJECT, codes, problems, write

TRUNK = "550e8400-e29b-41d4-a716-446655440000"
OTHER = "650e8400-e29b-41d4-a716-446655440000"
NUDGES = "idle_nudges: {first_nudge_text: Hello?, second_nudge_text: Hm?, final_hangup_text: Bye"


def found(folder: Path, text: str) -> list[tuple[str, str | None]]:
    return [(p.code, p.hint) for p in problems(write(folder, f"name: Desk\n{text}\n"), "sandbox")]


def found_codes(folder: Path, text: str) -> list[str]:
    return [code for code, _ in found(folder, text)]


def webhook(fields: str, **other: str) -> str:
    known = {
        "name": "check_order",
        "description": "d",
        "url": "https://crm.example.com",
        "parameters": "{}",
    }
    lines = "".join(f"    {name}: {value}\n" for name, value in {**known, **other}.items())
    return f"tools:\n  - type: webhook\n{lines}    {fields}\n"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("models: {tts_voise: x}", "did you mean `tts_voice`?"),
        ("greting: x", "did you mean `greeting`?"),
        ("tts_voice: x", "it belongs under `models`"),
        ("first_nudge_text: x", "it belongs under `idle_nudges`"),
        ("banana: x", "put it under `extra` if the API has it"),
        (
            "runtime_variables: [{name: a, description: b, typ: c}]",
            "known are `description`, `name`",
        ),
        ("lifecycle: {prevent_destory: true}", "did you mean `prevent_destroy`?"),
        ("tools: [{type: template, template: hangup, promt: x}]", "did you mean `prompt`?"),
        (
            (
                "tools: [{type: built_in, built_in: current_datetime, source: system, system: "
                "{triggers: [{event: call_end}], arguments: [{name: a, type: string, source: "
                "{type: call_id, valeu: 1}}]}}]"
            ),
            "known are `type`",
        ),
        (
            webhook("auth: {type: hmac, secret: {env: X}, tokn: {env: Y}}"),
            "known are `secret`, `type`",
        ),
        ("models: {fallbacks: {tts: [{model: a, voice: b, voic: c}]}}", "did you mean `voice`?"),
        ("models: {stt_kwarg: {}}", "did you mean `stt_kwargs`?"),
    ],
)
def test_an_unknown_field_gets_a_hint(text: str, hint: str, tmp_path: Path) -> None:
    assert found(tmp_path, text) == [("SPEC030", hint)]


@pytest.mark.parametrize("name", sorted(NEWER))
def test_a_field_that_is_known_by_name_alone_belongs_under_extra(name: str, tmp_path: Path) -> None:
    assert found(tmp_path, f"{name}: []") == [("SPEC030", "it belongs under `extra`")]
    assert found(tmp_path, f"omit: [{name}]") == [("SPEC058", f"write `extra.{name}`")]
    assert found(tmp_path, f"omit: [extra.{name}]\nextra: {{}}") == []
    defaults = PROJECT.replace("defaults:", f"defaults:\n  {name}: []")
    (problem,) = problems(write(tmp_path, "name: Desk", project=defaults))
    assert (problem.code, problem.hint) == ("SPEC030", "it belongs under `extra`")


@pytest.mark.parametrize("name", ["tool_refs", "mcp_refs"])
def test_references_are_refused_where_the_spec_says_legacy(name: str, tmp_path: Path) -> None:
    def codes_of(mode: str, value: str = "[{version: 1}]") -> list[str]:
        return found_codes(tmp_path, f"{mode}\nextra: {{{name}: {value}}}")

    assert codes_of("tool_mode: legacy") == ["SPEC059"]
    assert codes_of("environments: {sandbox: {tool_mode: legacy}}") == ["SPEC059"]
    for nothing in ("[]", "null"):
        assert codes_of("tool_mode: legacy", nothing) == []
    for unlike in ("tool_mode: shared", "", "environments: {staging: {tool_mode: legacy}}"):
        assert codes_of(unlike) == []  # not declared: live or the API's default may be shared


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("template_variables: {}", "write `template_defaults`"),
        ("created_at: x", "remove it"),
    ],
)
def test_a_field_of_the_api_is_refused(text: str, hint: str, tmp_path: Path) -> None:
    assert found(tmp_path, text) == [("SPEC039", hint)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("enable_interruptions: yes", "SPEC032"),
        ('enable_interruptions: "true"', "SPEC032"),
        ("enable_interruptions: 1", "SPEC032"),
        ("language: 5", "SPEC032"),
        ("greeting: {hello: x}", "SPEC032"),
        ("greeting: [x]", "SPEC032"),
        (NUDGES + ", hangup_delay_seconds: 1.5}", "SPEC032"),
        (NUDGES + ', hangup_delay_seconds: "5"}', "SPEC032"),
        ("idle_nudges: []", "SPEC032"),
        ("tools: [[]]", "SPEC032"),
        ("tools: [{type: {a: b}}]", "SPEC033"),
        ("tools: {}", "SPEC032"),
        ("tools: [x]", "SPEC032"),
        ("greeting: '{{a}}'\ntemplate_defaults: {a: 1}", "SPEC032"),
        ("models: {llm_kwargs: 5}", "SPEC032"),
        ("models: {stt_final_timeout_s: -1}", "SPEC035"),
        ("models: {stt_final_timeout_s: true}", "SPEC032"),
        (webhook("timeout_seconds: 61"), "SPEC035"),
        (webhook("timeout_seconds: 0.5"), "SPEC035"),
        (webhook("http_method: GET"), "SPEC033"),
        (webhook("http_method: post"), "SPEC033"),
        (webhook("http_method: [POST]"), "SPEC033"),
        (webhook("", description=f'"{"x" * 501}"'), "SPEC034"),
        (webhook("", name=f'"{"x" * 65}"'), "SPEC034"),
        (NUDGES.replace("Hello?", "''") + "}", "SPEC034"),
        ("models: null", "SPEC037"),
        ("tools: null", "SPEC037"),
        ("slng_api_key: null", "SPEC037"),
        ("tools: [{template: hangup}]", "SPEC031"),
        ("tools: [{type: templte}]", "SPEC033"),
        ("ignore: [{path: greeting}]", "SPEC031"),
        ("omit: idle_nudges", "SPEC032"),
        ("tool_mode: both", "SPEC033"),
        ("moved_from: ''", "SPEC034"),
    ],
)
def test_a_value_is_what_the_api_takes(text: str, code: str, tmp_path: Path) -> None:
    assert set(found_codes(tmp_path, text)) == {code}


def test_several_problems_of_one_agent_are_told_at_once(tmp_path: Path) -> None:
    text = "models: {llm: 5, tts_voise: x}\nlanguage: null\ntools:\n  - {type: template, template: x}\n"
    assert sorted(found_codes(tmp_path, text)) == ["SPEC030", "SPEC032", "SPEC033", "SPEC037"]


@pytest.mark.parametrize(
    ("text", "offsets"),
    [
        ("Hello {{name}}, {{{raw}}} {{#if x}}y{{/if}}", []),
        ("{{", [0]),
        ("a {{b", [2]),
        ("{{a}} }}", [6]),
        ("{{a {{b}}", [0]),
        ("{{a} {{b}}", [0]),
        ('{"a": {"b": 1}}', [13]),
        ("\\{{literal}} {{x}}", []),
        ("{ { } } ${", []),
    ],
)
def test_braces_are_balanced(text: str, offsets: list[int]) -> None:
    assert [offset for offset, _ in unbalanced(text)] == offsets


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("{{a}} {{ b }} {{{c}}} {{~d~}}", ["a", "b", "c", "d"]),
        ("{{#if paid}}{{else}}{{/if}}", ["paid"]),
        ("{{#each items as |item|}}{{this}}", ["items", "item"]),
        ("{{upper name}} {{helper}} {{format when 'x y' z=1}}", ["name", "helper", "when", "z"]),
        ("{{a.b.c}} {{../up}} {{@index}} {{> part}} {{!note}} {{$SECRET}} {{&raw}}", ["a"]),
        ("{{true}} {{5}} \\{{no}} {{}}", []),
        ("no braces", []),
    ],
)
def test_the_names_that_a_text_uses_are_found(text: str, names: list[str]) -> None:
    assert [name for _, name in used_names(text)] == names
    assert all(text[offset:].startswith(name) for offset, name in used_names(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            'system_prompt: "{{buisness}}"\ntemplate_defaults: {business: x}',
            [("SPEC102", "did you mean `business`?"), ("SPEC101", "did you mean `buisness`?")],
        ),
        ('system_prompt: "{{a}} {{a}}"', [("SPEC102", "add `a` to `template_defaults`")]),
        ("template_defaults: {a: x}", [("SPEC101", "remove it, or write `{{a}}` in a text")]),
        (webhook("", url="https://x.example/{{a}}") + "template_defaults: {a: x}", []),
        (
            webhook("", url="https://x.example/{{w}}")
            + "runtime_variables: [{name: w, description: d}]",
            [],
        ),
        (NUDGES.replace("Hello?", "'{{a}}'") + "}\ntemplate_defaults: {a: x}", []),
    ],
)
def test_variables_are_declared_and_used(
    text: str, expected: list[tuple[str, str]], tmp_path: Path
) -> None:
    assert found(tmp_path, text) == expected


_PIECES = st.sampled_from(
    [
        *("{{name}}", "{{ name }}", "{{a_1}}", "{{this}}", "{{", "}}", "{", "}", "{{{x}}"),
        *("{{x}}}", "\\", "\\{{y}}", "{{a b}}", "{{#if a}}", "{{/if}}", "{{}}", "{{ }}"),
        *("text ", "\n", "{{é}}"),
    ]
)


@given(st.lists(_PIECES, max_size=6).map("".join))
def test_the_short_way_through_a_text_finds_what_the_long_one_does(text: str) -> None:
    names = only_names(text)
    if names is not None:
        assert names == list(used_names(text))
        assert list(unbalanced(text)) == []
        assert list(doubtful(text)) == []


@pytest.mark.parametrize("text", ["", "Hello", "{{a}} and {{ b }}", "a {{name}}, {{name}}"])
def test_plain_texts_take_the_short_way(text: str) -> None:
    assert only_names(text) is not None


@pytest.mark.parametrize(
    ("text", "doubts"),
    [
        ("{{name}} {{{html}}} {{ a.b }} {{~x~}} {{$VAULT}} {{! a comment }} {{{{raw}}}}", []),
        (
            '{{upper "a b"}} {{lookup a b}} {{#if a}}x{{else}}y{{/if}} {{#each b}}{{this}}{{/each}}',
            [],
        ),
        ('{"json": {{name}}}', []),
        (r"\{{a b}} is literal", []),
        ("{{customer name}}", [(0, 17)]),
        ("a {{}} b {{ }}", [(2, 4), (9, 5)]),
        ("{{{html}}", [(0, 9)]),
        ("{{#if a}} b", [(0, 9)]),
        ("{{/if}}", [(0, 7)]),
        ("{{#if a}}{{#each b}}{{/if}}", [(20, 7), (0, 9), (9, 11)]),
    ],
)
def test_placeholders_that_handlebars_takes_otherwise_are_told(
    text: str, doubts: list[tuple[int, int]]
) -> None:
    assert [(offset, length) for offset, length, *_ in doubtful(text)] == doubts


def test_a_doubtful_placeholder_is_marked_where_it_stands(tmp_path: Path) -> None:
    text = "name: Desk\ngreeting: Hi {{x}} {{}}\ntemplate_defaults: {x: you}\n"
    (problem,) = problems(write(tmp_path, text), "sandbox")
    assert (problem.code, str(problem.position)) == ("SPEC113", "agents/desk.yaml:2:20")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{NUDGES}}}", []),
        ("idle_nudges: null", []),
        ("idle_nudges: {}", []),
        ("idle_nudges: {enabled: false}", ["SPEC112"]),
        ("idle_nudges: {first_nudge_text: Hello?} # reconciler: ignore[SPEC112]", []),
        (
            f"{NUDGES}}}\nenvironments: {{sandbox: {{omit: [idle_nudges.final_hangup_text]}}}}",
            ["SPEC112"],
        ),
    ],
)
def test_nudges_need_all_their_texts(text: str, expected: list[str], tmp_path: Path) -> None:
    assert found_codes(tmp_path, text) == expected


def test_what_nudges_lack_is_named(tmp_path: Path) -> None:
    (problem,) = problems(write(tmp_path, "name: Desk\nidle_nudges: {first_nudge_text: Hm?}\n"))
    assert "`second_nudge_text`, `final_hangup_text`" in problem.message
    assert str(problem.position) == "agents/desk.yaml:2:1"


@pytest.mark.parametrize("zone", ["GMT+2", "CEST", "UTC+1", "MEZ"])
def test_no_other_time_is_suggested_for_an_abbreviation(zone: str, tmp_path: Path) -> None:
    tool = f"tools: [{{type: built_in, built_in: current_datetime, timezone: {zone}}}]"
    ((code, hint),) = found(tmp_path, tool)
    assert code == "SPEC049"
    assert hint is not None
    assert "did you mean" not in hint


@pytest.mark.parametrize(
    ("prompt", "mentioned"),
    [
        ("Call lookup_order now.", True),
        ("Use the lookup_order tool.", True),
        ("Then the `lookup` tool helps.", True),
        ("The tool `lookup-order` helps.", True),
        ("Use `lookup_order`.", True),
        ("Call check_order.", False),
        ("Use `metric` units.", False),
        ("Use end_call to hang up.", False),
        ("Fill in first_name please.", False),
        ("Call {{call_back}} or https://x.example/a_b tool", False),
        ("Use order_number of the caller.", False),
    ],
)
def test_a_prompt_mentions_only_tools_that_there_are(
    prompt: str,
    mentioned: bool,  # noqa: FBT001  # a parameter of the table above
    tmp_path: Path,
) -> None:
    text = (
        webhook("")
        + f'system_prompt: "{prompt}"\ngreeting: "{{{{call_back}}}} {{{{order_number}}}}"\n'
        + "template_defaults: {call_back: x, order_number: y}\n"
    )
    assert ("SPEC106" in found_codes(tmp_path, text)) is mentioned


def test_nothing_is_said_of_tools_that_the_spec_does_not_declare(tmp_path: Path) -> None:
    assert found_codes(tmp_path, "system_prompt: Call lookup_order.") == []


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://x.example/a/{{b}}/c?d={{e}}&f={{g}}", None),
        ("http://localhost:8080/x", None),
        ("HTTPS://X.example", None),
        ("http://x.example", "SPEC107"),
        ("https://{{host}}/x", "SPEC051"),
        ("https://x.example:{{port}}/x", "SPEC051"),
        ("https://x.example/?{{b}}=1", "SPEC051"),
        ("https://x.example/?a=1&{{b}}", "SPEC051"),
        ("https://x.example/#{{b}}", "SPEC051"),
        ("{{url}}", "SPEC051"),
        ("ftp://x.example", "SPEC051"),
        ("x.example/path", "SPEC051"),
        ("https://", "SPEC051"),
        ("https://[", "SPEC051"),
        ("https://x example", "SPEC051"),
    ],
)
def test_a_template_stands_in_paths_and_query_values_only(
    url: str, code: str | None, tmp_path: Path
) -> None:
    defaults = "".join(f"  {name}: x\n" for name in ("b", "e", "g", "host", "port", "url"))
    text = webhook("", url=f'"{url}"') + f"template_defaults:\n{defaults}"
    assert set(found_codes(tmp_path, text)) - {"SPEC101"} == ({code} if code else set())


def test_the_place_of_a_misplaced_template_is_exact(tmp_path: Path) -> None:
    write(tmp_path, "name: Desk\n" + webhook("", url="https://${crm}/?a=1&{{crm}}=2"))
    (problem,) = [each for each in problems(tmp_path, "sandbox") if each.code == "SPEC051"]
    assert str(problem.position) == "agents/desk.yaml:6:30"


@pytest.mark.parametrize(
    ("name", "fields", "code"),
    [
        ("end_call", "", "SPEC042"),
        ("détail", "", "SPEC043"),
        ("check order", "", "SPEC043"),
        ("Check-Order", "", "SPEC108"),
        ("9lives", "", "SPEC108"),
        ("file the call", "source: system\n    system: {triggers: [{event: call_end}]}", "SPEC108"),
    ],
)
def test_a_webhook_has_a_name_that_can_be_called(
    name: str, fields: str, code: str, tmp_path: Path
) -> None:
    assert found_codes(tmp_path, webhook(fields, name=name)) == [code]


@pytest.mark.parametrize(
    ("trigger", "code"),
    [
        ("{event: tool_failed, source_tool: hangup}", None),
        (f"{{event: tool_failed, source_tool_id: {TRUNK}}}", None),
        ("{event: call_end, source_tool_id: null}", None),
        ("{event: tool_failed}", "SPEC045"),
        ("{event: call_end, source_tool: hangup}", "SPEC045"),
        (f"{{event: tool_failed, source_tool: hangup, source_tool_id: {TRUNK}}}", "SPEC045"),
        ("{event: tool_failed, source_tool: hang}", "SPEC046"),
        (f"{{event: tool_failed, source_tool_id: {OTHER}}}", "SPEC046"),
        ("{event: tool_fialed}", "SPEC033"),
    ],
)
def test_a_trigger_names_a_tool_of_its_agent(
    trigger: str, code: str | None, tmp_path: Path
) -> None:
    system = f"source: system\n    system: {{triggers: [{trigger}]}}\n"
    hangup = f"  - {{type: template, template: hangup, id: {TRUNK}}}\n"
    text = webhook(system) + hangup
    assert found_codes(tmp_path, text) == ([code] if code else [])


def test_a_trigger_on_a_tool_of_another_agent_is_told_whose_it_is(tmp_path: Path) -> None:
    system = "source: system\n    system: {triggers: [{event: tool_failed, source_tool: hangup}]}"
    other = "name: Other\ntools:\n  - {type: template, template: hangup}\n"
    desk = f"name: Desk\n{webhook(system)}"
    write(tmp_path, f"# --- agents/a.yaml\n{other}# --- agents/desk.yaml\n{desk}")
    (problem,) = problems(tmp_path, "sandbox")
    assert problem.hint == "agents/a.yaml has one, but a trigger sees its own agent only"


def test_a_tool_id_derived_for_an_agent_may_be_named(tmp_path: Path) -> None:
    from reconciler.model.identity import derived_tool_id  # noqa: PLC0415  # for one test

    own_id = derived_tool_id("desk", {"type": "template", "template": "hangup"})
    trigger = f"{{event: tool_failed, source_tool_id: {own_id}}}"
    text = webhook(f"source: system\n    system: {{triggers: [{trigger}]}}")
    assert found_codes(tmp_path, text + "  - {type: template, template: hangup}\n") == []


@pytest.mark.parametrize(
    ("tool", "expected"),
    [
        ("phone_number: '{{desk}}'", []),
        ("phone_number: '+4930123456'", []),
        ("phone_number: '030 123456'", ["SPEC048"]),
        ("phone_number: '+0301234'", ["SPEC048"]),
    ],
)
def test_a_transfer_goes_to_a_phone_number(tool: str, expected: list[str], tmp_path: Path) -> None:
    text = f"tools: [{{type: human_transfer, name: t, {tool}}}]\nsip_outbound_trunk_id: {TRUNK}"
    assert found_codes(tmp_path, text + "\ntemplate_defaults: {desk: x}") in (
        expected,
        [*expected, "SPEC101"],
        ["SPEC101", *expected],
    )


@pytest.mark.parametrize(
    ("trunk", "expected"),
    [
        ("", ["SPEC109", "SPEC110"]),
        ("sip_outbound_trunk_id: null", ["SPEC055", "SPEC055"]),
        (f"sip_outbound_trunk_id: {TRUNK}", []),
    ],
)
def test_what_needs_a_trunk_warns_or_is_refused(
    trunk: str, expected: list[str], tmp_path: Path
) -> None:
    text = (
        "tools: [{type: human_transfer, name: t, phone_number: '+4930123456'}]\n"
        f"outbound_greeting: Hi\ninbound_greeting: null\n{trunk}"
    )
    assert found_codes(tmp_path, text) == expected


def test_time_zones_and_pre_action_texts(tmp_path: Path) -> None:
    clock = "tools: [{{type: built_in, built_in: current_datetime, timezone: '{}'}}]"
    assert found(tmp_path, clock.format("Europe/Berln")) == [
        ("SPEC049", "did you mean `Europe/Berlin`?")
    ]
    assert found_codes(tmp_path, clock.format("{{zone}}")) == ["SPEC102"]
    said = "execution_policy: {pre_action_message: {enabled: true}}"
    assert found_codes(tmp_path, webhook(said)) == ["SPEC047"]
    assert found_codes(tmp_path, f"tools: [{{type: template, template: hangup, {said}}}]") == []


def test_system_and_source_go_together(tmp_path: Path) -> None:
    system = "system: {triggers: [{event: call_end}]}"
    assert found_codes(tmp_path, webhook(system)) == ["SPEC044"]
    assert found_codes(tmp_path, webhook("source: system")) == ["SPEC044"]
    assert found_codes(tmp_path, webhook("source: contextual\n    system: null")) == []
    assert found_codes(tmp_path, webhook(f"source: system\n    {system}")) == []


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ({}, None),
        ({"type": "object", "properties": {"a": {"type": "string"}, "b": True}}, None),
        ({"type": ["string", "null"], "$defs": {"x": {"type": "object"}}}, None),
        ({"type": "array", "items": {"type": "number", "minimum": 0, "multipleOf": 2}}, None),
        ({"type": "objekt"}, ("type",)),
        ({"properties": []}, ("properties",)),
        ({"properties": {"a": 5}}, ("properties", "a")),
        ({"required": ["a", "a"]}, ("required",)),
        ({"required": "a"}, ("required",)),
        ({"items": {"minLength": -1}}, ("items", "minLength")),
        ({"minimum": True}, ("minimum",)),
        ({"uniqueItems": 1}, ("uniqueItems",)),
        ({"pattern": 5}, ("pattern",)),
        ({"title": 5, "description": "x"}, ("title",)),
    ],
)
def test_parameters_are_json_schema(schema: object, path: tuple[str, ...] | None) -> None:
    assert isinstance(schema, dict)
    fault = schema_fault(schema)
    assert (fault and fault[0]) == path


def test_a_schema_nested_beyond_reason_is_no_traceback() -> None:
    schema: dict[str, object] = {"type": "object"}
    for _ in range(90):
        schema = {"properties": {"a": schema}}
    assert schema_fault(schema) is None


def test_two_agents_are_told_where_the_other_is(tmp_path: Path) -> None:
    text = "# --- agents/a.yaml\nlanguage: en\nname: Desk\n# --- agents/b.yaml\nname: Desk\n"
    (problem,) = problems(write(tmp_path, text), "sandbox")
    assert problem.message == "the name `Desk` is also that of agents/a.yaml, line 2"
    assert str(problem.position) == "agents/b.yaml:1:7"


def test_two_agents_with_a_name_from_defaults_are_told(tmp_path: Path) -> None:
    project = PROJECT.replace("defaults:\n", "defaults:\n  name: Desk\n")
    text = "# --- agents/a.yaml\nlanguage: en\n# --- agents/b.yaml\nlanguage: en\n"
    (problem,) = problems(write(tmp_path, text, project=project), "sandbox")
    assert problem.message == "the name `Desk` is also that of agents/a.yaml"


def test_agents_of_different_environments_do_not_clash(tmp_path: Path) -> None:
    text = """# --- agents/a.yaml
name: Desk
environments: {only: [sandbox]}
# --- agents/b.yaml
name: Desk
moved_from: a
environments: {only: [staging]}
"""
    assert codes(write(tmp_path, text)) == []


def test_known_values_only_warn(tmp_path: Path) -> None:
    text = "region: mars\nlanguage: klingon\nmodels: {llm: x, fallbacks: {llm: [y, 5]}}"
    assert found_codes(tmp_path, text) == ["SPEC104", "SPEC105", "SPEC103", "SPEC103", "SPEC032"]


def test_strict_makes_errors_of_warnings_and_tells_each_once(tmp_path: Path) -> None:
    loaded = load_project(write(tmp_path, "name: Desk\nregion: mars\n"))
    (problem,) = validate(loaded)
    assert (problem.severity, problem.code) == ("warning", "SPEC104")
    assert [each.severity for each in validate(loaded, "sandbox", strict=True)] == ["error"]


def test_runtime_variables_are_unique_and_not_template_variables(tmp_path: Path) -> None:
    text = "runtime_variables: [{name: a, description: x}, {name: a, description: y}]"
    assert found_codes(tmp_path, text) == ["SPEC056"]
    text = "runtime_variables: [{name: a, description: x}]\ntemplate_defaults: {a: x}"
    assert found_codes(tmp_path, text) == ["SPEC052", "SPEC101"]
    text = 'runtime_variables: [{name: a, description: x}]\ngreeting: "{{a}}"'
    assert found_codes(tmp_path, text) == ["SPEC053"]


def test_extra_passes_unknown_fields_only(tmp_path: Path) -> None:
    assert found_codes(tmp_path, "extra: {greeting: x, id: y, other: z}") == ["SPEC038", "SPEC038"]


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("nope.x", "write a field as specs name it"),
        ("greting", "did you mean `greeting`?"),
        ("greeting.text", "`greeting` is one value: write that"),
        ("tools.*.url", "`*` is none; a path covers all below it: `tools`"),
        ("models..llm", "each step is one name"),
        ("tools.0.url", "goes by its name, as in `tools.check_order.url`"),
        ("tools.check_order.ulr", "did you mean `url`?"),
        ("runtime_variables.wish.text", "write a field as specs name it"),
        ("models.tts_voise", "did you mean `tts_voice`?"),
        ("models.fallbacks.sst", "did you mean `stt`?"),
        ("models.fallbacks.stt.0", "`models.fallbacks.stt` is one value: write that"),
        ("idle_nudges.enabeld", "did you mean `enabled`?"),
        ("extra.noise", "leave `extra` out: `noise`"),
        ("slng_api_key", "never comes back"),
        ("updated_at", "write a field as specs name it"),
    ],
)
def test_an_ignored_path_that_names_nothing_is_told_with_a_way_out(
    tmp_path: Path, path: str, hint: str
) -> None:
    ((code, told),) = found(tmp_path, f"ignore: [{{path: '{path}', reason: A trial.}}]")
    assert code == "SPEC115"
    assert hint in (told or "")
    rule = f"ignore: [{{path: '{path}', reason: A trial.}}]\n"
    write(tmp_path, "name: Desk\n", project=rule + PROJECT)
    (problem,) = validate(load_project(tmp_path))
    assert (problem.code, str(problem.position)) == ("SPEC115", "reconciler.yaml:1:17")


@pytest.mark.parametrize(
    "path",
    [
        *("greeting", "tools", "tools.check_order", "tools.check_order.url", "tools.a b.system"),
        *("tools.current_datetime/system.system.triggers", "tools.check_order.auth.type"),
        *("models", "models.llm_kwargs.temperature", "models.fallbacks.tts", "idle_nudges.enabled"),
        *("runtime_variables.wish.description", "template_defaults.shop", "tool_mode"),
        *("tts_cache_enabled", "tool_refs", "noise", "noise.level"),
    ],
)
def test_an_ignored_path_that_may_drift_is_fine(tmp_path: Path, path: str) -> None:
    rule = f"ignore: [{{path: {path}, reason: A trial.}}]\n"
    assert found_codes(tmp_path, f"extra: {{noise: {{level: 1}}}}\n{rule}") == []
    project = PROJECT.replace("defaults:\n", "defaults:\n  extra: {noise: {level: 1}}\n")
    write(tmp_path, "name: Desk\n", project=rule + project)
    assert validate(load_project(tmp_path)) == ()


def test_a_field_that_only_the_api_knows_is_ignored_without_a_warning_where_a_comment_says_so(
    tmp_path: Path,
) -> None:
    silenced = "ignore:\n  - path: beta # reconciler: ignore[SPEC115]\n    reason: New.\n"
    assert found_codes(tmp_path, silenced) == []
    write(tmp_path, "name: Desk\n", project=silenced + PROJECT)
    assert validate(load_project(tmp_path)) == ()
