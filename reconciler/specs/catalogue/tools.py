"""Codes of tools."""

from typing import Final

from reconciler.specs.catalogue.entry import Entry

_ID: Final = "550e8400-e29b-41d4-a716-446655440000"
_OTHER: Final = "650e8400-e29b-41d4-a716-446655440000"


def _webhook(**fields: str) -> str:
    """A spec with one webhook, some of its fields as given."""
    known = {
        "type": "webhook",
        "name": "check_order",
        "description": "Looks up an order.",
        "url": "https://crm.example.com/orders",
        "parameters": "{type: object}",
    }
    lines = "\n    ".join(f"{name}: {value}" for name, value in {**known, **fields}.items())
    return f"name: Desk\ntools:\n  - {lines}"


def _transfer(number: str) -> str:
    return (
        f"name: Desk\nsip_outbound_trunk_id: {_ID}\ntools:\n"
        f"  - {{type: human_transfer, name: to_desk, phone_number: {number}}}"
    )


def _clock(zone: str) -> str:
    return (
        f"name: Desk\ntools:\n  - {{type: built_in, built_in: current_datetime, timezone: {zone}}}"
    )


ENTRIES: Final = (
    Entry(
        "SPEC040",
        "two tools with one id",
        "Ids are unique in an agent. Usually they are left out.",
        f"name: Desk\ntools:\n  - {{type: template, template: hangup, id: {_ID}}}\n"
        f"  - {{type: template, template: voicemail_detection, id: {_ID}}}",
        "name: Desk\ntools:\n  - {type: template, template: hangup}\n"
        "  - {type: template, template: voicemail_detection}",
    ),
    Entry(
        "SPEC041",
        "two tools of one name without an id each",
        "A tool is known by its name. Where two share one, only an `id` tells them apart.",
        "name: Desk\ntools:\n  - {type: template, template: hangup}\n"
        "  - {type: template, template: hangup}",
        f"name: Desk\ntools:\n  - {{type: template, template: hangup, id: {_ID}}}\n"
        f"  - {{type: template, template: hangup, id: {_OTHER}}}",
    ),
    Entry(
        "SPEC042",
        "a reserved name",
        "The platform has tools of its own called `end_call` and `detected_answering_machine`.",
        _webhook(name="end_call"),
        _webhook(name="close_order"),
    ),
    Entry(
        "SPEC043",
        "a name that a model can not call",
        "Webhooks that the model calls have names of letters, digits, `_` and `-`.",
        _webhook(name="check order"),
        _webhook(name="check_order"),
    ),
    Entry(
        "SPEC044",
        "`system` and `source` do not fit",
        "A tool with `source: system` needs `system` with its triggers, and no other tool has it.",
        _webhook(source="system"),
        _webhook(source="system", system="{triggers: [{event: call_end}]}"),
    ),
    Entry(
        "SPEC045",
        "a trigger with or without its `source_tool`",
        "`tool_succeeded` and `tool_failed` wait for a tool and name it; other events do not.",
        _webhook(source="system", system="{triggers: [{event: tool_failed}]}"),
        _webhook(source="system", system="{triggers: [{event: tool_failed, source_tool: hangup}]}")
        + "\n  - {type: template, template: hangup}",
    ),
    Entry(
        "SPEC046",
        "a trigger names no tool of its agent",
        "`source_tool` takes the name of another tool of the same agent.",
        _webhook(source="system", system="{triggers: [{event: tool_failed, source_tool: hang_up}]}")
        + "\n  - {type: template, template: hangup}",
        _webhook(source="system", system="{triggers: [{event: tool_failed, source_tool: hangup}]}")
        + "\n  - {type: template, template: hangup}",
    ),
    Entry(
        "SPEC047",
        "a pre-action message without text",
        "An enabled message needs a text, except on `hangup`.",
        _webhook(execution_policy="{pre_action_message: {enabled: true}}"),
        _webhook(execution_policy="{pre_action_message: {enabled: true, text: One moment.}}"),
    ),
    Entry(
        "SPEC048",
        "no phone number",
        "Numbers are E.164: `+`, country code, number, no spaces. A template is fine too.",
        _transfer('"030 123456"'),
        _transfer('"+4930123456"'),
    ),
    Entry(
        "SPEC049",
        "no time zone",
        "Time zones have IANA names, such as `Europe/Berlin`. A template is fine too.",
        _clock("Berlin"),
        _clock("Europe/Berlin"),
    ),
    Entry(
        "SPEC051",
        "a webhook's address, or a template in the wrong part of it",
        "Templates may stand in path segments and in values of query parameters only, so that a "
        "caller can not redirect it. For a host that differs by environment use `${name}`.",
        _webhook(url='"https://{{host}}/orders"') + "\ntemplate_defaults: {host: example.com}",
        _webhook(url="https://${crm}/orders"),
    ),
    Entry(
        "SPEC054",
        "no valid JSON Schema",
        "`parameters` tell the model what to fill in, as JSON Schema (json-schema.org).",
        _webhook(parameters="{type: objekt}"),
        _webhook(parameters="{type: object, properties: {number: {type: string}}}"),
    ),
)
