"""Unknown live fields that a PUT carries over, by dotted path: `orchestrator`, `models.beta`.

Those of tools go by one path for all tools of an agent, `tools.created_by`, and mean the tools in
which the API's documentation knows no such key.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from reconciler.model import fields
from reconciler.model.identity import tools_in
from reconciler.model.values import ABSENT, Document, Path, lookup, same, set_path

_KNOWN: Final[dict[Path, frozenset[str]]] = {
    ("models",): frozenset({*fields.REQUIRED_MODELS, *fields.MODELS_DEFAULTS, "fallbacks"}),
    ("models", "fallbacks"): frozenset(fields.FALLBACKS_DEFAULTS),
    ("idle_nudges",): frozenset({*fields.NUDGE_TEXTS, *fields.NUDGES_DEFAULTS}),
}
_KNOWN_IN_TOOLS: Final[dict[str, dict[Path, frozenset[str]]]] = {
    kind: {
        (): frozenset({*fields.TOOL_REQUIRED[kind], *defaults}),
        ("execution_policy",): frozenset({"pre_action_message"}),
        ("execution_policy", "pre_action_message"): frozenset({"enabled", "text"}),
        ("system",): frozenset({"triggers", "arguments"}),
    }
    for kind, defaults in fields.TOOL_DEFAULTS.items()
}


def unknown_paths(document: Document) -> Iterator[Path]:
    """The fields of a normal document that the API's documentation does not know."""
    for name, value in document.items():
        if name not in fields.MODELLED:
            yield (name,)
        elif isinstance(value, dict):
            for prefix, known in _KNOWN.items():
                inner = lookup(document, prefix) if prefix[0] == name else None
                if isinstance(inner, dict) and not inner.keys() <= known:
                    yield from ((*prefix, key) for key in inner if key not in known)
    in_tools = {path for tool in tools_in(document) for path in _unknown_in(tool)}
    yield from (("tools", *path) for path in sorted(in_tools))


def without(body: Document, path: Path) -> Document:
    """A body that does not carry a field."""
    if path[0] != "tools" or len(path) == 1:
        return set_path(body, path, ABSENT)
    if not isinstance(body.get("tools"), list):
        return body
    return {**body, "tools": [_less(tool, path[1:]) for tool in body["tools"]]}


def refused(named: Iterable[str], body: Document, carried: Iterable[str]) -> set[str]:
    """The carried fields that an API means by the paths it names, `tools.0.template.created_by`."""
    paths = [_as_carried(path.split("."), body) for path in named]
    return {
        name
        for name in carried
        if any(path == name or path.startswith(f"{name}.") for path in paths)
    }


def is_lost(path: Path, before: Document, after: Document) -> bool:
    """Whether a field that was not carried is gone, or another, in any tool that is still there."""
    if path[0] != "tools" or len(path) == 1:
        return not same(lookup(after, path), lookup(before, path))
    now = {str(tool.get("id")): tool for tool in tools_in(after)}
    return any(
        not same(lookup(tool, path[1:]), lookup(now[str(tool.get("id"))], path[1:]))
        for tool in tools_in(before)
        if str(tool.get("id")) in now and path[1:] in _unknown_in(tool)
    )


def unknown_part(tool: Document, path: Path) -> Path | None:
    """The key that the API's documentation does not know in which a path of a tool lies."""
    for prefix, known in _KNOWN_IN_TOOLS.get(str(tool.get("type")), {}).items():
        inside, rest = path[: len(prefix)], path[len(prefix) :]
        if inside == prefix and rest and rest[0] not in known:
            return (*prefix, rest[0])
    return None


def _unknown_in(tool: Document) -> list[Path]:
    known_in = _KNOWN_IN_TOOLS.get(str(tool.get("type")), {})
    found = []
    for prefix, known in known_in.items():
        inner = lookup(tool, prefix)
        if isinstance(inner, (dict, Mapping)) and not inner.keys() <= known:
            found += [(*prefix, key) for key in inner if key not in known]
    return found


def _less(tool: Any, path: Path) -> Any:
    unknown = isinstance(tool, dict) and path in _unknown_in(tool)
    return set_path(tool, path, ABSENT) if unknown else tool


def _as_carried(steps: list[str], body: Document) -> str:
    """A path of an error without the tool's number, and without its type where that is a step."""
    tools = body.get("tools")
    if steps[0] == "tools" and len(steps) > 2 and steps[1].isdecimal():  # noqa: PLR2004  # tools.0.key
        number, rest = int(steps[1]), steps[2:]
        if len(rest) > 1 and rest[0] == _type_of(tools, number):
            rest = rest[1:]
        steps = ["tools", *rest]
    return ".".join(steps)


def _type_of(tools: Any, number: int) -> Any:
    """The type of a tool by its number in the list that was sent."""
    tool = tools[number] if isinstance(tools, list) and number < len(tools) else None
    return tool.get("type") if isinstance(tool, dict) else None
