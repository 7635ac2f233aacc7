"""The fields of an agent that the page lets one edit, and how their values look in a form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from reconciler.nouns import noun

_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,18}")
_LINE_ENDS = re.compile(r"\r\n?|\n")
ON = "on"  # what a browser sends for a ticked box


@noun
class Field:
    """One control. `path` is the API's: `greeting`, `models.tts_voice`."""

    path: str
    label: str
    kind: Literal["line", "text", "number", "switch"] = "line"
    hint: str = ""
    rows: int = 2
    nullable: bool = False

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(self.path.split("."))

    def shown(self, agent: Mapping[str, Any]) -> str:
        """Return the text that stands in the control."""
        value: Any = agent
        for part in self.parts:
            value = value.get(part) if isinstance(value, Mapping) else None
        if self.kind == "switch":
            return ON if value else ""
        return "" if value is None else str(value)

    def settled(self, text: str) -> str:
        """Return a text as a browser gives it back when nobody touched it.

        Browsers write line ends their own way, drop them from one-line controls, and replace what
        is no character.
        """
        clean = text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
        return _LINE_ENDS.sub("\n" if self.kind == "text" else "", clean)

    def value(self, text: str, before: str) -> Any:
        """Return what to send for a text that somebody typed; `before` decides the line ends."""
        if self.kind == "switch":
            return text == ON
        if self.kind == "number" and _WHOLE_NUMBER.fullmatch(text.strip()):
            return int(text)
        if not text and self.nullable:
            return None
        return _LINE_ENDS.sub(_line_end_of(before), text)


def _line_end_of(text: str) -> str:
    used = set(_LINE_ENDS.findall(text))
    return used.pop() if len(used) == 1 else "\n"


@noun
class Section:
    title: str
    fields: tuple[Field, ...]
    note: str = ""


_OWN = "Empty: the greeting above is used."

SECTIONS = (
    Section(
        "What callers hear",
        (
            Field("name", "Name"),
            Field("greeting", "Greeting", "text"),
            Field("inbound_greeting", "Greeting of inbound calls", "text", _OWN, nullable=True),
            Field("outbound_greeting", "Greeting of outbound calls", "text", _OWN, nullable=True),
            Field("system_prompt", "System prompt", "text", rows=14),
            Field("enable_interruptions", "Callers may interrupt", "switch"),
        ),
    ),
    Section(
        "Language and place",
        (
            Field("language", "Language", hint="Such as en, de or pt-BR."),
            Field("region", "Region"),
        ),
    ),
    Section(
        "Models",
        (
            Field("models.stt", "Speech to text"),
            Field("models.llm", "Language model"),
            Field("models.tts", "Text to speech"),
            Field("models.tts_voice", "Voice"),
        ),
        "Fallbacks, timeouts and settings of the models are in the JSON below.",
    ),
    Section(
        "When the caller is silent",
        (
            Field("idle_nudges.enabled", "Nudge silent callers", "switch"),
            Field("idle_nudges.first_nudge_delay_seconds", "First delay, seconds", "number"),
            Field("idle_nudges.first_nudge_text", "First nudge", "text"),
            Field("idle_nudges.second_nudge_delay_seconds", "Second delay, seconds", "number"),
            Field("idle_nudges.second_nudge_text", "Second nudge", "text"),
            Field("idle_nudges.hangup_delay_seconds", "Hang-up delay, seconds", "number"),
            Field("idle_nudges.final_hangup_text", "Words before hanging up", "text"),
        ),
        "All of this is idle_nudges in a spec.",
    ),
    Section(
        "Telephony",
        (
            Field("sip_inbound_trunk_id", "Inbound trunk", hint="A UUID.", nullable=True),
            Field("sip_outbound_trunk_id", "Outbound trunk", hint="A UUID.", nullable=True),
        ),
        "Empty takes the line away. An inbound trunk belongs to one agent.",
    ),
)
FIELDS = tuple(field for section in SECTIONS for field in section.fields)
