"""Paths of `ignore` that lead to nothing that could drift: they would be accepted for ever."""

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from reconciler.model import fields
from reconciler.specs.findings import Finding, did_you_mean
from reconciler.specs.rules.typed import mapping
from reconciler.specs.rules.view import View

_FIELDS: Final = (fields.MODELLED | fields.NEWER) - {fields.RUNTIME_KEY}
_OF_A_TOOL: Final = frozenset(
    {key for keys in fields.TOOL_REQUIRED.values() for key in keys}
    | {key for defaults in fields.TOOL_DEFAULTS.values() for key in defaults}
)
_ANYTHING: Final = None
"""Whatever is in it: a free map, or a field that nobody knows."""
_ONE_VALUE: Final[Mapping[str, Any]] = MappingProxyType({})
"""No parts: a list is one value, too."""
_MODELS: Final[dict[str, Any]] = {
    **dict.fromkeys((*fields.REQUIRED_MODELS, *fields.MODELS_DEFAULTS), _ONE_VALUE),
    **dict.fromkeys(("stt_kwargs", "llm_kwargs", "tts_kwargs"), _ANYTHING),
    "fallbacks": dict.fromkeys(fields.FALLBACKS_DEFAULTS, _ONE_VALUE),
}
_PARTS: Final[dict[str, Any]] = {
    **dict.fromkeys(_FIELDS, _ONE_VALUE),
    **dict.fromkeys((*fields.NEWER, "template_defaults"), _ANYTHING),
    "models": _MODELS,
    "idle_nudges": dict.fromkeys((*fields.NUDGE_TEXTS, *fields.NUDGES_DEFAULTS), _ONE_VALUE),
}
_OF_ITEMS: Final[dict[str, Collection[str]]] = {
    "tools": _OF_A_TOOL,
    "runtime_variables": ("name", "description"),
}
_ITEM: Final = 2  # steps: `tools.check_order`
_UNSURE: Final = (
    "write a field as specs name it, such as `models.tts_voice`; if the API does answer this one, "
    "add `# reconciler: ignore[SPEC115]`"
)


def ignored_paths(view: View) -> Iterator[Finding]:
    """Of one spec, whose `extra` fields go by their own names."""
    extra = mapping(view.document.get("extra"))
    yield from wrong_ignores(view.document.get("ignore"), extra)


def wrong_ignores(rules: Any, extra: Collection[str]) -> Iterator[Finding]:
    """Of a list of rules, where these are known `extra` fields."""
    for index, rule in enumerate(rules if isinstance(rules, list) else []):
        path = rule.get("path") if isinstance(rule, dict) else None
        if isinstance(path, str) and path and (hint := _wrong(path.split("."), extra)) is not None:
            message = f"`{path[:80]}` names nothing that could drift"
            yield Finding("SPEC115", message, ("ignore", index, "path"), hint)


def _wrong(steps: list[str], extra: Collection[str]) -> str | None:
    """A hint where a path leads nowhere."""
    head = steps[0]
    if "*" in steps or "" in steps:
        return "each step is one name, and `*` is none; a path covers all below it: `tools`"
    if head == fields.RUNTIME_KEY:
        return "a secret never comes back from the API: leave the rule out"
    if head == "extra":
        return f"leave `extra` out: `{'.'.join(steps[1:]) or 'noise_cancellation'}`"
    if head in extra:
        return None
    if head not in _FIELDS:
        return did_you_mean(head, _FIELDS) or _UNSURE
    return _wrong_item(steps) if head in _OF_ITEMS else _wrong_part(steps)


def _wrong_item(steps: list[str]) -> str | None:
    """Items of lists go by their names."""
    head, known = steps[0], _OF_ITEMS[steps[0]]
    if len(steps) > 1 and steps[1].isdecimal():
        return f"an item of `{head}` goes by its name, as in `tools.check_order.url`"
    if len(steps) > _ITEM and steps[_ITEM] not in known:
        return did_you_mean(steps[_ITEM], known) or _UNSURE
    return None


def _wrong_part(steps: list[str]) -> str | None:
    parts: Any = _PARTS
    for depth, step in enumerate(steps):
        if parts is _ANYTHING:
            return None
        if not parts:
            return f"`{'.'.join(steps[:depth])}` is one value: write that"
        if step not in parts:
            return did_you_mean(step, parts) or _UNSURE
        parts = parts[step]
    return None
