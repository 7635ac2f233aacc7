"""JSON values, made safe to show: secrets masked by field, absent told from null and from empty."""

import math
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from reconciler.model.change import FieldChange
from reconciler.model.fields import RUNTIME_KEY, SECRET_KEYS
from reconciler.model.identity import labels
from reconciler.model.values import ABSENT, Path, SecretRef, same
from reconciler.nouns import noun
from reconciler.report.escaping import inline, quoted
from reconciler.report.look import columns

MASK: Final = "(secret)"
_AUTH_SECRETS: Final = frozenset(SECRET_KEYS.values())
_SECRETS: Final = _AUTH_SECRETS | {RUNTIME_KEY}
_TELLING: Final = ("type", "name", "template", "built_in", "id")
_FIRST: Final = frozenset(_TELLING)
_SIMPLE: Final = frozenset({int, float, bool, type(None)})
"""Told by their type: whether something is a `Mapping` takes long to find out."""
_SCALARS: Final = _SIMPLE | {str}


@noun
class Leaf:
    """The smallest part of a field change that is worth a line of its own."""

    path: Path
    before: Any
    after: Any


def is_secret(change: FieldChange) -> bool:
    """Also when whoever made the change forgot to say so."""
    return change.secret or _takes_secret(*_place(change.path))


def sides(change: FieldChange) -> tuple[Any, Any]:
    """Before and after without secret values; of a secret only its reference is left."""
    if is_secret(change):
        return _reference(change.before), _reference(change.after)
    return masked(change.before, change.path), masked(change.after, change.path)


def masked(value: Any, path: Path = ()) -> Any:
    """A value in which no literal stands where the API takes a secret."""
    return _masked(value, *_place(path))


def _masked(value: Any, around: str, name: str) -> Any:
    if isinstance(value, (str, int, float)):
        return MASK if _takes_secret(around, name) else value
    if isinstance(value, (list, tuple)):
        return [_masked(item, around, name) for item in value if item is not ABSENT]
    if isinstance(value, (dict, Mapping)):  # a dict is told by itself far faster
        return {
            # Most are texts and numbers where the API takes no secret.
            key: part
            if type(part) in _SCALARS and key not in _SECRETS
            else _masked(part, name, key)
            for key in _ranked(value)
            if (part := value[key]) is not ABSENT
        }
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


def shown(value: Any, room: float = math.inf) -> str:
    """A value on one line, close to how YAML's flow style writes it.

    What takes more than `room` columns may lack whatever lies beyond them.
    """
    if isinstance(value, str):
        return quoted(value)
    if type(value) in _SIMPLE:
        return _WORDS.get(str(value)) or str(value)
    if isinstance(value, (list, tuple)):
        return f"[{_joined((('', part) for part in value), room)}]"
    if isinstance(value, (dict, Mapping)):  # a dict is told by itself far faster
        return f"{{{_joined(value.items(), room, ': ')}}}"
    if isinstance(value, SecretRef):
        return f"{MASK} from {inline(value.name)}"
    return _WORDS.get(repr(value)) or inline(str(value))


_WORDS: Final = {"ABSENT": "absent", "None": "null", "True": "true", "False": "false"}


def _joined(parts: Iterable[tuple[object, Any]], room: float, colon: str = "") -> str:
    texts = []
    for name, part in parts:
        text = quoted(part) if type(part) is str else shown(part, room)
        if colon:
            text = f"{_label(str(name))}{colon}{text}"
        texts.append(text)
        room -= columns(text)
        if room < 0:
            break
    return ", ".join(texts)


@lru_cache(maxsize=4096)  # those of one agent are those of the next
def dotted(path: Path) -> str:
    """A path as people write it: `tools.check_order.url`."""
    return inline(".".join(path))


@lru_cache(maxsize=4096)
def _label(name: str) -> str:
    return inline(name)


def children(path: Path, value: Any) -> dict[str, Any] | None:
    """The parts of a value by name, or None where it is best shown whole."""
    if isinstance(value, str):
        return None
    if path == ("tools",) and isinstance(value, Mapping):
        value = list(value.values())  # planning keys tools by id; people know them by name
    if isinstance(value, (dict, Mapping)):
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
    for key in _ranked(left.keys() | right.keys()):
        old, new = left.get(key, ABSENT), right.get(key, ABSENT)
        if not same(old, new):
            yield from _leaves((*path, key), old, new)


def _ranked(keys: Iterable[str]) -> tuple[str, ...]:
    """By the alphabet, but what tells a tool from others first."""
    return _ranking(tuple(keys))


@lru_cache(maxsize=4096)  # few objects of a fleet have keys of their own
def _ranking(keys: tuple[str, ...]) -> tuple[str, ...]:
    first = [key for key in _TELLING if key in keys]
    return (*first, *sorted(key for key in keys if key not in _FIRST))


def _reference(value: Any) -> Any:
    return value if isinstance(value, SecretRef) else ABSENT


def _place(path: Path) -> tuple[str, str]:
    """The last two steps of a path, by which the place of a secret is told."""
    return path[-2] if len(path) > 1 else "", path[-1] if path else ""


def _takes_secret(around: str, name: str) -> bool:
    return name == RUNTIME_KEY or (name in _AUTH_SECRETS and around == "auth")
