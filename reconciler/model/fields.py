"""The API's fields as a table: who owns them, what stands for "not written" (API.md 4 and 5).

Plain data, so that planning needs no pydantic; a test holds it equal to the models in
`agent.py` and `tools.py`.
"""

from typing import Any, Final

from reconciler.model.values import Document, Path

SERVER_OWNED: Final = frozenset(
    {
        "id",
        "organisation_id",
        "created_at",
        "updated_at",
        "deleted_at",
        "template_variables",
        "livekit_deployment",
        "models_validation_error",
    }
)

REQUIRED: Final = ("name", "system_prompt", "greeting", "language", "region", "models")
REQUIRED_MODELS: Final = ("stt", "llm", "tts", "tts_voice")

DEFAULTS: Final[Document] = {
    "inbound_greeting": None,
    "outbound_greeting": None,
    "enable_interruptions": True,
    "tools": [],
    "sip_inbound_trunk_id": None,
    "sip_outbound_trunk_id": None,
    "template_defaults": {},
    "runtime_variables": [],
}
"""Top-level fields with a documented default. `idle_nudges` has none: the API computes it."""

MODELS_DEFAULTS: Final[Document] = {
    "stt_kwargs": {},
    "llm_kwargs": {},
    "tts_kwargs": {},
    "stt_final_timeout_s": None,
    "llm_first_token_timeout_s": None,
    "tts_first_audio_timeout_s": None,
    "failure_audio_enabled": True,
}
FALLBACKS_DEFAULTS: Final[Document] = {"stt": [], "llm": [], "tts": []}
NUDGES_DEFAULTS: Final[Document] = {
    "enabled": True,
    "first_nudge_delay_seconds": 15,
    "second_nudge_delay_seconds": 30,
    "hangup_delay_seconds": 15,
}
NUDGE_TEXTS: Final = ("first_nudge_text", "second_nudge_text", "final_hangup_text")

TRUNKS: Final = ("sip_inbound_trunk_id", "sip_outbound_trunk_id")
RUNTIME_KEY: Final = "slng_api_key"
TOOL_MODE: Final = "tool_mode"
REFERENCES: Final = ("tool_refs", "mcp_refs")
"""What an agent in shared mode has in place of `tools`; an agent in legacy mode has none."""

MODELLED: Final = frozenset({*REQUIRED, *DEFAULTS, "idle_nudges", RUNTIME_KEY, TOOL_MODE})
"""Every field a spec can name; any other top-level field belongs under `extra`."""

NEWER: Final = frozenset(
    {*REFERENCES, "schema_version", "orchestrator", "llm_router_enabled"}
    | {"noise_cancellation_enabled", "tts_cache_enabled", "template_variable_options"}
)
"""Known by name alone (API.md, eras): what is in them may be anything."""

NULLABLE: Final = frozenset(
    {"inbound_greeting", "outbound_greeting", "idle_nudges", *TRUNKS},
)
"""Top-level fields that the API takes a null for."""

POLICY_DEFAULT: Final[Document] = {"pre_action_message": {"enabled": False, "text": None}}

TOOL_DEFAULTS: Final[dict[str, Document]] = {
    "template": {"prompt": None, "execution_policy": POLICY_DEFAULT},
    "built_in": {"source": "contextual", "timezone": "UTC", "prompt": None, "system": None},
    "webhook": {
        "llm_result_instructions": None,
        "auth": None,
        "http_method": "POST",
        "webhook_format": "envelope",
        "timeout_seconds": 10,
        "wait_for_response": True,
        "show_results_to_llm": None,
        "source": "contextual",
        "system": None,
        "execution_policy": POLICY_DEFAULT,
    },
    "human_transfer": {"description": None, "execution_policy": POLICY_DEFAULT},
}
"""What a tool's unwritten keys mean. `show_results_to_llm` follows `source` (API.md 5)."""

TOOL_REQUIRED: Final[dict[str, tuple[str, ...]]] = {
    "template": ("type", "id", "template"),
    "built_in": ("type", "id", "built_in"),
    "webhook": ("type", "id", "name", "description", "url", "parameters"),
    "human_transfer": ("type", "id", "name", "phone_number"),
}

SECRET_KEYS: Final = {"bearer": "token", "hmac": "secret"}
"""The key of `auth` that holds the secret, by `auth.type`."""


def units(declared: Document) -> list[Path]:
    """The parts of a document that are owned one by one (DESIGN.md 4), sorted.

    `models`, its `fallbacks` and `idle_nudges` are owned key by key; all else whole.
    """
    return sorted(_units(declared))


def _units(declared: Document) -> list[Path]:
    found: list[Path] = []
    for name, value in declared.items():
        if name == "models" and isinstance(value, dict):
            found += [("models", key) for key in value if key != "fallbacks"]
            found += _fallback_units(value.get("fallbacks"))
        elif name == "idle_nudges" and isinstance(value, dict):
            found += [("idle_nudges", key) for key in value]
        else:
            found.append((name,))
    return found


def _fallback_units(fallbacks: Any) -> list[Path]:
    """Those of an API that answers no object here are one part."""
    if isinstance(fallbacks, dict):
        return [("models", "fallbacks", key) for key in fallbacks]
    return [("models", "fallbacks")] if fallbacks else []


def unit_of(path: Path) -> Path:
    """The owned part that a path lies in."""
    if path[0] == "models":
        return path[:3] if path[1:2] == ("fallbacks",) else path[:2]
    return path[:2] if path[0] == "idle_nudges" else path[:1]
