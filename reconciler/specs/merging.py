"""Layers → one document (DESIGN.md 3): objects key by key, all else replaced as one."""

from collections.abc import Mapping, Sequence
from typing import Any

from reconciler.model.values import Document


def merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> Document:
    """`over` merged into `under`; neither is changed."""
    result = dict(under)
    for key, value in over.items():
        below = result.get(key)
        if isinstance(value, dict) and isinstance(below, dict):
            result[key] = merged(below, value)
        else:
            result[key] = value
    return result


def without(document: Mapping[str, Any], paths: Sequence[tuple[str, ...]]) -> Document:
    """The document less the values at some paths; it is not changed."""
    result = dict(document)
    for head, *tail in paths:
        below = result.get(head)
        if not tail:
            result.pop(head, None)
        elif isinstance(below, dict):
            result[head] = without(below, [tuple(tail)])
    return result


def paths_of(layer: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """The paths that a layer's `omit` takes back, malformed ones left out."""
    omitted = layer.get("omit")
    if not isinstance(omitted, list):
        return []
    return [tuple(each.split(".")) for each in omitted if isinstance(each, str) and each]
