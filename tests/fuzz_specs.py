"""Mutations of valid specs and project files never end in anything but problems.

`python -m tests.fuzz_specs --count 100000 --seed 1` is the long run; the suite takes a sample.
"""

import argparse
import json
import random
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from reconciler.errors import Problem, SpecsInvalid
from reconciler.specs import load_project, validate
from reconciler.specs.catalogue import CATALOGUE
from tests.specs.project_folder import PROJECT, write

RICH: Final = """name: Support router
system_prompt: |
  You route {{customer}} to the right desk of ${crm}.
  Call check_order first.
greeting: "Hello {{customer}}"
inbound_greeting: Thanks for calling
language: en-GB
region: eu-central
models:
  stt: deepgram/nova-3
  llm: groq/openai/gpt-oss-120b
  tts: slng/aura-2
  tts_voice: aura-2-thalia-en
  llm_kwargs: {temperature: 0.2, stop: [a, b]}
  fallbacks: {llm: [groq/openai/gpt-oss-120b], tts: [{model: m, voice: v}]}
  llm_first_token_timeout_s: 3.5
idle_nudges:
  {first_nudge_text: Hello?, second_nudge_text: Hm?, final_hangup_text: Bye, hangup_delay_seconds: 9}
sip_inbound_trunk_id: 0b3b6a0e-6f3b-4a39-8d6b-5d1f0f5b8c21
sip_outbound_trunk_id: 1c4c7b1f-7a4c-4b4a-9e7c-6e2a1a6c9d32
template_defaults: {customer: you, desk: "+4930123456"}
runtime_variables: [{name: wish, description: What the caller wants.}]
slng_api_key: {env: RUNTIME_KEY}
tools:
  - &hangup {type: template, template: hangup, prompt: Say goodbye.}
  - type: webhook
    name: check_order
    description: Looks up an order.
    url: https://${crm}/orders/{{customer}}?wish={{wish}}
    parameters: {type: object, properties: {number: {type: string}}, required: [number]}
    auth: {type: bearer, token: {env: CRM_TOKEN}}
    execution_policy: {pre_action_message: {enabled: true, text: One moment.}}
  - type: webhook
    name: after_call
    description: Files the call.
    url: https://crm.example.com/calls
    parameters: {type: object}
    source: system
    system:
      triggers: [{event: call_end}, {event: tool_failed, source_tool: check_order}]
      arguments:
        - {name: call, type: string, source: {type: call_id}}
        - {name: kind, type: string, source: {type: constant, value: {a: [1]}}}
        - {name: who, type: string, source: {type: template, template: "{{customer}}"}}
    auth: {type: hmac, secret: {file: secrets/hmac}}
  - {type: built_in, built_in: current_datetime, timezone: Europe/Berlin}
  - {type: human_transfer, name: to_desk, phone_number: "{{desk}}"}
extra: {noise_cancellation_enabled: true}
lifecycle: {prevent_destroy: true}
ignore: [{path: models.tts_voice, reason: A trial., until: 2027-01-01}]
omit: [models.stt_kwargs]
environments:
  staging: {id: 550e8400-e29b-41d4-a716-446655440000, greeting: Test}
"""

RICH_PROJECT: Final = (
    PROJECT
    + """ledger: {backend: git, branch: ledger, remote: origin}
deletion: {max_count: 5, max_percent: 30, quiet_hours: 1.5}
adoption: ask
on_drift: revert
update: patch
unknown_fields: {noise_cancellation_enabled: omit}
max_update_percent: 50
secret_folders: [/run/secrets]
ignore: [{path: models.tts_voice, reason: A trial., until: 2027-01-01}]
notify: [{env: NOTIFY_URL}, "https://ntfy.example/x"]
concurrency: 4
"""
)
_TOKENS: Final = (
    *("{", "}", "[", "]", "{{", "}}", "${", "}", "$${", ": ", "- ", "#", "|\n", ">-\n", "\t", "\n"),
    *("&a ", "*a", "<<: ", "!!str ", "!x ", "? ", "--- ", "...\n", "%YAML 1.1\n", "'", '"', "\\"),
    *("\0", "\x85", "\u2028", "\ufeff", "\ud7ff", "é", "🙂", "null", "~", "1e999", ".inf", "0o9"),
    *("env: X", "{file: x}", "{env: X}", "id: 1", "only: [x]", "type: webhook", "[" * 120),
    *("../", "/", "\\x00", '"\\ud800"', "9" * 30, "{{#if x}}", "{{{", "}}}", "\\{{", "https://["),
)
_VALUES: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, -1, 1.5, 10**30, "", "x", "{{", "${x}", "\ud7ff", " ", "x" * 600),
    *([], {}, [None], [[]], {"": None}, {"file": "x"}, {"env": "X"}, {"type": "webhook"}),
    *({"file": None}, {"file": "."}, {"env": "A B"}, {"only": []}, "https://[", "http://x", "+1"),
    *({"type": []}, {"name": {}}, {"properties": 1}, {"$ref": "#"}, "end_call", "tools.0"),
)

