"""When the system calls a tool by itself, and with what (SystemToolConfig, API.md 5)."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from reconciler.sandbox.values import Closed, Uuid

_AFTER_A_TOOL = frozenset({"tool_succeeded", "tool_failed"})


class Trigger(Closed):
    event: Literal["call_start", "first_user_message", "call_end", "tool_succeeded", "tool_failed"]
    source_tool_id: Uuid | None = None

    @model_validator(mode="after")
    def _source_fits_the_event(self) -> Self:
        if self.event in _AFTER_A_TOOL and self.source_tool_id is None:
            raise ValueError(f"source_tool_id is required for {self.event}")
        if self.event not in _AFTER_A_TOOL and self.source_tool_id is not None:
            raise ValueError(f"source_tool_id must be omitted for {self.event}")
        return self


class ConstantSource(Closed):
    type: Literal["constant"]
    value: Any


class TemplateSource(Closed):
    type: Literal["template"]
    template: Annotated[str, Field(min_length=1, max_length=2000)]


class TranscriptSource(Closed):
    type: Literal["transcript_messages"]
    max_messages: Annotated[int, Field(ge=1, le=2000)] = 200


class SimpleSource(Closed):
    type: Literal[
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


class Argument(Closed):
    name: Annotated[str, Field(min_length=1, max_length=64)]
    type: Literal[
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
    required: bool = False
    description: Annotated[str, Field(max_length=500)] | None = None
    source: Annotated[
        ConstantSource | TemplateSource | TranscriptSource | SimpleSource,
        Field(discriminator="type"),
    ]


class SystemConfig(Closed):
    triggers: Annotated[list[Trigger], Field(min_length=1)]
    arguments: list[Argument] = Field(default_factory=list)


def check_system(source: str, system: SystemConfig | None) -> None:
    """Hold that a system tool says when it runs, and that no other tool does."""
    if source == "system" and system is None:
        raise ValueError("system is required when source is 'system'")
    if source != "system" and system is not None:
        raise ValueError("system must be omitted when source is 'contextual'")
