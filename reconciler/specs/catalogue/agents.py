"""Codes of texts, variables and trunks: what several fields of one agent say together."""

from typing import Final

from reconciler.specs.catalogue.entry import Entry

_TRUNK: Final = "550e8400-e29b-41d4-a716-446655440000"
_TOOL: Final = "650e8400-e29b-41d4-a716-446655440000"
_REFERENCES: Final = f"[{{tool_id: {_TOOL}, version: 1}}]"

ENTRIES: Final = (
    Entry(
        "SPEC050",
        "unbalanced braces",
        "The API refuses a template whose `{{` and `}}` do not match. For literal braces put a "
        "space between the two.",
        'name: Desk\ngreeting: "Hello {{name"',
        'name: Desk\ngreeting: "Hello {{name}}"\ntemplate_defaults: {name: you}',
    ),
    Entry(
        "SPEC052",
        "a runtime variable that is a template variable too",
        "Template variables are known before the call, runtime variables are found out in it. "
        "One name can not be both.",
        "name: Desk\ngreeting: Hello\nruntime_variables:\n  - {name: wish, description: Any.}\n"
        "extra: {template_variable_options: {wish: {required: false}}}",
        "name: Desk\ngreeting: Hello\nruntime_variables:\n  - {name: wish, description: Any.}",
    ),
    Entry(
        "SPEC053",
        "a prompt or greeting uses a runtime variable",
        "When the text is made, the call has not started: the variable has no value. The API "
        "refuses it.",
        'name: Desk\ngreeting: "So you wish {{wish}}?"\nruntime_variables:\n'
        "  - {name: wish, description: Any.}",
        'name: Desk\ngreeting: "Hello {{caller}}"\ntemplate_defaults: {caller: you}',
    ),
    Entry(
        "SPEC055",
        "a trunk is needed and declared null",
        "Transfers need an outbound trunk, greetings by direction the trunk of their direction.",
        "name: Desk\ninbound_greeting: Thanks for calling\nsip_inbound_trunk_id: null",
        f"name: Desk\ninbound_greeting: Thanks for calling\nsip_inbound_trunk_id: {_TRUNK}",
    ),
    Entry(
        "SPEC056",
        "a runtime variable stands twice",
        "Names of runtime variables are unique in an agent.",
        "name: Desk\nruntime_variables:\n  - {name: wish, description: Any.}\n"
        "  - {name: wish, description: Other.}",
        "name: Desk\nruntime_variables:\n  - {name: wish, description: Any.}",
    ),
    Entry(
        "SPEC057",
        "`tools` of an agent in shared mode",
        "In shared mode the platform owns the tools. `tool_mode: legacy` takes them into the spec.",
        "name: Desk\ntool_mode: shared\ntools:\n  - {type: template, template: hangup}",
        "name: Desk\ntool_mode: legacy\ntools:\n  - {type: template, template: hangup}",
    ),
    Entry(
        "SPEC058",
        "`omit` names no field, or one that is declared beside it",
        "`omit` takes back what defaults or overrides declare, by dotted path.",
        "name: Desk\nomit: [models.llm_kwarks]",
        "name: Desk\nomit: [models.llm_kwargs]",
    ),
    Entry(
        "SPEC059",
        "references of an agent in legacy mode",
        "`tool_refs` and `mcp_refs` attach shared tools, and only an agent in shared mode has "
        "those. The API refuses them beside `tool_mode: legacy`.",
        f"name: Desk\ntool_mode: legacy\nextra:\n  tool_refs: {_REFERENCES}",
        f"name: Desk\ntool_mode: shared\nextra:\n  tool_refs: {_REFERENCES}",
    ),
)
