"""A plan as a large team would see it, of any size and the same each time."""

from reconciler.model.change import Action, Change, Origin, Plan
from reconciler.model.values import ABSENT, SecretRef
from tests.report.samples import PROMPT, WEBHOOK, change, field, full_plan, plan

_PARAGRAPH = (
    "When a caller asks about an appointment in {city}, confirm the date and the time, repeat "
    "them once, and offer to send a confirmation by text message.\n"
)
LONG = PROMPT + "\n## Opening hours\n\n" + "".join(
    _PARAGRAPH.format(city=city) for city in ("Leeds", "York", "Hull", "Bath", "Ely", "Wells") * 4
)  # fmt: skip
LONG_AFTER = (
    LONG.replace("slowly and clearly", "calmly, in short sentences")
    .replace("- Outages\n", "- Outages\n- Smart meters\n- Solar panels\n")
    .replace("- Ask one question at a time.\n", "")
    .replace("in Hull, confirm the date and the time, repeat", "in Hull, confirm the day, repeat")
)
_SCHEMA = {"type": "object", "required": ["order"], "properties": {"order": {"type": "string"}}}
_SCHEMA_AFTER = {
    **_SCHEMA,
    "required": ["order", "postcode"],
    "properties": {"order": {"type": "string"}, "postcode": {"type": "string", "maxLength": 8}},
}


def fleet(size: int) -> Plan:
    """`full_plan` and so many agents more, each with a change of its prompt."""
    return plan(
        *full_plan().changes,
        *(_agent(number) for number in range(size)),
        unchanged=tuple(str(number) for number in range(40)),
        guards=full_plan().guards,
        unmanaged=full_plan().unmanaged,
        warnings=full_plan().warnings,
    )


def _agent(number: int) -> Change:
    key, name = f"region-{number % 7}/agent-{number:03}", f"Agent {number}"
    if number % 23 == 5:
        return change(key, Action.DELETE, name=name)
    if number % 17 == 3:
        fields = (field("language", ABSENT, "en"), field("system_prompt", ABSENT, LONG))
        return change(key, Action.CREATE, *fields, name=name, vanished=number % 2 == 0)
    origin = Origin.DRIFT if number % 11 == 2 else Origin.GIT
    return change(
        key,
        Action.UPDATE,
        field("system_prompt", LONG, LONG_AFTER),
        field("greeting", "Hello, who is calling?", "Hello, who is calling, please?", origin),
        field("models.llm_kwargs", {"temperature": 0.4}, {"temperature": 0.2, "top_p": 1}),
        field(
            "tools",
            [{**WEBHOOK, "parameters": _SCHEMA}],
            [{**WEBHOOK, "parameters": _SCHEMA_AFTER, "timeout_seconds": 20}],
        ),
        field("slng_api_key", None, SecretRef("env", "SLNG_RUNTIME_KEY"), secret=True),
        name=name,
    )
