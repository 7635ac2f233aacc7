"""The plain tables of `model/fields.py` say what the pydantic models say."""

from typing import Any, get_args

from pydantic.fields import FieldInfo

from reconciler.model import fields
from reconciler.model.agent import Agent, Fallbacks, IdleNudges, Models
from reconciler.model.tools import TOOL_MODELS, ExecutionPolicy


def default(info: FieldInfo) -> Any:
    value = info.get_default(call_default_factory=True)
    return value.model_dump() if isinstance(value, ExecutionPolicy | Fallbacks) else value


def defaults(model: Any, *, leave_out: set[str] = frozenset()) -> dict[str, Any]:  # type: ignore[assignment]
    return {
        name: default(info)
        for name, info in model.model_fields.items()
        if not info.is_required() and name not in leave_out
    }


def required(model: Any) -> tuple[str, ...]:
    return tuple(name for name, info in model.model_fields.items() if info.is_required())


def takes_null(info: FieldInfo) -> bool:
    return type(None) in get_args(info.annotation)


def test_the_required_fields_are_those_of_the_models() -> None:
    assert set(required(Agent)) == set(fields.REQUIRED)
    assert required(Models) == fields.REQUIRED_MODELS


def test_the_defaults_are_those_of_the_models() -> None:
    undocumented = {"idle_nudges", fields.RUNTIME_KEY, fields.TOOL_MODE}
    assert defaults(Agent, leave_out=undocumented) == fields.DEFAULTS
    assert defaults(Models, leave_out={"fallbacks"}) == fields.MODELS_DEFAULTS
    assert defaults(Fallbacks) == fields.FALLBACKS_DEFAULTS
    assert defaults(IdleNudges, leave_out=set(fields.NUDGE_TEXTS)) == fields.NUDGES_DEFAULTS


def test_every_field_of_the_agent_is_modelled() -> None:
    assert set(Agent.model_fields) == fields.MODELLED


def test_the_nullable_fields_are_those_of_the_model() -> None:
    nullable = {name for name, info in Agent.model_fields.items() if takes_null(info)}
    assert nullable == fields.NULLABLE


def test_the_defaults_of_tools_are_those_of_the_models() -> None:
    assert {
        kind: defaults(model, leave_out={"id"}) for kind, model in TOOL_MODELS.items()
    } == fields.TOOL_DEFAULTS


def test_the_required_fields_of_tools_are_those_of_the_models_and_the_id() -> None:
    for kind, model in TOOL_MODELS.items():
        assert {*required(model), "id"} == set(fields.TOOL_REQUIRED[kind])
