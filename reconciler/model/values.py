"""JSON documents and the three things they need: absence, strict equality, a digest."""

import hashlib
import json
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final, Literal, TypeAlias

from reconciler.nouns import noun
from reconciler.patterns import pattern

Document: TypeAlias = dict[str, Any]
"""A JSON object. In desired documents a `SecretRef` may stand where the API takes a secret."""

Path: TypeAlias = tuple[str, ...]
"""Where a value stands in a document: ("models", "tts_voice"), ("tools", "check_order", "url")."""


class _Absent(Enum):
    ABSENT = "absent"

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent.ABSENT
"""Not there at all; null is a value, and so is an empty list."""


ENV_NAME: Final = r"^[A-Za-z_][A-Za-z0-9_]*$"
"""What an environment variable may be called."""


@noun
class SecretRef:
    """Where a secret is found when it is needed; the value itself is never in the model."""

    source: Literal["env", "file"]
    name: str

    def __str__(self) -> str:
        return f"{self.source}:{self.name}"

    def __lt__(self, other: "SecretRef") -> bool:
        if not isinstance(other, SecretRef):
            return NotImplemented
        return (self.source, self.name) < (other.source, other.name)


def same(left: object, right: object) -> bool:
    """JSON equality: `1` equals `1.0`, but `True` does not equal `1`; order of keys is nothing."""
    if left is right:
        return True
    return bool(left == right) and _of_one_kind(left, right)


def _of_one_kind(left: Any, right: Any) -> bool:
    """Whether two equal values are `True` or `False` in the same places.

    Every plan compares every value of every agent, so this is a walk with few steps: most values
    are text, and a value that both sides share is as itself.
    """
    if type(left) is dict:
        for key, value in left.items():
            if type(value) is not str and value is not None:
                other = right[key]
                if value is not other and not _of_one_kind(value, other):
                    return False
    elif type(left) is list:
        for value, other in zip(left, right, strict=True):
            if value is not other and not _of_one_kind(value, other):
                return False
    else:
        return (type(left) is bool) is (type(right) is bool)
    return True


def lookup(document: object, path: Path) -> Any:
    """The value at a path, or ABSENT."""
    for step in path:
        # A dict is told by itself far faster.
        if not isinstance(document, (dict, Mapping)) or step not in document:
            return ABSENT
        document = document[step]
    return document


def set_path(document: Document, path: Path, value: object) -> Document:
    """A copy of a document with the value at a path replaced; ABSENT takes it out."""
    head, rest = path[0], path[1:]
    inner = document.get(head)
    if not rest:
        without = {k: v for k, v in document.items() if k != head}
        return without if value is ABSENT else {**document, head: value}
    if not isinstance(inner, dict):
        if value is ABSENT:  # what is not there need not be taken out
            return document
        inner = {}
    return {**document, head: set_path(inner, rest, value)}


def digest(document: object) -> str:
    """The SHA-256 of a document's canonical JSON: the same on every machine."""
    return hashlib.sha256(canonical(document).encode()).hexdigest()


class Canonical(str):
    """A document as JSON that is the same for all that is the same."""

    __slots__ = ()


def canonical(document: object) -> Canonical:
    """Whole floats are written as integers, because `1` and `1.0` are one JSON number."""
    if isinstance(document, Canonical):
        return document
    text = _JSON.encode(document)
    if _WHOLE_FLOAT.search(text) or "e+" in text:  # or a text that reads like one, no harm done
        text = _JSON.encode(_with_integers(document))
    return Canonical(text)


def canonical_object(parts: Mapping[str, object]) -> Canonical:
    """An object, from parts of which some are canonical already: to write them is what costs."""
    pairs = (f"{canonical(name)}:{canonical(parts[name])}" for name in sorted(parts))
    return Canonical(f"{{{','.join(pairs)}}}")


_WHOLE_FLOAT: Final = pattern(r"\.0(?:[],}]|$)")


def _plain(value: object) -> object:
    if isinstance(value, SecretRef):
        return {"secret": str(value)}
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(value)


_JSON: Final = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), default=_plain, check_circular=False
)


_SIDES: Final = ("spec", "live", "ledger", "settings")


def rests_on(*, spec: object, live: object, ledger: object, settings: object) -> str:
    """A change's digest: one part for each side it rests on, so that it can be said what moved."""
    return "-".join(digest(side)[:16] for side in (spec, live, ledger, settings))


def moved_sides(reviewed: str, now: str) -> list[str]:
    """Which sides differ between two digests of `rests_on`; all of them if one is none."""
    before, after = reviewed.split("-"), now.split("-")
    if len(before) != len(_SIDES) or len(after) != len(_SIDES):
        return list(_SIDES)
    return [side for side, b, a in zip(_SIDES, before, after, strict=True) if b != a]


def _with_integers(value: object) -> object:
    if isinstance(value, (dict, Mapping)):  # a dict is told by itself far faster
        return {k: v if type(v) is str else _with_integers(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_with_integers(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
