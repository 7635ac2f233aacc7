"""The agent as the API takes it (API.md 4), and what a spec adds to it (DESIGN.md 3)."""

from typing import Annotated, Any, Literal

from pydantic import Field

from reconciler.model.project_file import IgnoreRule
from reconciler.model.strict import Secret, Strict
from reconciler.model.tools import Tool, Uuid
from reconciler.model.values import SecretRef

FreeMap = dict[str, Any]
NudgeText = Annotated[str, Field(min_length=1, max_length=500)]
Delay = Annotated[int, Field(ge=1)]
Timeout = Annotated[float | None, Field(ge=0)]


class TtsFallback(Strict):
    """A voice to fall back to."""

    model: Annotated[
        str,
        Field(
            min_length=1,
            max_length=200,
            description="The model.",
            examples=["slng/deepgram/aura:2-en"],
        ),
    ]
    voice: Annotated[
        str,
        Field(min_length=1, max_length=200, description="The voice.", examples=["aura-2-luna-en"]),
    ]


class Fallbacks(Strict):
    """What takes over when a model fails, in order."""

    stt: Annotated[
        list[str], Field(description="Speech to text.", examples=[["slng/deepgram/nova:3-en"]])
    ] = Field(default_factory=list)
    llm: Annotated[
        list[str], Field(description="Language models.", examples=[["groq/openai/gpt-oss-120b"]])
    ] = Field(default_factory=list)
    tts: Annotated[
        list[TtsFallback],
        Field(
            description="Voices.",
            examples=[[{"model": "slng/deepgram/aura:2-en", "voice": "aura-2-luna-en"}]],
        ),
    ] = Field(default_factory=list)


class Models(Strict):
    """The models that hear, think and speak. Owned key by key."""

    stt: Annotated[str, Field(description="Speech to text.", examples=["slng/deepgram/nova:3-en"])]
    llm: Annotated[
        str, Field(description="The language model.", examples=["groq/openai/gpt-oss-120b"])
    ]
    tts: Annotated[str, Field(description="Text to speech.", examples=["slng/deepgram/aura:2-en"])]
    tts_voice: Annotated[str, Field(description="The voice.", examples=["aura-2-thalia-en"])]
    stt_kwargs: Annotated[
        FreeMap, Field(description="Options of the speech model.", examples=[{"punctuate": True}])
    ] = Field(default_factory=dict)
    llm_kwargs: Annotated[
        FreeMap, Field(description="Options of the language model.", examples=[{"temperature": 0}])
    ] = Field(default_factory=dict)
    tts_kwargs: Annotated[
        FreeMap, Field(description="Options of the voice.", examples=[{"speed": 1.1}])
    ] = Field(default_factory=dict)
    fallbacks: Annotated[
        Fallbacks,
        Field(
            description="What takes over when a model fails.",
            examples=[{"llm": ["groq/openai/gpt-oss-120b"]}],
        ),
    ] = Fallbacks()
    stt_final_timeout_s: Annotated[
        Timeout, Field(description="Seconds to wait for the final transcript.", examples=[2])
    ] = None
    llm_first_token_timeout_s: Annotated[
        Timeout, Field(description="Seconds to wait for the first token.", examples=[4])
    ] = None
    tts_first_audio_timeout_s: Annotated[
        Timeout, Field(description="Seconds to wait for the first sound.", examples=[3])
    ] = None
    failure_audio_enabled: Annotated[
        bool, Field(description="Whether callers hear something when models fail.", examples=[True])
    ] = True


class IdleNudges(Strict):
    """What the agent says to a silent caller. Owned key by key."""

    enabled: Annotated[
        bool, Field(description="Whether silent callers are nudged.", examples=[True])
    ] = True
    first_nudge_delay_seconds: Annotated[
        Delay, Field(description="Seconds of silence before the first nudge.", examples=[15])
    ] = 15
    second_nudge_delay_seconds: Annotated[
        Delay, Field(description="Seconds before the second nudge.", examples=[30])
    ] = 30
    hangup_delay_seconds: Annotated[
        Delay, Field(description="Seconds before the agent hangs up.", examples=[15])
    ] = 15
    first_nudge_text: Annotated[
        NudgeText, Field(description="The first nudge.", examples=["Are you still there?"])
    ] = Field(default_factory=str)
    second_nudge_text: Annotated[
        NudgeText, Field(description="The second nudge.", examples=["Can you hear me?"])
    ] = Field(default_factory=str)
    final_hangup_text: Annotated[
        NudgeText, Field(description="The last words.", examples=["I will hang up now. Goodbye."])
    ] = Field(default_factory=str)


class RuntimeVariable(Strict):
    """A value that the model finds out during the call."""

    name: Annotated[
        str, Field(min_length=1, max_length=64, description="Its name.", examples=["order_id"])
    ]
    description: Annotated[
        str,
        Field(
            max_length=500,
            description="What it holds, for the model.",
            examples=["The number of the caller's order."],
        ),
    ]


