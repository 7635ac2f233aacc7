"""Documents with any JSON whatever in any place."""

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from reconciler.model.values import Document

Places = list[tuple[tuple[Any, ...], Any]]
"""Where something else stands, and what."""

_STEPS = sorted(
    {"id", "type", "auth", "token", "triggers", "arguments", "event", "source_tool_id", "a"}
    | {"system", "execution_policy", "pre_action_message", "enabled", "stt", "fallbacks"}
)
_scalars = (
    st.none()
    | st.booleans()
    | st.integers(-1, 2)
    | st.sampled_from([0.5, 1.0, "", "x", "webhook", "template", "shared", "a\nb"])
)
_json = st.recursive(
    _scalars,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(_STEPS) | st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=6,
)


def odd_places(document: Document) -> st.SearchStrategy[Places]:
    """One or two other values anywhere but in the name: without one, a list is refused whole."""
    places = sorted(_places(document), key=repr)
    return st.lists(st.tuples(st.sampled_from(places), _json), min_size=1, max_size=2)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for step, part in inner:
        if (*path, step) != ("name",):
            yield (*path, step)
        if isinstance(part, (dict, list)):
            yield from _places(part, (*path, step))


def bent_document(document: Document, places: Places) -> Document:
    """A copy with other values in some places; one that another has taken along is left out."""
    document = copy.deepcopy(document)
    for path, value in places:
        around: Any = document
        for step in path[:-1]:
            around = around[step] if _is_there(around, step) else None
        if _is_there(around, path[-1]):
            around[path[-1]] = copy.deepcopy(value)
    return document


def _is_there(around: Any, step: Any) -> bool:
    if isinstance(around, list):
        return isinstance(step, int) and step < len(around)
    return isinstance(around, dict) and step in around
