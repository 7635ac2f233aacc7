"""The request bodies of agents (API.md 4.1, 4.2, 4.6, 6): one set a written era."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, Field, model_validator

from reconciler.sandbox.attachments import McpAttachment, ToolAttachment
from reconciler.sandbox.parts import IdleNudges, Models, RuntimeVariable, VariableOption
from reconciler.sandbox.tools import ToolCreate, ToolUpdate
from reconciler.sandbox.values import Closed, Uuid, refuse_null

_Name = Annotated[str, Field(max_length=255)]
_Language = Annotated[str, Field(max_length=10)]
_NotNull = BeforeValidator(refuse_null)


class AgentCreate(Closed):
    name: _Name
    system_prompt: str
    greeting: str
    inbound_greeting: str | None = None
    outbound_greeting: str | None = None
    language: _Language
    region: str  # which ones exist is a question for `rules`, since the answer may be 404
    models: Models
    idle_nudges: IdleNudges | None = None
    enable_interruptions: bool = True
    tools: list[ToolCreate] = Field(default_factory=list)
    sip_inbound_trunk_id: Uuid | None = None
    sip_outbound_trunk_id: Uuid | None = None
    template_defaults: dict[str, str] = Field(default_factory=dict)
    runtime_variables: list[RuntimeVariable] = Field(default_factory=list)


class AgentUpdate(Closed):
    """PATCH: None stands for absent where null is refused.

    The description calls every field but `models` nullable and is silent on what null means. We
    refuse it where the stored field has no null, the reading under which nothing is lost.
    """

    name: Annotated[_Name | None, _NotNull] = None
    system_prompt: Annotated[str | None, _NotNull] = None
    greeting: Annotated[str | None, _NotNull] = None
    inbound_greeting: str | None = None
    outbound_greeting: str | None = None
    language: Annotated[_Language | None, _NotNull] = None
    region: Annotated[str | None, _NotNull] = None
    models: Annotated[Models | None, _NotNull] = None
    idle_nudges: IdleNudges | None = None
    enable_interruptions: Annotated[bool | None, _NotNull] = None
    tools: Annotated[list[ToolUpdate] | None, _NotNull] = None
    sip_inbound_trunk_id: Uuid | None = None
    sip_outbound_trunk_id: Uuid | None = None
    template_defaults: Annotated[dict[str, str] | None, _NotNull] = None
    runtime_variables: Annotated[list[RuntimeVariable] | None, _NotNull] = None


def _explicit_mode(body: BaseModel) -> None:
    if getattr(body, "schema_version", None) and "tool_mode" not in body.model_fields_set:
        raise ValueError("native AgentConfig v2 requests require explicit tool_mode")


class DeployedCreate(AgentCreate):
    """POST in the deployed era; `orchestrator` is not taken on create (API.md 13.8)."""

    schema_version: Literal[2] | None = None
    tool_mode: Annotated[Literal["legacy", "shared"] | None, _NotNull] = None
    tool_refs: Annotated[list[ToolAttachment], Field(max_length=128)] = Field(default_factory=list)
    mcp_refs: list[McpAttachment] = Field(default_factory=list)
    template_variable_options: dict[str, VariableOption] = Field(default_factory=dict)
    llm_router_enabled: bool = True
    noise_cancellation_enabled: bool = False
    tts_cache_enabled: bool = False
    shapes: list[dict[str, Any]] = Field(default_factory=list)
    tasks: list[dict[str, Any]] = Field(default_factory=list)
    task_groups: list[dict[str, Any]] = Field(default_factory=list)

    @model_validator(mode="after")
    def _says_its_mode(self) -> Self:
        _explicit_mode(self)
        return self


class DeployedReplace(DeployedCreate):
    orchestrator: Literal["livekit", "pipecat"] = "livekit"


class DeployedUpdate(AgentUpdate):
    """PATCH in the deployed era; `tool_refs` and `mcp_refs` are a matter for PUT (API.md 13.5)."""

    schema_version: Literal[2] | None = None
    tool_mode: Annotated[Literal["legacy", "shared"] | None, _NotNull] = None
    template_variable_options: Annotated[dict[str, VariableOption] | None, _NotNull] = None
    llm_router_enabled: Annotated[bool | None, _NotNull] = None
    noise_cancellation_enabled: Annotated[bool | None, _NotNull] = None
    tts_cache_enabled: Annotated[bool | None, _NotNull] = None
    shapes: Annotated[list[dict[str, Any]] | None, _NotNull] = None
    tasks: Annotated[list[dict[str, Any]] | None, _NotNull] = None
    task_groups: Annotated[list[dict[str, Any]] | None, _NotNull] = None
    orchestrator: Annotated[Literal["livekit", "pipecat"] | None, _NotNull] = None

    @model_validator(mode="after")
    def _says_its_mode(self) -> Self:
        _explicit_mode(self)
        return self


class AgentDuplicate(Closed):
    name: _Name


def sent_fields(body: BaseModel) -> dict[str, Any]:
    """Return the fields that the request itself named, null included."""
    return {
        name: value for name, value in body.model_dump().items() if name in body.model_fields_set
    }
