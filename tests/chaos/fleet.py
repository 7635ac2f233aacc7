"""Two commits of one repo, and what a person at the dashboard did in between.

From the first commit to the second every kind of change happens: create, adopt, update, rename,
a chain of renames, a name swap, delete, a trunk that moves, two trunks that swap, reset, a secret
that rotates, a language with computed nudges, a file that moves.
"""

import json
from pathlib import Path
from typing import Any, Final

Spec = dict[str, Any]

TRUNKS: Final = tuple(f"3f1c9a52-7a60-4f2e-9a35-0a6f8b1a7c1{n}" for n in range(6))
SECRETS_BEFORE: Final = {"CRM_TOKEN": "crm-token-1", "HOOK_SECRET": "hook-secret-1"}
SECRETS_AFTER: Final = {"CRM_TOKEN": "crm-token-1", "HOOK_SECRET": "hook-secret-2"}
BYSTANDER: Final = "Somebody's Own"
DASHBOARD_TRUNK: Final = TRUNKS[5]
CREATED: Final = ("new-1", "new-2", "new-3")
"""Keys of agents that the second commit makes."""
UNTOUCHED: Final = ("quiet-1", "quiet-2")

_BASE: Final[Spec] = {
    "system_prompt": "Help the caller of {{company}}.",
    "greeting": "Hello!",
    "language": "en",
    "region": "eu-central",
    "models": {
        "stt": "slng/deepgram/nova:3-en",
        "llm": "groq/openai/gpt-oss-120b",
        "tts": "slng/deepgram/aura:2-en",
        "tts_voice": "aura-2-thalia-en",
    },
}
_NUDGES: Final = {
    "first_nudge_text": "Hello?",
    "second_nudge_text": "Still there?",
    "final_hangup_text": "Bye.",
}


def spec(name: str, **fields: Any) -> Spec:
    return {**_BASE, "name": name, **fields}


def _webhook(kind: str, url: str) -> Spec:
    secret = (
        {"token": {"env": "CRM_TOKEN"}} if kind == "bearer" else {"secret": {"env": "HOOK_SECRET"}}
    )
    return {
        "type": "webhook",
        "name": f"call_{kind}",
        "description": "Looks something up.",
        "url": url,
        "parameters": {"type": "object", "properties": {"id": {"type": "string"}}},
        "auth": {"type": kind, **secret},
    }


def before() -> dict[str, Spec]:
    """The first commit, by key."""
    return {
        "quiet-1": spec("Quiet One", tools=[_webhook("bearer", "https://a.example.com/quiet")]),
        "quiet-2": spec("Quiet Two"),
        "up/greeting": spec("Greeting", greeting="Old"),
        "up/prompt": spec(
            "Prompt", system_prompt="Old {{company}}", template_defaults={"company": "A"}
        ),
        "up/tools": spec("Tools", tools=[_webhook("bearer", "https://a.example.com/old")]),
        "up/secret": spec("Secret", tools=[_webhook("hmac", "https://a.example.com/hook")]),
        "up/dashboard": spec("Dashboard", greeting="Old"),
        "rename": spec("Name Old"),
        "chain-1": spec("Chain 1"),
        "chain-2": spec("Chain 2"),
        "swap-left": spec("Swap Left", greeting="left"),
        "swap-right": spec("Swap Right", greeting="right"),
        "gone-1": spec("Gone One"),
        "gone-2": spec("Gone Two"),
        "gone-3": spec("Gone Three"),
        "trunk/from": spec("Trunk From", sip_inbound_trunk_id=TRUNKS[0], inbound_greeting="Hi in"),
        "trunk/to": spec("Trunk To"),
        "trunk/east": spec("Trunk East", sip_inbound_trunk_id=TRUNKS[1], inbound_greeting="East"),
        "trunk/west": spec("Trunk West", sip_inbound_trunk_id=TRUNKS[2]),
        "reset": spec(
            "Reset",
            template_defaults={"company": "B"},
            idle_nudges=_NUDGES,
            enable_interruptions=False,
            models={**_BASE["models"], "llm_kwargs": {"temperature": 0.2}},
        ),
        "language": spec("Language"),
        "old-place": spec("Moved"),
    }


def after() -> dict[str, Spec]:
    """The second commit: 25 changes."""
    agents = before()
    for key in ("gone-1", "gone-2", "gone-3"):
        del agents[key]
    agents["up/greeting"]["greeting"] = "New"
    agents["up/prompt"] |= {
        "system_prompt": "New {{company}}",
        "template_defaults": {"company": "Z"},
    }
    agents["up/tools"]["tools"] = [
        _webhook("bearer", "https://a.example.com/new"),
        {"type": "template", "template": "hangup"},
    ]
    agents["up/dashboard"]["greeting"] = "New"
    agents["rename"]["name"] = "Gone Two"  # free once that one is deleted
    agents["chain-1"]["name"], agents["chain-2"]["name"] = "Chain 2", "Chain 3"
    agents["swap-left"]["name"], agents["swap-right"]["name"] = "Swap Right", "Swap Left"
    agents["trunk/from"] |= {"sip_inbound_trunk_id": None, "inbound_greeting": None}
    agents["trunk/to"] |= {"sip_inbound_trunk_id": TRUNKS[0], "inbound_greeting": "Hi in"}
    agents["trunk/east"]["sip_inbound_trunk_id"] = TRUNKS[2]
    agents["trunk/west"]["sip_inbound_trunk_id"] = TRUNKS[1]
    agents["reset"] = spec("Reset")
    agents["language"]["language"] = "de"
    agents["new-place"] = {**agents.pop("old-place"), "moved_from": "old-place"}
    agents["adopt-1"] = spec("Adopt Me", greeting="Ours now", template_defaults={"company": "C"})
    agents["adopt-2"] = spec("Adopt Equal")
    agents["new-1"] = spec("New One", tools=[_webhook("bearer", "https://a.example.com/one")])
    agents["new-2"] = spec("New Two", sip_outbound_trunk_id=TRUNKS[4])
    # The same name under a new key: the file moved, and the greeting changed on the way.
    agents["found-again"] = spec("Gone One", greeting="New")
    agents["new-3"] = spec(
        "New Three",
        tools=[_webhook("hmac", "https://a.example.com/three")],
        runtime_variables=[{"name": "order", "description": "The order."}],
    )
    return agents


def unmanaged() -> list[Spec]:
    """Agents that people made by hand: two that the second commit adopts, one of nobody's concern."""
    return [
        spec("Adopt Me", greeting="Theirs"),
        spec("Adopt Equal"),
        spec(BYSTANDER, sip_inbound_trunk_id=TRUNKS[3], system_prompt="Not yours {{x}}"),
    ]


def write(folder: Path, agents: dict[str, Spec], **options: Any) -> None:
    """A project folder; JSON is YAML too."""
    project = {
        "version": 1,
        "environments": {"test": {"api": "http://127.0.0.1:9", "api_key": {"env": "API_KEY"}}},
        **options,
    }
    _put(folder / "reconciler.yaml", project)
    for key, document in agents.items():
        _put(folder / "agents" / f"{key}.yaml", document)


def _put(path: Path, document: Spec) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document), encoding="utf-8")
