"""The tools of an agent, as the API takes them (API.md 5), bounds included.

What only several fields together can tell is a rule in `specs/rules/`.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import Field

from reconciler.model.strict import Secret, Strict

UUID_PATTERN: Final = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"

_UUID_EXAMPLE: Final = "7d0c1e52-3f7a-4d4e-9a51-2b8f6f1f0a11"

Uuid = Annotated[str, Field(pattern=UUID_PATTERN)]
ToolId = Annotated[
    Uuid | None,
    Field(
        description="Usually left out: it is found by the tool's name, or derived for a new tool. "
        "Two tools of one name need one each.",
        examples=[_UUID_EXAMPLE],
    ),
]
ToolName = Annotated[str, Field(min_length=1, max_length=64)]
ShortText = Annotated[str, Field(max_length=500)]
Source = Annotated[
    Literal["contextual", "system"],
    Field(
        description="`contextual`: the model decides when to call it; `system`: the triggers under "
        "`system` do.",
        examples=["contextual", "system"],
    ),
]


class PreActionMessage(Strict):
    """What the agent says before the tool runs."""

    enabled: Annotated[bool, Field(description="Whether something is said.", examples=[True])] = (
        False
    )
    text: Annotated[
        ShortText | None,
        Field(
            description="What is said; required when enabled, except for `hangup`.",
            examples=["One moment, I am looking that up."],
        ),
    ] = None


class ExecutionPolicy(Strict):
    """How a tool is run."""

    pre_action_message: Annotated[
        PreActionMessage,
        Field(
            description="What the agent says before the tool runs.",
            examples=[{"enabled": True, "text": "One moment, please."}],
        ),
    ] = PreActionMessage()


Policy = Annotated[
    ExecutionPolicy,
    Field(
        description="How the tool is run.",
        examples=[{"pre_action_message": {"enabled": True, "text": "One moment, please."}}],
    ),
]


class Trigger(Strict):
    """What makes the system run the tool."""

    event: Annotated[
        Literal["call_start", "first_user_message", "call_end", "tool_succeeded", "tool_failed"],
        Field(description="The moment at which the tool runs.", examples=["call_end"]),
    ]
    source_tool: Annotated[
        str | None,
        Field(
            description="The tool whose end triggers this one, by its name; for `tool_succeeded` "
            "and `tool_failed` only.",
            examples=["check_order"],
        ),
    ] = None
    source_tool_id: Annotated[
        Uuid | None,
        Field(
            description="The same by its id; `source_tool` reads better.", examples=[_UUID_EXAMPLE]
        ),
    ] = None


class ConstantSource(Strict):
    """A value that is always the same."""

    type: Annotated[Literal["constant"], Field(description="A value that is always the same.")]
    value: Annotated[Any, Field(description="Any JSON value.", examples=["voice"])]


class TemplateSource(Strict):
    """A text with `{{variables}}`."""

    type: Annotated[Literal["template"], Field(description="A text with `{{variables}}`.")]
    template: Annotated[
        str,
        Field(
            min_length=1,
            max_length=2000,
            description="A text with Handlebars variables.",
            examples=["{{customer_id}}"],
        ),
    ]


class TranscriptSource(Strict):
    """The conversation so far."""

    type: Annotated[Literal["transcript_messages"], Field(description="The conversation so far.")]
    max_messages: Annotated[
        int, Field(ge=1, le=2000, description="The latest so many messages.", examples=[50])
    ] = 200


class SimpleSource(Strict):
    """Something the platform knows about the call."""

    type: Annotated[
        Literal[
            "first_user_message",
            "call_id",
            "room_name",
            "job_id",
            "agent_id",
            "agent_name",
            "phone_number",
            "trigger_event",
            "call_end_reason",
        ],
        Field(description="What it is that the platform knows."),
    ]


ArgumentSource = Annotated[
    ConstantSource | TemplateSource | TranscriptSource | SimpleSource,
    Field(
        discriminator="type",
        description="Where the value comes from.",
        examples=[{"type": "call_id"}],
    ),
]


class Argument(Strict):
    """One argument of a tool that the system runs."""

    name: Annotated[ToolName, Field(description="The argument's name.", examples=["call"])]
    type: Annotated[
        Literal[
            "string",
            "integer",
            "number",
            "boolean",
            "string[]",
            "integer[]",
            "number[]",
            "boolean[]",
            "transcript_messages",
        ],
        Field(description="The type of its value.", examples=["string"]),
    ]
    required: Annotated[
        bool, Field(description="Whether the tool runs without it.", examples=[True])
    ] = False
    description: Annotated[
        ShortText | None, Field(description="What it means.", examples=["The call's id."])
    ] = None
    source: ArgumentSource


class SystemConfig(Strict):
    """When the system runs the tool, and with what."""

    triggers: Annotated[
        list[Trigger],
        Field(min_length=1, description="When it runs.", examples=[[{"event": "call_end"}]]),
    ]
    arguments: Annotated[
        list[Argument],
        Field(
            description="What it is given.",
            examples=[[{"name": "call", "type": "string", "source": {"type": "call_id"}}]],
        ),
    ] = Field(default_factory=list)


System = Annotated[
    SystemConfig | None,
    Field(
        description="When the system runs the tool; with `source: system` only.",
        examples=[{"triggers": [{"event": "call_end"}]}],
    ),
]


class TemplateTool(Strict):
    """Hang up, or detect an answering machine."""

    type: Annotated[Literal["template"], Field(description="A tool that the platform brings.")]
    id: ToolId = None
    template: Annotated[
        Literal["hangup", "voicemail_detection"],
        Field(description="Which one.", examples=["hangup"]),
    ]
    prompt: Annotated[
        str | None,
        Field(
            description="When and how the model uses it.",
            examples=["Hang up when the caller says goodbye."],
        ),
    ] = None
    execution_policy: Policy = ExecutionPolicy()


class BuiltInTool(Strict):
    """The current date and time."""

    type: Annotated[Literal["built_in"], Field(description="A tool that the platform runs.")]
    id: ToolId = None
    built_in: Annotated[
        Literal["current_datetime"], Field(description="Which one.", examples=["current_datetime"])
    ]
    source: Source = "contextual"
    timezone: Annotated[
        str, Field(description="An IANA time zone or a template.", examples=["Europe/Berlin"])
    ] = "UTC"
    prompt: Annotated[
        ShortText | None,
        Field(description="When the model uses it.", examples=["Ask before you name a date."]),
    ] = None
    system: System = None


class BearerAuth(Strict):
    """A token in the `Authorization` header."""

    type: Annotated[Literal["bearer"], Field(description="A token in the `Authorization` header.")]
    token: Annotated[Secret, Field(description="The token.", examples=[{"env": "CRM_TOKEN"}])]


class HmacAuth(Strict):
    """A signature of the body in the `X-Signature-256` header."""

    type: Annotated[
        Literal["hmac"], Field(description="A signature in the `X-Signature-256` header.")
    ]
    secret: Annotated[
        Secret, Field(description="The shared secret.", examples=[{"env": "CRM_HMAC"}])
    ]


Auth = Annotated[
    BearerAuth | HmacAuth,
    Field(discriminator="type"),
]


class WebhookTool(Strict):
    """A request to a service of yours."""

    type: Annotated[Literal["webhook"], Field(description="A request to a service of yours.")]
    id: ToolId = None
    name: Annotated[
        ToolName,
        Field(
            description="The name by which the model calls it: letters, digits, `_` and `-`. "
            "Names other than lower case with `_` come back changed from the API.",
            examples=["check_order"],
        ),
    ]
    description: Annotated[
        ShortText,
        Field(
            description="What it does, for the model.",
            examples=["Looks up an order by its number."],
        ),
    ]
    url: Annotated[
        str,
        Field(
            description="Where the request goes; `{{variables}}` only in path segments and query "
            "values.",
            examples=["https://crm.example.com/orders/{{order_id}}"],
        ),
    ]
    parameters: Annotated[
        dict[str, Any],
        Field(
            description="What the model fills in: a JSON Schema, here or in a JSON or YAML file.",
            examples=[{"type": "object", "properties": {"order_id": {"type": "string"}}}],
        ),
    ]
    llm_result_instructions: Annotated[
        str | None,
        Field(
            max_length=2000,
            description="What the model does with the answer; no templating.",
            examples=["Read the delivery date to the caller."],
        ),
    ] = None
    auth: Annotated[
        Auth | None,
        Field(
            description="How the request proves where it comes from.",
            examples=[{"type": "bearer", "token": {"env": "CRM_TOKEN"}}],
        ),
    ] = None
    http_method: Annotated[
        Literal["POST", "PUT", "PATCH", "DELETE"],
        Field(description="The HTTP method.", examples=["POST"]),
    ] = "POST"
    webhook_format: Annotated[
        Literal["envelope", "raw"],
        Field(
            description="`envelope` wraps the arguments with facts about the call; `raw` sends "
            "them alone.",
            examples=["raw"],
        ),
    ] = "envelope"
    timeout_seconds: Annotated[
        float, Field(ge=1, le=60, description="How long the agent waits.", examples=[10])
    ] = 10
    wait_for_response: Annotated[
        bool, Field(description="Whether the agent waits at all.", examples=[True])
    ] = True
    show_results_to_llm: Annotated[
        bool | None,
        Field(
            description="Whether the model sees the answer. Left out: true when `contextual`, "
            "false when `system`.",
            examples=[True],
        ),
    ] = None
    source: Source = "contextual"
    system: System = None
    execution_policy: Policy = ExecutionPolicy()


class HumanTransferTool(Strict):
    """Hand the call over to a person; the agent needs an outbound trunk."""

    type: Annotated[Literal["human_transfer"], Field(description="A person takes the call over.")]
    id: ToolId = None
    name: Annotated[
        ToolName,
        Field(description="The name by which the model calls it.", examples=["transfer_to_desk"]),
    ]
    phone_number: Annotated[
        str,
        Field(
            description="E.164, `+4930123456`, or a template.",
            examples=["+4930123456", "{{desk_number}}"],
        ),
    ]
    description: Annotated[
        ShortText | None,
        Field(
            description="When to transfer, for the model.",
            examples=["Transfer when the caller asks for a person."],
        ),
    ] = None
    execution_policy: Policy = ExecutionPolicy()


Tool = Annotated[
    TemplateTool | BuiltInTool | WebhookTool | HumanTransferTool,
    Field(discriminator="type"),
]

TOOL_MODELS: Final[dict[str, type[Strict]]] = {
    "template": TemplateTool,
    "built_in": BuiltInTool,
    "webhook": WebhookTool,
    "human_transfer": HumanTransferTool,
}