class Agent(Strict):
    """One voice agent. Required fields may come from `defaults`."""

    name: Annotated[
        str,
        Field(
            min_length=1,
            max_length=255,
            description="The agent's name on the API, unique in its organisation.",
            examples=["Front desk"],
        ),
    ]
    system_prompt: Annotated[
        str,
        Field(
            description="What the agent is told, with Handlebars `{{variables}}`.",
            examples=["You are the front desk of {{business}}.", {"file": "prompts/desk.md"}],
        ),
    ]
    greeting: Annotated[
        str, Field(description="What it says first.", examples=["Hello, this is {{business}}."])
    ]
    inbound_greeting: Annotated[
        str | None,
        Field(
            description="The greeting of calls that come in; needs an inbound trunk.",
            examples=["Thank you for calling {{business}}."],
        ),
    ] = None
    outbound_greeting: Annotated[
        str | None,
        Field(
            description="The greeting of calls that it makes; needs an outbound trunk.",
            examples=["Hello, this is {{business}} calling."],
        ),
    ] = None
    language: Annotated[
        str, Field(max_length=10, description="The language spoken.", examples=["en", "de"])
    ]
    region: Annotated[
        str,
        Field(
            min_length=1,
            description="Where it runs; documented are `us-east`, `eu-central`, `ap-south`.",
            examples=["eu-central", "us-east", "ap-south"],
        ),
    ]
    models: Annotated[
        Models,
        Field(
            description="The models that hear, think and speak.",
            examples=[
                {
                    "stt": "slng/deepgram/nova:3-en",
                    "llm": "groq/openai/gpt-oss-120b",
                    "tts": "slng/deepgram/aura:2-en",
                    "tts_voice": "aura-2-thalia-en",
                }
            ],
        ),
    ]
    idle_nudges: Annotated[
        IdleNudges | None,
        Field(
            description="What it says to a silent caller. Left out on create, the API fills in "
            "texts of the agent's language.",
            examples=[{"first_nudge_text": "Are you still there?"}],
        ),
    ] = None
    enable_interruptions: Annotated[
        bool, Field(description="Whether callers may interrupt it.", examples=[True])
    ] = True
    tools: Annotated[
        list[Tool],
        Field(
            description="What it can do. Owned whole.",
            examples=[[{"type": "template", "template": "hangup"}]],
        ),
    ] = Field(default_factory=list)
    sip_inbound_trunk_id: Annotated[
        Uuid | None,
        Field(
            description="The trunk whose calls it takes; belongs to one agent. null clears.",
            examples=["0b3b6a0e-6f3b-4a39-8d6b-5d1f0f5b8c21"],
        ),
    ] = None
    sip_outbound_trunk_id: Annotated[
        Uuid | None,
        Field(
            description="The trunk over which it calls and transfers. null clears.",
            examples=["1c4c7b1f-7a4c-4b4a-9e7c-6e2a1a6c9d32"],
        ),
    ] = None
    template_defaults: Annotated[
        dict[str, str],
        Field(
            description="Values of `{{variables}}` that a call does not give. Owned whole.",
            examples=[{"business": "Example Ltd"}],
        ),
    ] = Field(default_factory=dict)
    runtime_variables: Annotated[
        list[RuntimeVariable],
        Field(
            description="Values that the model finds out during the call. Owned whole.",
            examples=[[{"name": "order_id", "description": "The order's number."}]],
        ),
    ] = Field(default_factory=list)
    slng_api_key: Annotated[
        Secret,
        Field(
            description="The runtime key, where the API asks for one; usually in `defaults`.",
            examples=[{"env": "SLNG_RUNTIME_KEY"}],
        ),
    ] = Field(default_factory=lambda: SecretRef("env", ""))
    tool_mode: Annotated[
        Literal["legacy", "shared"],
        Field(
            description="Who owns the tools: `legacy` for `tools` that stand in the spec.",
            examples=["legacy"],
        ),
    ] = Field(default_factory=lambda: "legacy")


class LifecycleSpec(Strict):
    """How the agent may be treated."""

    prevent_destroy: Annotated[
        bool,
        Field(
            description="Refuse every plan that deletes it, also when its file is gone.",
            examples=[True],
        ),
    ] = False
    on_remove: Annotated[
        Literal["delete", "keep"],
        Field(description="What happens when its file is removed.", examples=["keep"]),
    ] = "delete"
    update: Annotated[
        Literal["put", "patch"] | None,
        Field(description="How it is updated; left out, as the project says.", examples=["patch"]),
    ] = None


class SharedSpec(Agent):
    """What defaults, folder defaults and overrides may say: agent fields and how to treat them."""

    extra: Annotated[
        FreeMap,
        Field(
            description="Fields of the API that the reconciler does not model, sent as they are.",
            examples=[{"noise_cancellation_enabled": True}],
        ),
    ] = Field(default_factory=dict)
    lifecycle: Annotated[
        LifecycleSpec,
        Field(description="How the agent may be treated.", examples=[{"prevent_destroy": True}]),
    ] = LifecycleSpec()
    ignore: Annotated[
        list[IgnoreRule],
        Field(
            description="Known drift that is accepted.",
            examples=[[{"path": "models.tts_voice", "reason": "A trial until June."}]],
        ),
    ] = Field(default_factory=list)
    omit: Annotated[
        list[str],
        Field(
            description="Dotted paths of fields that defaults or overrides declare and this agent "
            "does not.",
            examples=[["idle_nudges", "models.llm_kwargs"]],
        ),
    ] = Field(default_factory=list)


class Spec(SharedSpec):
    """One spec file. Required fields may come from `defaults`."""

    moved_from: Annotated[
        str | None,
        Field(
            min_length=1,
            description="The key that this spec had before its file moved.",
            examples=["support/router"],
        ),
    ] = None
    environments: Annotated[
        FreeMap,
        Field(
            description="Overrides for one environment each, and `only`: the environments in which "
            "the agent lives.",
            examples=[{"only": ["production"]}, {"staging": {"greeting": "Test!"}}],
        ),
    ] = Field(default_factory=dict)


class EnvironmentSpec(SharedSpec):
    """What a spec says for one environment."""

    id: Annotated[
        Uuid | None,
        Field(
            description="Pins the spec to a live agent; if it does not exist, that is an error.",
            examples=["550e8400-e29b-41d4-a716-446655440000"],
        ),
    ] = None


class MergedSpec(Spec):
    """A spec with all that is merged into it, for one environment."""

    id: Annotated[Uuid | None, Field(description="The live agent it is pinned to.")] = None
