"""What differs between two normal documents, field by field. The only user of deepdiff."""

from typing import Any

from reconciler.model.identity import labels, tools_in
from reconciler.model.values import ABSENT, Document, Path, lookup, same, set_path
from reconciler.nouns import noun
from reconciler.planning.normal import as_list

__all__ = ["Difference", "differences", "set_path", "shown_path", "shown_value", "tool_names"]

_BY_IDENTITY = ("tools", "runtime_variables")


@noun
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


def shown_value(path: Path, value: Any) -> Any:
    """A value as people read it: a whole list is no object by identity."""
    return as_list(value) if len(path) == 1 and path[0] in _BY_IDENTITY else value


def tool_names(before: Document, after: Document) -> dict[str, str]:
    """What to call each tool: by its natural key after the change, or before if it goes."""
    names: dict[str, str] = {}
    for document in (before, after):
        tools = tools_in(document)
        for tool, label in zip(tools, labels(tools), strict=True):
            names[str(tool.get("id"))] = label
    return names


def _differing_paths(left: object, right: object) -> list[Path]:
    if not (isinstance(left, dict) and isinstance(right, dict)):
        return [()]
    # Only unequal pairs come here: a DeepDiff costs milliseconds, and so does its import.
    from deepdiff import DeepDiff  # noqa: PLC0415  # lazy: see above

    # Keys with two underscores in front are "private" to it, and to nobody else.
    tree = DeepDiff(
        left, right, view="tree", threshold_to_diff_deeper=0, ignore_private_variables=False
    )
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
