"""Random valid agents for property tests: every field, every tool variant, no errors ever.

The documents are what a spec says after merging: plain JSON values, secrets as `{"env": NAME}`.
"""

import string
from typing import Any, Final

from hypothesis import strategies as st

Document = dict[str, Any]

_NO_BRACES: Final = st.characters(
    codec="utf-8",
    exclude_categories=["Cc", "Cs", "Cn", "Co"],
    exclude_characters="{}$\u2028\u2029\ufeff\ufffe\uffff\x85\u00a0",
    include_characters="\n",
)
SECRETS: Final = st.sampled_from(
    [{"env": "CRM_TOKEN"}, {"env": "OTHER_TOKEN"}, {"file": "secrets/crm"}]
)
_SNAKE: Final = st.text(string.ascii_lowercase + "_", min_size=1, max_size=12).filter(
    lambda name: name not in {"end_call", "detected_answering_machine"}
)
_VARIABLES: Final = ("customer", "order_number", "business")
_RUNTIME: Final = ("answer", "wish")
_UUIDS: Final = st.uuids().map(str)
_ZONES: Final = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "{{customer}}"])
_EVENTS: Final = st.sampled_from(["call_start", "first_user_message", "call_end"])
_SIMPLE_SOURCES: Final = st.sampled_from(
    [
        "first_user_message",
        "call_id",
        "room_name",
        "job_id",
        "agent_id",
        "agent_name",
        "phone_number",
        "trigger_event",
        "call_end_reason",
    ]
)
_ARGUMENT_TYPES: Final = st.sampled_from(
    [
        "string",
        "integer",
        "number",
        "boolean",
        "string[]",
        "integer[]",
        "number[]",
        "boolean[]",
        "transcript_messages",
    ]
)


def texts(most: int = 60, least: int = 0) -> st.SearchStrategy[str]:
    """Any text without braces and dollars."""
    return st.text(_NO_BRACES, min_size=least, max_size=most)


def templates(most: int = 60) -> st.SearchStrategy[str]:
    """A text that may use template variables."""
    used = st.sampled_from(["", *(f"{{{{{name}}}}}" for name in _VARIABLES)])
    return st.builds(lambda *parts: " ".join(parts), texts(most), used, texts(10))


def json_values() -> st.SearchStrategy[Any]:
    """What a free map may hold."""
    scalars = (
        st.none()
        | st.booleans()
        | st.integers(-(2**53), 2**53)
        | st.floats(allow_nan=False, allow_infinity=False, width=32)
        | texts(20)
    )
    return st.recursive(
        scalars, lambda inner: st.lists(inner, max_size=3) | free_maps(inner), max_leaves=5
    )


def free_maps(values: st.SearchStrategy[Any] | None = None) -> st.SearchStrategy[Document]:
    inner = values if values is not None else json_values()
    return st.dictionaries(texts(10, least=1), inner, max_size=3)


def schemas() -> st.SearchStrategy[Document]:
    """JSON Schemas of a webhook's parameters."""
    kinds = st.sampled_from(["string", "integer", "number", "boolean"])
    leaves = st.fixed_dictionaries({"type": kinds}, optional={"description": texts(30)})
    properties = st.dictionaries(_SNAKE, leaves, max_size=3)
    return st.builds(
        lambda named: {"type": "object", "properties": named, "required": sorted(named)},
        properties,
    )


def policies() -> st.SearchStrategy[Document]:
    off: st.SearchStrategy[Document] = st.just({"enabled": False})
    on = st.fixed_dictionaries({"enabled": st.just(True), "text": texts(80, least=1)})
    unsaid = st.just({"text": None})
    return (off | on | unsaid).map(lambda message: {"pre_action_message": message}) | st.just({})


