"""Specs that are valid YAML and made to be slow: each is dealt with in seconds."""

import time
from pathlib import Path

import pytest

from tests.specs.project_folder import problems, write


def many(line: str, count: int) -> str:
    return "".join(line.replace("#", str(number)) for number in range(count))


TRIGGER = "{type: webhook, name: w#, source: system, system: {triggers: [{event: tool_failed, source_tool: x#}]}}"


@pytest.mark.parametrize(
    "text",
    [
        "greeting: |\n  {{" + " " * 900_000,
        "greeting: |\n  " + "{{ " * 300_000,
        "greeting: |\n  " + "{{#if " + "a " * 300_000 + "}}",
        "greeting: |\n  " + "{{a " * 200_000 + "}}" * 200_000,
        "greeting: |\n  " + "${x" * 300_000,
        "greeting: |\n  " + many("${v#} ", 100_000),
        "tools: []\nsystem_prompt: |\n  " + many("call tool_number# ", 50_000),
        "tools: []\nsystem_prompt: |\n  " + "a_" * 450_000,
        "tools: []\nsystem_prompt: |\n  " + "`" * 900_000,
        "greeting: |\n  "
        + many("{{name#}} ", 20_000)
        + "\ntemplate_defaults:\n"
        + many("  nane#: x\n", 20_000),
        many("feild#: x\n", 20_000),
        many("feild: x\n", 90_000),
        many("#: x\n", 90_000),
        "tools:\n" + many("  - {type: template, template: hangup}\n", 9_000),
        "tools:\n" + many(f"  - {TRIGGER}\n", 2_000),
        "runtime_variables:\n" + many("  - {name: a, description: b}\n", 9_000),
        "omit: [" + many("x#,", 45_000) + "]",
        "tools: [{type: webhook, name: a, parameters: {required: [" + many("a#,", 45_000) + "]}}]",
        "tools: [{type: webhook, name: a, url: 'https://x.example/?" + "{{a}}&" * 100_000 + "'}]",
    ],
)
def test_a_spec_made_to_be_slow_is_dealt_with(text: str, tmp_path: Path) -> None:
    write(tmp_path, f"name: Desk\n{text}\n")
    started = time.process_time()
    assert len(problems(tmp_path, "sandbox")) < 1000
    assert time.process_time() - started < 60  # what grows with the square takes hours
