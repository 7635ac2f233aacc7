"""How an agent in shared mode refers to tools and MCP servers (API.md 6), deployed era only.

Open objects: the full set of members is not public, and the reconciler carries what it is given.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from reconciler.sandbox.values import Open, Uuid


class AttachmentTrigger(Open):
    event: Literal["call_start", "first_user_message", "call_end", "tool_succeeded", "tool_failed"]
    source_attachment_id: Uuid | None = None


class AttachmentSystem(Open):
    triggers: Annotated[list[AttachmentTrigger], Field(min_length=1)]
    arguments: list[dict[str, Any]] = Field(default_factory=list)


class ToolAttachment(Open):
    attachment_id: Uuid
    tool_id: Uuid
    version: Annotated[int, Field(ge=1)]
    description: str | None = None
    invocation: Literal["model", "system"] = "model"
    system: AttachmentSystem | None = None
    execution_policy: dict[str, Any] | None = None
    argument_overrides: dict[str, Any] = Field(default_factory=dict)
    config_overrides: dict[str, Any] | None = None
    visible_to_agent: bool = True

    @model_validator(mode="after")
    def _system_fits_the_invocation(self) -> Self:
        if (self.invocation == "system") is (self.system is None):
            raise ValueError("system is required if and only if invocation is 'system'")
        return self


class McpAttachment(Open):
    attachment_id: Uuid
    server_id: Uuid
    tool_name: str
    observed_schema_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    description: str | None = None
    invocation: Literal["model"] = "model"
    system: None = None
    execution_policy: dict[str, Any] | None = None
    argument_overrides: dict[str, Any] = Field(default_factory=dict)