def _arguments() -> st.SearchStrategy[Document]:
    source = (
        st.fixed_dictionaries({"type": st.just("constant"), "value": json_values()})
        | st.fixed_dictionaries({"type": st.just("template"), "template": templates().filter(bool)})
        | st.fixed_dictionaries(
            {"type": st.just("transcript_messages")},
            optional={"max_messages": st.integers(1, 2000)},
        )
        | st.fixed_dictionaries({"type": _SIMPLE_SOURCES})
    )
    return st.fixed_dictionaries(
        {"name": texts(64, least=1), "type": _ARGUMENT_TYPES, "source": source},
        optional={"required": st.booleans(), "description": st.none() | texts(100)},
    )


@st.composite
def _systems(draw: st.DrawFn, tool_names: tuple[str, ...]) -> Document:
    trigger: st.SearchStrategy[Document] = st.fixed_dictionaries({"event": _EVENTS})
    if tool_names:
        trigger |= st.fixed_dictionaries(
            {
                "event": st.sampled_from(["tool_succeeded", "tool_failed"]),
                "source_tool": st.sampled_from(tool_names),
            }
        )
    system: Document = {"triggers": draw(st.lists(trigger, min_size=1, max_size=2))}
    if draw(st.booleans()):
        system["arguments"] = draw(st.lists(_arguments(), max_size=2))
    return system


def template_tools(name: str) -> st.SearchStrategy[Document]:
    return st.fixed_dictionaries(
        {"type": st.just("template"), "template": st.just(name)},
        optional={
            "id": _UUIDS,
            "prompt": st.none() | templates(200),
            "execution_policy": policies(),
        },
    )


@st.composite
def built_in_tools(draw: st.DrawFn, tool_names: tuple[str, ...]) -> Document:
    tool: Document = draw(
        st.fixed_dictionaries(
            {"type": st.just("built_in"), "built_in": st.just("current_datetime")},
            optional={"id": _UUIDS, "timezone": _ZONES, "prompt": st.none() | templates(100)},
        )
    )
    return _with_source(draw, tool, tool_names)


@st.composite
def webhook_tools(draw: st.DrawFn, name: str, tool_names: tuple[str, ...]) -> Document:
    secrets = st.fixed_dictionaries(
        {"type": st.just("bearer"), "token": SECRETS}
    ) | st.fixed_dictionaries({"type": st.just("hmac"), "secret": SECRETS})
    paths = st.sampled_from(["", "/orders", "/orders/{{customer}}", "/o?number={{order_number}}"])
    tool: Document = draw(
        st.fixed_dictionaries(
            {
                "type": st.just("webhook"),
                "name": st.just(name),
                "description": texts(100),
                "url": paths.map(lambda path: f"https://crm.example.com{path}"),
                "parameters": schemas(),
            },
            optional={
                "id": _UUIDS,
                "llm_result_instructions": st.none() | texts(100),
                "auth": st.none() | secrets,
                "http_method": st.sampled_from(["POST", "PUT", "PATCH", "DELETE"]),
                "webhook_format": st.sampled_from(["envelope", "raw"]),
                "timeout_seconds": st.integers(1, 60) | st.floats(1, 60, width=16),
                "wait_for_response": st.booleans(),
                "show_results_to_llm": st.none() | st.booleans(),
                "execution_policy": policies(),
            },
        )
    )
    return _with_source(draw, tool, tool_names)


def _with_source(draw: st.DrawFn, tool: Document, tool_names: tuple[str, ...]) -> Document:
    source = draw(st.sampled_from([None, "contextual", "system"]))
    if source is not None:
        tool["source"] = source
    if source == "system":
        tool["system"] = draw(_systems(tool_names))
    elif draw(st.booleans()):
        tool["system"] = None
    return tool


def transfer_tools(name: str) -> st.SearchStrategy[Document]:
    return st.fixed_dictionaries(
        {
            "type": st.just("human_transfer"),
            "name": st.just(name),
            "phone_number": st.sampled_from(["+4930123456", "+12", "{{customer}}"]),
        },
        optional={
            "id": _UUIDS,
            "description": st.none() | texts(100),
            "execution_policy": policies(),
        },
    )


