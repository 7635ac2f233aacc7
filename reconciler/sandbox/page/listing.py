"""What the list shows of each agent, one group an organisation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from reconciler.nouns import noun
from reconciler.sandbox.options import PROJECT_KEY
from reconciler.sandbox.requests import organisation_of

_GREETING_SHOWN = 140
_TRUNKS = (("in", "sip_inbound_trunk_id"), ("out", "sip_outbound_trunk_id"))
_MODELS = ("stt", "llm", "tts")

Agent = Mapping[str, Any]


@noun
class Line:
    id: str
    name: str
    greeting: str
    language: str
    region: str
    models: tuple[str, ...]
    voice: str
    tools: int
    trunks: tuple[tuple[str, str], ...]
    updated: str


@noun
class Group:
    organisation: str
    lines: tuple[Line, ...]

    @property
    def of_the_project(self) -> bool:
        """Whether these are the agents that `api: sandbox` of a project file means."""
        return self.organisation == organisation_of(PROJECT_KEY)


def groups(agents: Iterable[Agent], wanted: str) -> list[Group]:
    """Return the agents that hold the text `wanted`, the project's own organisation first."""
    lines: dict[str, list[Line]] = {organisation_of(PROJECT_KEY): []}
    for agent in agents:
        if _holds(agent, wanted.casefold()):
            lines.setdefault(agent["organisation_id"], []).append(_line(agent))
    return [
        Group(organisation, tuple(sorted(found, key=lambda line: line.name.casefold())))
        for organisation, found in lines.items()
        if found
    ]


def _holds(agent: Agent, wanted: str) -> bool:
    texts = (agent["id"], agent["name"], agent["greeting"], agent["language"], agent["region"])
    return any(wanted in str(text).casefold() for text in texts)


def _line(agent: Agent) -> Line:
    models = agent["models"] if isinstance(agent["models"], Mapping) else {}
    attached = [*(agent["tools"] or ()), *(agent.get("tool_refs") or ())]
    return Line(
        id=agent["id"],
        name=str(agent["name"]),
        greeting=_shortened(str(agent["greeting"] or "")),
        language=str(agent["language"]),
        region=str(agent["region"]),
        models=tuple(str(models[name]) for name in _MODELS if models.get(name)),
        voice=str(models.get("tts_voice") or ""),
        tools=len([*attached, *(agent.get("mcp_refs") or ())]),
        trunks=tuple((word, str(agent[name])) for word, name in _TRUNKS if agent.get(name)),
        updated=agent["updated_at"],
    )


def _shortened(text: str) -> str:
    return text if len(text) <= _GREETING_SHOWN else f"{text[: _GREETING_SHOWN - 1].rstrip()}…"
