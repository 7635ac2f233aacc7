"""What differs between two normal documents, field by field. The only user of deepdiff."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from reconciler.model.identity import labels
from reconciler.model.values import ABSENT, Document, Path, lookup, same


@dataclass(frozen=True, slots=True)
class Difference:
    """One differing field; `path` steps through tools by id, `shown` by natural key."""

    path: Path
    shown: Path
    before: Any
    after: Any


def differences(before: Document, after: Document, shown_ids: dict[str, str]) -> list[Difference]:
    """The differing fields of two keyed documents, sorted by what is shown.

    `shown_ids` gives the natural key to show for each tool id (see `tool_names`).
    """
    found = []
    for name in sorted({*before, *after}):
        left, right = before.get(name, ABSENT), after.get(name, ABSENT)
        if left is right or same(left, right):
            continue
        for rest in _differing_paths(left, right):
            path = (name, *rest)
            found.append(
                Difference(
                    path=path,
                    shown=shown_path(path, shown_ids),
                    before=lookup(before, path),
                    after=lookup(after, path),
                )
            )
    return sorted(found, key=lambda difference: difference.shown)


def shown_path(path: Path, shown_ids: dict[str, str]) -> Path:
    """A path by ids as people read it."""
    if path[0] == "tools" and len(path) > 1:
        return ("tools", shown_ids.get(path[1], path[1]), *path[2:])
    return path


def tool_names(before: Document, after: Document) -> dict[str, str]:
    """What to call each tool: by its natural key after the change, or before if it goes."""
    names: dict[str, str] = {}
    for document in (before, after):
        tools = document.get("tools") or []
        for tool, label in zip(tools, labels(tools), strict=True):
            names[str(tool.get("id"))] = label
    return names


def _differing_paths(left: object, right: object) -> list[Path]:
    if not (isinstance(left, dict) and isinstance(right, dict)):
        return [()]
    # Only unequal pairs come here: a DeepDiff costs milliseconds, and so does its import.
    from deepdiff import DeepDiff  # noqa: PLC0415  lazy: see above

    tree = DeepDiff(left, right, view="tree", threshold_to_diff_deeper=0)
    paths = {
        _up_to_list(item.path(output_format="list")) for items in tree.values() for item in items
    }
    real = [p for p in sorted(paths) if not same(lookup(left, p), lookup(right, p))]
    # Never silent: what DeepDiff holds equal and we do not is one change of the whole field.
    return _outermost(real) or [()]


def _up_to_list(path: list[Any]) -> Path:
    """Lists are values: a path ends at the first one."""
    steps: list[str] = []
    for step in path:
        if isinstance(step, int):
            break
        steps.append(str(step))
    return tuple(steps)


def _outermost(paths: list[Path]) -> list[Path]:
    kept: list[Path] = []
    for path in paths:
        if not any(path[: len(outer)] == outer for outer in kept):
            kept.append(path)
    return kept


def set_path(document: Document, path: Path, value: object) -> Document:
    """A copy of a document with the value at a path replaced; ABSENT takes it out."""
    head, rest = path[0], path[1:]
    if not rest:
        without = {k: v for k, v in document.items() if k != head}
        return without if value is ABSENT else {**document, head: value}
    inner = document.get(head)
    return {**document, head: set_path(inner if isinstance(inner, dict) else {}, rest, value)}


def leaves(document: Document, prefix: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value that is not an object, with its path."""
    for name, value in document.items():
        if isinstance(value, dict) and value:
            yield from leaves(value, (*prefix, name))
        else:
            yield (*prefix, name), value
