"""A realistic fleet: about 100 lines and 4 KB a spec, and the live agents that it describes."""

import json
import uuid
from pathlib import Path
from typing import Any, Final

_TASKS: Final = (
    "Greet the caller by name once you know it, and keep every answer under three sentences.",
    "Ask for the order number before you look anything up; read it back digit by digit.",
    "If the caller asks for {{practice}}, say that the practice opens at nine on weekdays.",
    "Never promise a delivery date that check_order has not told you.",
    "When the caller is upset, apologise once, then offer to pass them on to a person.",
)

PROJECT: Final = """version: 1
defaults:
  language: en
  region: eu-central
  models:
    stt: slng/deepgram/nova:3-en
    llm: groq/openai/gpt-oss-120b
    tts: slng/deepgram/aura:2-en
    tts_voice: aura-2-thalia-en
environments:
  bench:
    api: {api}
    api_key: {{env: BENCH_KEY}}
    organisation_id: 550e8400-e29b-41d4-a716-446655440000
    variables: {{crm: crm.example.com}}
deletion: {{max_count: 20000, max_percent: 100}}
"""


def prompt(number: int) -> list[str]:
    lines = [f"You answer the phone of shop {number}."]
    lines += [f"{row}. {_TASKS[(row + number) % len(_TASKS)]}" for row in range(36)]
    return lines


def spec(number: int, *, greeting: str = "Hello") -> str:
    """One spec: a prompt, four tools, variables of both kinds."""
    text = "\n".join(f"  {line}" for line in prompt(number))
    return f"""# The desk of shop {number}.
name: Shop {number:05}
system_prompt: |
{text}
greeting: "{greeting}, this is shop {number} of {{{{practice}}}}."
models:
  llm_kwargs: {{temperature: 0.{number % 9 + 1}}}
  stt_final_timeout_s: 1.5
idle_nudges:
  first_nudge_text: Are you still there?
  second_nudge_text: Can you hear me?
  final_hangup_text: I will hang up now. Goodbye.
tools:
  - type: template
    template: hangup
    prompt: Hang up once the caller has said goodbye.
  - type: built_in
    built_in: current_datetime
    timezone: Europe/Berlin
  - type: webhook
    name: check_order
    description: Looks an order up by its number.
    url: https://${{crm}}/orders/{number}
    timeout_seconds: 8
    parameters:
      type: object
      required: [order_number]
      properties:
        order_number: {{type: string, description: As printed on the receipt}}
        urgent: {{type: boolean}}
  - type: webhook
    name: report_call
    description: Tells the billing system how the call went.
    url: https://${{crm}}/calls/finished
    source: system
    parameters: {{type: object, properties: {{}}}}
    system:
      triggers:
        - event: call_end
      arguments:
        - {{name: call, type: string, required: true, source: {{type: call_id}}}}
        - {{name: reason, type: string, source: {{type: call_end_reason}}}}
template_defaults:
  practice: Lakeside
runtime_variables:
  - name: order_number
    description: The number of the caller's order
"""


def write_project(folder: Path, count: int, api: str) -> None:
    """A project of so many agents in folders of a hundred."""
    (folder / "reconciler.yaml").write_text(PROJECT.format(api=api), encoding="utf-8")
    for number in range(count):
        place = folder / "agents" / f"region-{number // 100:03}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"shop-{number:05}.yaml").write_text(spec(number), encoding="utf-8")


def answer_of(body: dict[str, Any], agent_id: str) -> dict[str, Any]:
    """What an API answers to a create: server-owned fields, defaults, secrets kept to itself."""
    answer = json.loads(json.dumps(body))
    defaults = answer.pop("template_defaults", {})
    answer.pop("slng_api_key", None)
    answer["template_variables"] = {
        name: {"default": value, "required": False} for name, value in defaults.items()
    }
    for tool in answer.get("tools", []):
        tool.setdefault("id", str(uuid.uuid4()))
        if tool["type"] == "webhook":
            auth = tool.pop("auth", None)
            tool["auth_type"] = auth["type"] if auth else None
    return {
        **answer,
        "id": agent_id,
        "organisation_id": "550e8400-e29b-41d4-a716-446655440000",
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
    }
