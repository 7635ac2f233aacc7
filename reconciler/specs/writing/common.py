"""What imported agents have in common: the defaults that would make their specs shorter."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from reconciler.model import fields
from reconciler.model.values import ABSENT, Document, Path, lookup, same

_BY_MAJORITY: Final = (
    ("language",),
    ("region",),
    *(("models", name) for name in fields.REQUIRED_MODELS),
)
_BY_ALL: Final = tuple(("models", name) for name in fields.MODELS_DEFAULTS)


def common_values(
    wanted: Sequence[Document], base: Document, managed: Iterable[Document]
) -> Document:
    """Fields worth a default: what most agents have of what each must say, and what all agree on.

    A value counts only if every spec that is there already (`managed`) declares the same, so that
    no default changes an agent that was not imported.
    """
    found: Document = {}
    others = list(managed)
    for unit in (*_BY_MAJORITY, *_BY_ALL):
        values = [lookup(document, unit) for document in wanted]
        value = _usual(values) if unit in _BY_MAJORITY else _agreed(values)
        unchanged = all(same(lookup(document, unit), value) for document in others)
        if value is not ABSENT and unchanged and not same(lookup(base, unit), value):
            _set(found, unit, value)
    return found


def _usual(values: list[Any]) -> Any:
    """The value of more than half of the agents, and of two at least."""
    texts = [json.dumps(value) for value in values if value is not ABSENT]
    most = max(texts, key=texts.count, default="")
    count = texts.count(most)
    return json.loads(most) if count > 1 and count * 2 > len(values) else ABSENT


def _agreed(values: list[Any]) -> Any:
    agreed = len(values) > 1 and all(same(value, values[0]) for value in values)
    return values[0] if agreed else ABSENT


def _set(document: Document, unit: Path, value: Any) -> None:
    for step in unit[:-1]:
        document = document.setdefault(step, {})
    document[unit[-1]] = value
