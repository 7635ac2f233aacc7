"""Which names may stand where, for hints: read off the models."""

from collections.abc import Mapping
from typing import Any, Final

from reconciler.model import agent, project_file, tools
from reconciler.model.fields import NEWER
from reconciler.model.strict import Strict
from reconciler.specs.marks import Steps

_BY_NAME: Final[dict[str, type[Strict]]] = {
    "models": agent.Models,
    "fallbacks": agent.Fallbacks,
    "tts": agent.TtsFallback,
    "idle_nudges": agent.IdleNudges,
    "runtime_variables": agent.RuntimeVariable,
    "lifecycle": agent.LifecycleSpec,
    "ignore": project_file.IgnoreRule,
    "execution_policy": tools.ExecutionPolicy,
    "pre_action_message": tools.PreActionMessage,
    "system": tools.SystemConfig,
    "triggers": tools.Trigger,
    "arguments": tools.Argument,
    "environments": project_file.Environment,
    "ledger": project_file.LedgerConfig,
    "deletion": project_file.Deletion,
}
_BY_TYPE: Final[dict[str, dict[str, type[Strict]]]] = {
    "tools": dict(tools.TOOL_MODELS),
    "auth": {"bearer": tools.BearerAuth, "hmac": tools.HmacAuth},
    "source": {
        "constant": tools.ConstantSource,
        "template": tools.TemplateSource,
        "transcript_messages": tools.TranscriptSource,
    },
}
_NESTED: Final = ("models", "idle_nudges", "lifecycle")


def container_fields(around: Steps, document: Mapping[str, Any]) -> frozenset[str]:
    """The names that may stand in the mapping at a path of a document."""
    if not around:
        model = project_file.Project if "version" in document else agent.Spec
        return frozenset(model.model_fields)
    if around[0] == "environments":
        return frozenset(project_file.Environment.model_fields)
    name = next(step for step in reversed(around) if isinstance(step, str))
    if name in _BY_TYPE:
        value: Any = document
        for step in around:
            value = value[step]
        typed = _BY_TYPE[name].get(str(value.get("type")), tools.SimpleSource)
        return frozenset(typed.model_fields)
    return frozenset(_BY_NAME[name].model_fields) if name in _BY_NAME else frozenset()


def home_of(name: str, around: Steps, document: Mapping[str, Any]) -> str | None:
    """A hint where a field belongs that stands one level too high."""
    if around:
        return None
    if name in NEWER and "version" not in document:  # the project file has no `extra`
        return "it belongs under `extra`"
    for place in _NESTED:
        if name in _BY_NAME[place].model_fields:
            return f"it belongs under `{place}`"
    return None
