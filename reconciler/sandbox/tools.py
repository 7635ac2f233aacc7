"""The tools an agent carries itself (API.md 5): four variants told apart by `type`."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from reconciler.sandbox.system import SystemConfig, check_system
from reconciler.sandbox.templates import is_templated, templated_outside_path_and_values
from reconciler.sandbox.values import Closed, Open, Uuid, is_e164, refuse_null

_CONTEXTUAL_NAME = re.compile(r"[A-Za-z0-9_-]+")
_RESERVED = frozenset({"end_call", "detected_answering_machine"})

_Source = Literal["contextual", "system"]
_Name = Annotated[str, Field(max_length=64)]
_Text500 = Annotated[str, Field(max_length=500)]
_System = Annotated[SystemConfig | None, BeforeValidator(refuse_null)]


class PreActionMessage(Open):
    enabled: bool = False
    text: _Text500 | None = None


class ExecutionPolicy(Open):
    pre_action_message: Annotated[PreActionMessage | None, BeforeValidator(refuse_null)] = None

    @property
    def lacks_text(self) -> bool:
        message = self.pre_action_message
        return message is not None and message.enabled and not message.text


_Policy = Annotated[ExecutionPolicy | None, BeforeValidator(refuse_null)]


def _check_policy(policy: ExecutionPolicy | None) -> None:
    if policy is not None and policy.lacks_text:
        raise ValueError("pre_action_message.text is required when pre_action_message is enabled")


def _timezone(name: str) -> str:
    if is_templated(name):
        return name
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"unknown timezone '{name}'") from error
    return name


def _phone_number(number: str) -> str:
    if is_e164(number) or is_templated(number):
        return number
    raise ValueError("phone_number must be an E.164 number or a template")


def _url(url: str) -> str:
    if templated_outside_path_and_values(url):
        raise ValueError("url templates are allowed in path segments and query values only")
    return url


class TemplateTool(Closed):
    type: Literal["template"]
    id: Uuid
    template: Literal["hangup", "voicemail_detection"]
    prompt: str | None = None
    execution_policy: _Policy = None

    @model_validator(mode="after")
    def _announces_itself(self) -> Self:
        if self.template != "hangup":
            _check_policy(self.execution_policy)
        return self


class BuiltInTool(Closed):
    type: Literal["built_in"]
    id: Uuid
    built_in: Literal["current_datetime"]
    source: _Source = "contextual"
    timezone: Annotated[str, AfterValidator(_timezone)] = "UTC"
    prompt: _Text500 | None = None
    system: _System = None

    @model_validator(mode="after")
    def _system_fits_the_source(self) -> Self:
        check_system(self.source, self.system)
        return self


class HumanTransferTool(Closed):
    type: Literal["human_transfer"]
    id: Uuid
    name: _Name
    description: _Text500 | None = None
    phone_number: Annotated[str, AfterValidator(_phone_number)]
    execution_policy: _Policy = None

    @model_validator(mode="after")
    def _announces_itself(self) -> Self:
        _check_policy(self.execution_policy)
        return self


class BearerCreate(Closed):
    type: Literal["bearer"]
    token: str


class HmacCreate(Closed):
    type: Literal["hmac"]
    secret: str


class BearerUpdate(Closed):
    type: Literal["bearer"]
    token: str | None = None


class HmacUpdate(Closed):
    type: Literal["hmac"]
    secret: str | None = None


_AuthCreate = Annotated[BearerCreate | HmacCreate, Field(discriminator="type")]
_AuthUpdate = Annotated[BearerUpdate | HmacUpdate, Field(discriminator="type")]


class _Webhook(Open):
    type: Literal["webhook"]
    id: Uuid
    name: _Name
    description: _Text500
    llm_result_instructions: Annotated[str, Field(max_length=2000)] | None = None
    url: Annotated[str, AfterValidator(_url)]
    parameters: dict[str, Any]
    http_method: Literal["POST", "PUT", "PATCH", "DELETE"] = "POST"
    webhook_format: Literal["envelope", "raw"] = "envelope"
    timeout_seconds: Annotated[float, Field(ge=1, le=60)] = 10
    wait_for_response: bool = True
    show_results_to_llm: bool | None = None
    source: _Source = "contextual"
    system: _System = None
    execution_policy: _Policy = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        check_system(self.source, self.system)
        _check_policy(self.execution_policy)
        if self.name in _RESERVED:
            raise ValueError(f"tool name '{self.name}' is reserved")
        if self.source == "contextual" and not _CONTEXTUAL_NAME.fullmatch(self.name):
            raise ValueError("name must consist of letters, digits, underscores and hyphens")
        return self


class WebhookCreate(_Webhook):
    auth: Annotated[_AuthCreate | None, BeforeValidator(refuse_null)] = None


class WebhookUpdate(_Webhook):
    auth: Annotated[_AuthUpdate | None, BeforeValidator(refuse_null)] = None


ToolCreate = Annotated[
    TemplateTool | BuiltInTool | WebhookCreate | HumanTransferTool, Field(discriminator="type")
]
ToolUpdate = Annotated[
    TemplateTool | BuiltInTool | WebhookUpdate | HumanTransferTool, Field(discriminator="type")
]
