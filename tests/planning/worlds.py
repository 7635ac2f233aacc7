"""Random agents, live documents and ledgers: every field, declared or not, known or not."""

from typing import Any

from hypothesis import strategies as st

from reconciler.model.desired import DesiredAgent, Lifecycle
from reconciler.model.values import Document, SecretRef

texts = st.sampled_from(["", "Hello", "hello ", "Guten Tag", "__private", "a.b/c[0]'\""])
names = st.sampled_from(["Desk", "Router", "Clinic", "Host"])
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(0, 2), st.sampled_from([1.0, 0.5]), texts),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=5,
)
maps = st.dictionaries(st.sampled_from(["a", "b", "__c", "d.e"]), json_values, max_size=3)
uuids = st.sampled_from([f"0000000{n}-0000-4000-8000-00000000000a" for n in range(4)])

MODELS: dict[str, st.SearchStrategy[Any]] = {
    "stt_kwargs": maps,
    "llm_kwargs": maps,
    "tts_kwargs": maps,
    "stt_final_timeout_s": st.one_of(st.none(), st.integers(0, 3), st.sampled_from([1.0, 2.5])),
    "failure_audio_enabled": st.booleans(),
    "fallbacks": st.fixed_dictionaries(
        {},
        optional={
            "stt": st.lists(texts, max_size=2),
            "llm": st.lists(texts, max_size=2),
            "tts": st.lists(st.fixed_dictionaries({"model": texts, "voice": texts}), max_size=2),
        },
    ),
}
NUDGES = st.fixed_dictionaries(
    {
        "first_nudge_text": texts,
        "second_nudge_text": texts,
        "final_hangup_text": texts,
    },
    optional={"enabled": st.booleans(), "first_nudge_delay_seconds": st.integers(1, 20)},
)


def models(required: st.SearchStrategy[Any] = texts) -> st.SearchStrategy[Document]:
    return st.fixed_dictionaries(
        dict.fromkeys(("stt", "llm", "tts", "tts_voice"), required), optional=MODELS
    )


policies = st.fixed_dictionaries(
    {},
    optional={
        "pre_action_message": st.fixed_dictionaries(
            {}, optional={"enabled": st.booleans(), "text": st.one_of(st.none(), texts)}
        )
    },
)


@st.composite
def webhooks(draw: st.DrawFn, name: str, *, secret: bool) -> Document:
    tool: Document = {
        "type": "webhook",
        "name": name,
        "description": draw(texts),
        "url": "https://crm.example.com",
        "parameters": draw(maps),
    }
    optional: dict[str, st.SearchStrategy[Any]] = {
        "timeout_seconds": st.sampled_from([10, 10.0, 5]),
        "http_method": st.sampled_from(["POST", "PUT"]),
        "show_results_to_llm": st.booleans(),
        "execution_policy": policies,
        "llm_result_instructions": st.one_of(st.none(), texts),
    }
    tool |= draw(st.fixed_dictionaries({}, optional=optional))
    if draw(st.booleans()) and secret:
        tool["auth"] = {"type": "bearer", "token": SecretRef("env", draw(st.sampled_from("AB")))}
    if draw(st.booleans()):
        tool["source"] = "system"
        row = {"name": "call", "type": "string", "source": {"type": "call_id"}}
        tool["system"] = {"triggers": [{"event": "call_end"}], "arguments": [row]}
    return tool


@st.composite
def tools(draw: st.DrawFn, *, live: bool = False) -> list[Document]:
    found: list[Document] = []
    if draw(st.booleans()):
        found.append({"type": "template", "template": "hangup", "prompt": draw(texts)})
    if draw(st.booleans()):
        found.append({"type": "built_in", "built_in": "current_datetime"})
    if draw(st.booleans()):
        triggers: Document = {"triggers": [{"event": "call_start"}]}
        clock = {"type": "built_in", "built_in": "current_datetime", "source": "system"}
        found.append({**clock, "system": triggers})
    hooks = [name for name in ("check", "book") if draw(st.booleans())]
    found += [draw(webhooks(name, secret=not live)) for name in hooks]
    return draw(_with_ids(found, live=live))


@st.composite
def _with_ids(draw: st.DrawFn, found: list[Document], *, live: bool) -> list[Document]:
    ids = draw(st.permutations(range(len(found))))
    for index, tool in zip(ids, found, strict=True):
        if live or draw(st.integers(0, 3)) == 0:
            tool["id"] = f"0000000{index}-1111-4000-8000-00000000000{'A' if index % 2 else 'b'}"
        if live and draw(st.integers(0, 3)) == 0:
            tool["unknown_in_tool"] = draw(json_values)
    return list(draw(st.permutations(found)))


variables = st.lists(
    st.fixed_dictionaries({"name": st.sampled_from("xyz"), "description": texts}),
    max_size=2,
    unique_by=lambda variable: str(variable["name"]),
)
OPTIONAL: dict[str, st.SearchStrategy[Any]] = {
    "enable_interruptions": st.booleans(),
    "template_defaults": st.dictionaries(st.sampled_from("abc"), texts, max_size=2),
    "runtime_variables": variables,
    "sip_outbound_trunk_id": st.one_of(st.none(), uuids),
}


def documents(*, live: bool) -> st.SearchStrategy[Document]:
    """Declared documents or (with `live`) what an API holds, unknown fields among it."""
    nudges = NUDGES if live else st.one_of(st.none(), NUDGES)
    optional = {**OPTIONAL, "tools": tools(live=live), "idle_nudges": nudges}
    if live:
        optional |= {
            "unknown": json_values,
            "tts_cache_enabled": st.booleans(),
            "extra_field": json_values,
        }
    else:
        optional |= {
            "slng_api_key": st.just(SecretRef("env", "RUNTIME_KEY")),
            "extra_field": st.one_of(st.integers(1, 3), texts, maps),
        }
    return st.fixed_dictionaries(
        {
            "system_prompt": texts,
            "greeting": texts,
            "language": st.sampled_from(["en", "de"]),
            "region": st.sampled_from(["eu-central", "us-east"]),
            "models": models(),
        },
        optional=optional,
    )


@st.composite
def specs(draw: st.DrawFn) -> tuple[DesiredAgent, ...]:
    keys = draw(st.lists(st.sampled_from(["a", "b", "c/d"]), unique=True, max_size=3))
    named = draw(st.permutations(["Desk", "Router", "Clinic", "Host"]))
    return tuple(
        DesiredAgent(
            key=key,
            declared={"name": name, **draw(documents(live=False))},
            lifecycle=Lifecycle(update=draw(st.sampled_from([None, None, "patch"]))),
        )
        for key, name in zip(keys, named, strict=False)
    )


@st.composite
def live_agents(draw: st.DrawFn) -> dict[str, Document]:
    named = draw(st.lists(names, unique=True, max_size=3))
    return {
        f"{index}0000000-2222-4000-8000-000000000000": {
            "idle_nudges": draw(NUDGES),
            "name": name,
            **draw(documents(live=True)),
        }
        for index, name in enumerate(named)
    }
