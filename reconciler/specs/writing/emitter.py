"""A document → YAML lines: block style, small leaves in flow style, nothing wrapped by chance."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from reconciler.model.values import SecretRef
from reconciler.nouns import noun
from reconciler.specs.writing.texts import WIDTH, block, inline

_LONGEST_KEY: Final = 500
_WHOLE: Final = 2**53
_UNSET: Final = "  # the API does not give it back: set it"
_Path = tuple[str | int, ...]


@noun
class FileRef:
    """A text that stands in a file of its own."""

    path: str


def yaml_of(document: Mapping[str, Any]) -> str:
    """The document as a YAML text; top-level collections and what follows them stand apart."""
    lines: list[str] = []
    spaced = False
    for name, value in document.items():
        found = list(_entry(name, value, 0, ()))
        spacious = _is_open(value, (name,), 0)
        if lines and (spaced or spacious):
            lines.append("")
        lines += found
        spaced = spacious
    return "\n".join([*lines, ""])


def _entry(name: str, value: Any, indent: int, path: _Path) -> Iterator[str]:
    key, pad = inline(name, in_flow=True), " " * indent
    if len(key) > _LONGEST_KEY:  # YAML wants long keys announced
        yield f"{pad}? {key}"
        head = f"{pad}:"
    else:
        head = f"{pad}{key}:"
    yield from _value(head, value, indent + 2, (*path, name))


def _value(head: str, value: Any, indent: int, path: _Path) -> Iterator[str]:
    """A value after its key; `indent` is that of what stands below the key."""
    if _is_open(value, path, len(head) + 1):
        yield head
        if isinstance(value, dict):
            for name, item in value.items():
                yield from _entry(name, item, indent, path)
        else:
            for index, item in enumerate(value):
                yield from _item(item, indent, (*path, index))
    else:
        yield f"{head} {_scalar(value, indent, len(head) + 1)}"


def _item(value: Any, indent: int, path: _Path) -> Iterator[str]:
    pad = " " * indent
    if isinstance(value, dict) and _is_open(value, path, indent + 2):
        lines = [line for name, item in value.items() for line in _entry(name, item, 0, path)]
        # each line of an entry may be a block of many
        first, *rest = "\n".join(lines).split("\n")
        yield f"{pad}- {first}"
        yield from (f"{pad}  {line}" if line else "" for line in rest)
    else:
        # in lists a block would need care with its indentation for little gain
        yield f"{pad}- {_flow(value)}"


def _scalar(value: Any, indent: int, used: int) -> str:
    if isinstance(value, str):
        long = "\n" in value or len(value) + used > WIDTH
        return (block(value, indent) if long else None) or inline(value)
    comment = _UNSET if isinstance(value, SecretRef) else ""
    return _flow(value) + comment


def _is_open(value: Any, path: _Path, used: int) -> bool:
    """Whether a collection is written over several lines."""
    if not isinstance(value, dict | list) or not value:
        return False
    items = list(value.values()) if isinstance(value, dict) else value
    if any(not _is_leaf(item) for item in items):
        return True
    main = len(path) == 1 or (len(path) == 2 and isinstance(path[-1], int))  # noqa: PLR2004  # a tool
    if main and isinstance(value, dict):
        return True
    return used + len(_flow(value)) > WIDTH


def _is_leaf(value: Any) -> bool:
    if isinstance(value, SecretRef):
        return False
    return "\n" not in value if isinstance(value, str) else not (value and _is_collection(value))


def _is_collection(value: Any) -> bool:
    return isinstance(value, dict | list)


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        pairs = (f"{inline(k, in_flow=True)}: {_flow(v)}" for k, v in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, str):
        return inline(value, in_flow=True)
    if isinstance(value, SecretRef):
        return f"{{{value.source}: {inline(value.name, in_flow=True)}}}"
    if isinstance(value, FileRef):
        return f"{{file: {inline(value.path, in_flow=True)}}}"
    if isinstance(value, float) and value.is_integer() and abs(value) < _WHOLE:
        return str(int(value))  # one JSON number, and nobody writes `3.0` seconds
    return json.dumps(value)
