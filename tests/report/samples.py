"""Plans, outcomes and reports to show, made of plain nouns."""

from typing import Any

from reconciler.errors import Position, Problem
from reconciler.model.change import Action, Change, FieldChange, Guard, Origin, Plan
from reconciler.model.live import LiveAgent
from reconciler.model.values import ABSENT, SecretRef

PROMPT = """# Router

You are the support router of Brightwater Energy.
Find out what the caller needs and hand over to the right team.

## Rules

- Speak slowly and clearly.
- Never give out account numbers.
- Ask one question at a time.

## Teams

- Billing
- Moving house
- Outages
"""
PROMPT_AFTER = PROMPT.replace("slowly and clearly", "calmly, in short sentences").replace(
    "- Outages\n", "- Outages\n- Smart meters\n"
)

WEBHOOK: dict[str, Any] = {
    "type": "webhook",
    "name": "check_order",
    "description": "Looks up an order by its number and says where it is.",
    "url": "https://crm.example.com/orders",
    "parameters": {"type": "object", "properties": {"order": {"type": "string"}}},
    "auth": {"type": "bearer", "token": SecretRef("env", "CRM_TOKEN")},
}


def field(
    path: str,
    before: Any = "a",
    after: Any = "b",
    origin: Origin = Origin.GIT,
    *,
    reset: bool = False,
    secret: bool = False,
) -> FieldChange:
    return FieldChange(tuple(path.split(".")), before, after, origin, reset, secret)


def live(name: str = "Desk", agent_id: str = "1f0c2a", **document: Any) -> LiveAgent:
    return LiveAgent(agent_id, name, {"name": name, **document})


def change(
    key: str = "sales/desk",
    action: Action = Action.UPDATE,
    *fields: FieldChange,
    name: str = "Desk",
    **more: Any,
) -> Change:
    if action is not Action.CREATE:
        more.setdefault("live", live(name))
    return Change(
        key=key, action=action, name=name, make_digest=lambda: "d1", fields=fields, **more
    )


def plan(*changes: Change, **more: Any) -> Plan:
    given = {
        "environment": "production",
        "organisation_id": "550e8400-e29b-41d4-a716-446655440000",
        "ledger_id": "ledger-1",
        "make_digest": lambda: "abc",
    }
    return Plan(**{**given, "changes": changes, **more})


def full_plan() -> Plan:
    """One of everything."""
    return plan(
        change(
            "support/router",
            Action.CREATE,
            field("name", ABSENT, "Support router"),
            field("language", ABSENT, "en"),
            field("greeting", ABSENT, "Hello, this is Brightwater. How can I help you today?"),
            field("models.llm", ABSENT, "groq/openai/gpt-oss-120b"),
            field("models.tts_voice", ABSENT, "aura-2-thalia-en"),
            field("system_prompt", ABSENT, PROMPT),
            field("slng_api_key", ABSENT, SecretRef("env", "SLNG_RUNTIME_KEY"), secret=True),
            field("tools", ABSENT, [{"type": "template", "template": "hangup"}, WEBHOOK]),
            field("template_defaults", ABSENT, {}),
            field("inbound_greeting", ABSENT, None),
            name="Support router",
        ),
        change(
            "sales/desk",
            Action.UPDATE,
            field("name", "Old desk", "Desk"),
            field("models.tts_voice", "aura-2-thalia-en", "aura-2-luna-en"),
            field("system_prompt", PROMPT, PROMPT_AFTER),
            field("tools.check_order", ABSENT, WEBHOOK),
            field("tools.hangup.auth.token", None, SecretRef("env", "CRM_TOKEN"), secret=True),
            field("idle_nudges", {"enabled": False}, None, reset=True),
            field("greeting", "Hi, who is this?", "Hello, who is speaking?", Origin.DRIFT),
            field("region", "us-east", "eu-central", Origin.CONFLICT),
            field("template_defaults", {"a": 1, "b": []}, {"a": 2, "b": []}, Origin.UNKNOWN),
            name_from="Old desk",
        ),
        change("clinic/night", Action.UPDATE, field("region"), name="Night", blocked="no trunk"),
        change("shop/host", Action.ADOPT, name="Host"),
        change("new/key", Action.REKEY, name="Moved", key_from="old/key"),
        change("old/bot", Action.DELETE, name="Old bot"),
        change("old/kept", Action.FORGET, name="Kept"),
        unchanged=("a", "b", "c"),
        unmanaged=(live("Playground", "9a"), live("Test of Ann", "9b")),
        guards=(
            Guard(
                "DELETES",
                "7 of 20 agents would be deleted; `deletion.max_count` allows 5.",
                "--allow-deletes 7",
            ),
        ),
        warnings=("sales/desk: sip_inbound_trunk_id is not declared any more and stays live.",),
    )


def problem(**more: Any) -> Problem:
    given = {
        "code": "SPEC012",
        "message": "unknown field `tts_voise` in models",
        "position": Position("agents/desk.yaml", 14, 3, 9),
        "hint": "did you mean `tts_voice`?",
        "source_line": "  tts_voise: aura-2-thalia-en",
    }
    return Problem(**{**given, **more})