Mutation = Callable[[random.Random], str]


def mutated_text(chance: random.Random, text: str) -> str:
    """The text with a stretch deleted, doubled, moved, or replaced by something nasty."""
    for _ in range(chance.randint(1, 3)):
        start = chance.randrange(len(text) + 1)
        end = min(len(text), start + chance.choice([0, 1, 1, 3, 10, 40]))
        middle = chance.choice(
            ["", text[start:end] * 2, chance.choice(_TOKENS), text[start:end][::-1]]
        )
        text = text[:start] + middle + text[end:]
    return text


def mutated_value(chance: random.Random, value: Any) -> Any:
    """The value with one of its parts replaced, removed, renamed or doubled."""
    if chance.random() < 0.04 or not isinstance(value, dict | list) or not value:
        return chance.choice(_VALUES)
    if isinstance(value, list):
        index = chance.randrange(len(value))
        return [
            *value[:index],
            *chance.choice([[], [value[index]] * 2, [mutated_value(chance, value[index])]]),
            *value[index + 1 :],
        ]
    key = chance.choice(sorted(value))
    rest = {name: each for name, each in value.items() if name != key}
    new_key = chance.choice([*[key] * 12, key[:-1], key + "s", "id", "type", "file", "env"])
    return {**rest, new_key: mutated_value(chance, value[key])}


def mutations(chance: random.Random) -> Iterator[tuple[str, str]]:
    """Endless pairs of a file name and its mutated content."""
    from reconciler.specs.marks import Text  # noqa: PLC0415  # after the paths
    from reconciler.specs.yaml_reader import read  # noqa: PLC0415  # as above

    examples = [entry.right for entry in CATALOGUE.values() if "# ---" not in entry.right]
    specs = [RICH, RICH, *(text for text in examples if " times " not in text)]
    spec, project = (read(Text("x.yaml", text))[0] for text in (RICH, RICH_PROJECT))
    while True:
        kind = chance.random()
        if kind < 0.45:
            yield "agents/desk.yaml", mutated_text(chance, chance.choice(specs))
        elif kind < 0.8:
            yield "agents/desk.yaml", json.dumps(mutated_value(chance, spec))
        elif kind < 0.9:
            yield "reconciler.yaml", mutated_text(chance, RICH_PROJECT)
        else:
            yield "reconciler.yaml", json.dumps(mutated_value(chance, project))


def outcome(folder: Path) -> tuple[Problem, ...]:
    try:
        return validate(load_project(folder))
    except SpecsInvalid as error:
        return error.problems


def run(folder: Path, count: int, seed: int) -> Counter[str]:
    """How often each code was found; raises what no user should ever see."""
    chance = random.Random(seed)  # noqa: S311  # the same mutations for the same seed
    write(folder, RICH)
    found: Counter[str] = Counter()
    good = {name: (folder / name).read_bytes() for name in ("agents/desk.yaml", "reconciler.yaml")}
    for number, (name, content) in zip(range(count), mutations(chance), strict=False):
        (folder / name).write_bytes(content.encode("utf-8", "surrogatepass"))
        try:
            problems = outcome(folder)
        except Exception:
            print(f"mutation {number} of seed {seed}, {name}:\n{content}")  # noqa: T201  # its output
            raise
        for problem in problems:
            assert problem.position is not None, problem
            assert problem.position.line >= 1, problem
            assert problem.position.column >= 1, problem
            assert "s3cr3t" not in problem.message
            found[problem.code] += 1
        found["valid" if not problems else "with problems"] += 1
        (folder / name).write_bytes(good[name])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = run(Path(folder), wanted.count, wanted.seed)
        except Exception:  # noqa: BLE001  # any exception is what we look for
            traceback.print_exc()
            raise SystemExit(1) from None
    for code, times in sorted(found.items()):
        print(f"{times:8} {code}")  # noqa: T201  # its output


if __name__ == "__main__":
    main()
