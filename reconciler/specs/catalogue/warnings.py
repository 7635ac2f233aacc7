"""Codes of doubts: likely mistakes that the API would accept.

`# reconciler: ignore[SPEC104]` on the line or alone above it silences one; `--strict` makes them
errors.
"""

from typing import Final

from reconciler.specs.catalogue.entry import Entry

_TRUNK: Final = "550e8400-e29b-41d4-a716-446655440000"
_WEBHOOK: Final = """name: Desk
tools:
  - type: webhook
    name: check_order
    description: Looks up an order.
    url: https://crm.example.com/orders
    parameters: {type: object}"""

_TRANSFER: Final = '{type: human_transfer, name: to_desk, phone_number: "+4930123456"}'

ENTRIES: Final = (
    Entry(
        "SPEC101",
        "a template variable that no text uses",
        "Its name may be misspelt here or in the text.",
        "name: Desk\ntemplate_defaults: {busines: Example Ltd}",
        'name: Desk\ngreeting: "{{business}}, hello"\ntemplate_defaults: {business: Example Ltd}',
    ),
    Entry(
        "SPEC102",
        "a template variable with neither default nor declaration",
        "Every call must then give it. Add it to `template_defaults`, or declare it: "
        "`extra: {template_variable_options: {name: {required: true}}}`.",
        'name: Desk\ngreeting: "{{business}}, hello"',
        'name: Desk\ngreeting: "{{business}}, hello"\n'
        "extra: {template_variable_options: {business: {required: true}}}",
    ),
    Entry(
        "SPEC103",
        "an unknown language model",
        "The API may know more models than its documentation; it may also be a slip.",
        "name: Desk\nmodels: {llm: groq/openai/gpt-oss-120}",
        "name: Desk\nmodels: {llm: groq/openai/gpt-oss-120b}",
    ),
    Entry(
        "SPEC104",
        "an unknown region",
        "The API may know more regions than its documentation; it may also be a slip.",
        "name: Desk\nregion: eu-centrall",
        "name: Desk\nregion: mars-1 # reconciler: ignore[SPEC104]",
    ),
    Entry(
        "SPEC105",
        "an unknown language",
        "Languages are ISO 639-1 codes, a region may follow: `en`, `pt-BR`.",
        "name: Desk\nlanguage: english",
        "name: Desk\nlanguage: en-GB",
    ),
    Entry(
        "SPEC106",
        "a prompt mentions a tool that the agent does not have",
        "The model would try to call it and fail.",
        "name: Desk\nsystem_prompt: Call the lookup_order tool.\ntools: []",
        _WEBHOOK + "\nsystem_prompt: Call the check_order tool.",
    ),
    Entry(
        "SPEC107",
        "a webhook over plain http",
        "What the caller said, and the secret of the webhook, can be read on the way.",
        _WEBHOOK.replace("https", "http"),
        _WEBHOOK,
    ),
    Entry(
        "SPEC108",
        "a webhook's name that the API may change",
        "The API gives names back in lower case with `_`; another form may come back different.",
        _WEBHOOK.replace("check_order", "Check-Order"),
        _WEBHOOK,
    ),
    Entry(
        "SPEC109",
        "a transfer without a declared outbound trunk",
        "The trunk may be set in the dashboard; `plan` checks the live agent.",
        f"name: Desk\ntools:\n  - {_TRANSFER}",
        f"name: Desk\nsip_outbound_trunk_id: {_TRUNK}\ntools:\n  - {_TRANSFER}",
    ),
    Entry(
        "SPEC110",
        "a greeting by direction without its declared trunk",
        "The trunk may be set in the dashboard; `plan` checks the live agent.",
        "name: Desk\ninbound_greeting: Thank you for calling",
        f"name: Desk\ninbound_greeting: Thank you for calling\nsip_inbound_trunk_id: {_TRUNK}",
    ),
    Entry(
        "SPEC111",
        "a file that is not read, though it looks as if it should be",
        "Specs end in `.yaml` or `.yml`; folder defaults are called `_defaults.yaml`; other names "
        "that start with `_` or `.` are left alone.",
        "# --- agents/desk.yaml\nname: Desk\n# --- agents/_default.yaml\ngreeting: Hello",
        "# --- agents/desk.yaml\nname: Desk\n# --- agents/_defaults.yaml\ngreeting: Hello",
    ),
    Entry(
        "SPEC112",
        "`idle_nudges` without all its texts",
        "The API takes all three texts or no `idle_nudges` at all. The texts that the spec leaves "
        "out may be live; `plan` checks the live agent, and a new agent has none.",
        "name: Desk\nidle_nudges: {first_nudge_text: Hello?}",
        "name: Desk\nidle_nudges:\n  first_nudge_text: Hello?\n"
        "  second_nudge_text: Are you there?\n  final_hangup_text: Goodbye.",
    ),
    Entry(
        "SPEC113",
        "a placeholder that Handlebars takes otherwise than meant",
        "A name has no spaces, `{{#if}}` needs its `{{/if}}`, and `{{{` its `}}}`. The caller "
        "would hear the rest of a text, or none of it.",
        'name: Desk\ngreeting: "Hello {{customer_name}} {{ }}"\n'
        "template_defaults: {customer_name: you}",
        'name: Desk\ngreeting: "Hello {{customer_name}}"\ntemplate_defaults: {customer_name: you}',
    ),
    Entry(
        "SPEC114",
        "a parameter outside `properties`",
        "JSON Schema lists what a webhook takes under `properties`. Elsewhere a name is nothing to "
        "the model, which would never fill it in.",
        _WEBHOOK.replace("{type: object}", "{order: {type: string}}"),
        _WEBHOOK.replace("{type: object}", "{type: object, properties: {order: {type: string}}}"),
    ),
    Entry(
        "SPEC115",
        "an ignored path that names nothing",
        "`ignore` accepts the drift of a field and of all below it. A path is written as a plan "
        "shows it: tools and runtime variables by name, fields of `extra` by their own names. One "
        "that leads nowhere ignores nothing. The API may answer fields that nobody documents: "
        "silence the warning there.",
        "name: Desk\nignore: [{path: tools.*.url, reason: A trial.}]",
        "name: Desk\nignore: [{path: tools.check_order.url, reason: A trial.}]",
    ),
)
