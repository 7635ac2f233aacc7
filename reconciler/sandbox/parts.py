"""The objects inside an agent, other than its tools (API.md 4.4, 4.5)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from reconciler.sandbox.values import Closed

_Seconds = Annotated[int, Field(ge=1)]
_NudgeText = Annotated[str, Field(min_length=1, max_length=500)]
_Timeout = Annotated[float, Field(ge=0, allow_inf_nan=False)] | None
_Id = Annotated[str, Field(min_length=1, max_length=200)]


class TtsFallback(Closed):
    model: _Id
    voice: _Id


class Fallbacks(Closed):
    stt: list[str] = Field(default_factory=list)
    llm: list[str] = Field(default_factory=list)
    tts: list[TtsFallback] = Field(default_factory=list)


class Models(Closed):
    stt: str
    # No enum: the live service asks for ids that the documentation's enum does not have.
    llm: Annotated[str, Field(min_length=1)]
    tts: str
    tts_voice: str
    stt_kwargs: dict[str, Any] = Field(default_factory=dict)
    llm_kwargs: dict[str, Any] = Field(default_factory=dict)
    tts_kwargs: dict[str, Any] = Field(default_factory=dict)
    fallbacks: Fallbacks = Fallbacks()
    stt_final_timeout_s: _Timeout = None
    llm_first_token_timeout_s: _Timeout = None
    tts_first_audio_timeout_s: _Timeout = None
    failure_audio_enabled: bool = True


class IdleNudges(Closed):
    enabled: bool = True
    first_nudge_delay_seconds: _Seconds = 15
    second_nudge_delay_seconds: _Seconds = 30
    hangup_delay_seconds: _Seconds = 15
    first_nudge_text: _NudgeText
    second_nudge_text: _NudgeText
    final_hangup_text: _NudgeText


class RuntimeVariable(Closed):
    name: Annotated[str, Field(max_length=64)]
    description: Annotated[str, Field(max_length=500)]


class VariableOption(Closed):
    required: bool
