"""JSON values, made safe to show: secrets masked by field, absent told from null and from empty."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from reconciler.model.change import FieldChange
from reconciler.model.fields import RUNTIME_KEY, SECRET_KEYS
from reconciler.model.identity import labels
from reconciler.model.values import ABSENT, Path, SecretRef, same
from reconciler.report.escaping import inline, quoted

MASK: Final = "(secret)"
_AUTH_SECRETS: Final = frozenset(SECRET_KEYS.values())
_FIRST: Final = {"type": 0, "name": 1, "template": 2, "built_in": 3, "id": 4}


@dataclass(frozen=True, slots=True)
class Leaf:
    """The smallest part of a field change that is worth a line of its own."""

    path: Path
    before: Any
    after: Any


def is_secret(change: FieldChange) -> bool:
    """Also when whoever made the change forgot to say so."""
    return change.secret or _secret_at(change.path)


def sides(change: FieldChange) -> tuple[Any, Any]:
    """Before and after without secret values; of a secret only its reference is left."""
    if is_secret(change):
        return _reference(change.before), _reference(change.after)
    return masked(change.before, change.path), masked(change.after, change.path)


def masked(value: Any, path: Path = ()) -> Any:
    """A value in which no literal stands where the API takes a secret."""
    if isinstance(value, Mapping):
        kept = {str(k): masked(v, (*path, str(k))) for k, v in value.items()}
        return {key: kept[key] for key in sorted(kept, key=_rank) if kept[key] is not ABSENT}
    if isinstance(value, (list, tuple)):
        return [masked(item, path) for item in value if item is not ABSENT]
    if _secret_at(path) and isinstance(value, (str, int, float)):
        return MASK
    return value


def plain(value: Any) -> Any:
    """The same as JSON knows it: references as objects, absent as null, keys sorted."""
    if isinstance(value, Mapping):
        return {str(k): plain(value[k]) for k in sorted(value, key=str)}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, SecretRef):
        return {value.source: value.name}
    if value is ABSENT or value is None:
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if isinstance(value, (bool, int, float)) else str(value)


def shown(value: Any) -> str:
    """A value on one line, close to how YAML's flow style writes it."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{inline(str(k))}: {shown(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(shown, value)) + "]"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, SecretRef):
        return f"{MASK} from {inline(value.name)}"
    return _WORDS.get(repr(value)) or inline(str(value))


_WORDS: Final = {"ABSENT": "absent", "None": "null", "True": "true", "False": "false"}


def dotted(path: Path) -> str:
    """A path as people write it: `tools.check_order.url`."""
    return inline(".".join(path))


def children(path: Path, value: Any) -> dict[str, Any] | None:
    """The parts of a value by name, or None where it is best shown whole."""
    if path == ("tools",) and isinstance(value, Mapping):
        value = list(value.values())  # planning keys tools by id; people know them by name
    if isinstance(value, Mapping):
        return dict(value) or None
    if not isinstance(value, list) or not value or not all(isinstance(i, Mapping) for i in value):
        return None
    if path == ("tools",):
        return dict(zip(labels(value), value, strict=True))
    if path == ("runtime_variables",):
        return {str(item.get("name", index)): item for index, item in enumerate(value)}
    return None


def leaves(path: Path, before: Any, after: Any) -> list[Leaf]:
    """What differs, as deep as both sides go."""
    return list(_leaves(path, before, after)) or [Leaf(path, before, after)]


def _leaves(path: Path, before: Any, after: Any) -> Iterator[Leaf]:
    left, right = children(path, before), children(path, after)
    if left is None or right is None:
        yield Leaf(path, before, after)
        return
    for key in sorted(left.keys() | right.keys(), key=_rank):
        old, new = left.get(key, ABSENT), right.get(key, ABSENT)
        if not same(old, new):
            yield from _leaves((*path, key), old, new)


def _rank(key: str) -> tuple[int, str]:
    return (_FIRST.get(key, len(_FIRST)), key)


def _reference(value: Any) -> Any:
    return value if isinstance(value, SecretRef) else ABSENT


def _secret_at(path: Path) -> bool:
    if path[-1:] == (RUNTIME_KEY,):
        return True
    return path[-2:-1] == ("auth",) and path[-1] in _AUTH_SECRETS