@st.composite
def tool_lists(draw: st.DrawFn) -> list[Document]:
    """Tools with a natural key each of their own."""
    names = draw(st.lists(_SNAKE, max_size=3, unique=True))
    webhooks = tuple(name for name in names if draw(st.booleans()))
    tools: list[Document] = [draw(webhook_tools(name, webhooks)) for name in webhooks]
    tools += [draw(transfer_tools(name)) for name in names if name not in webhooks]
    tools += [
        draw(template_tools(name))
        for name in ("hangup", "voicemail_detection")
        if draw(st.booleans())
    ]
    if draw(st.booleans()):
        tools.append(draw(built_in_tools(webhooks)))
    seen: set[str] = set()
    for tool in tools:
        if tool.get("id") in seen:
            del tool["id"]
        seen |= {tool["id"]} if "id" in tool else set()
    return draw(st.permutations(tools))


def models() -> st.SearchStrategy[Document]:
    name = texts(30, least=1)
    timeout = st.none() | st.integers(0, 30) | st.floats(0, 30, width=16)
    voice = st.fixed_dictionaries({"model": name, "voice": name})
    fallbacks = st.fixed_dictionaries(
        {},
        optional={
            "stt": st.lists(name, max_size=2),
            "llm": st.lists(name, max_size=2),
            "tts": st.lists(voice, max_size=2),
        },
    )
    return st.fixed_dictionaries(
        {"stt": name, "llm": name, "tts": name, "tts_voice": name},
        optional={
            "stt_kwargs": free_maps(),
            "llm_kwargs": free_maps(),
            "tts_kwargs": free_maps(),
            "fallbacks": fallbacks,
            "stt_final_timeout_s": timeout,
            "llm_first_token_timeout_s": timeout,
            "tts_first_audio_timeout_s": timeout,
            "failure_audio_enabled": st.booleans(),
        },
    )


def idle_nudges() -> st.SearchStrategy[Document]:
    spoken = texts(60, least=1)
    delay = st.integers(1, 600)
    return st.fixed_dictionaries(
        {"first_nudge_text": spoken, "second_nudge_text": spoken, "final_hangup_text": spoken},
        optional={
            "enabled": st.booleans(),
            "first_nudge_delay_seconds": delay,
            "second_nudge_delay_seconds": delay,
            "hangup_delay_seconds": delay,
        },
    )


_RUNTIME_VARIABLES: Final = st.lists(st.sampled_from(_RUNTIME), unique=True).flatmap(
    lambda names: st.tuples(
        *(st.fixed_dictionaries({"name": st.just(n), "description": texts(80)}) for n in names)
    ).map(list)
)


@st.composite
def agents(draw: st.DrawFn, *, name: str | None = None) -> Document:
    """A valid agent: required fields always, each other one sometimes.

    Trunks are declared wherever a tool or a greeting needs one, because null would be an error.
    """
    agent: Document = draw(
        st.fixed_dictionaries(
            {
                "name": st.just(name) if name is not None else texts(60, least=1),
                "system_prompt": templates(300),
                "greeting": templates(),
                "language": st.sampled_from(["en", "de", "pt-BR", "xx"]),
                "region": st.sampled_from(["us-east", "eu-central", "ap-south", "mars"]),
                "models": models(),
            },
            optional={
                "inbound_greeting": st.none() | templates(),
                "outbound_greeting": st.none() | templates(),
                "idle_nudges": st.none() | idle_nudges(),
                "enable_interruptions": st.booleans(),
                "tools": tool_lists(),
                "sip_inbound_trunk_id": _UUIDS,
                "sip_outbound_trunk_id": _UUIDS,
                "template_defaults": st.dictionaries(
                    st.sampled_from(_VARIABLES), texts(20), max_size=3
                ),
                "runtime_variables": _RUNTIME_VARIABLES,
                "slng_api_key": SECRETS,
                "tool_mode": st.just("legacy"),
            },
        )
    )
    return agent
