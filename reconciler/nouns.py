"""What all nouns share: equality, hash and repr.

`dataclass` compiles these for each class anew, with the rest half a millisecond a class. Some
sixty are made before a plan begins, so most are made with `eq=False, repr=False` and have them
from here: the same words, a third of the time.
"""

from typing import Any, Final, NamedTuple


class Noun:
    """The base of a dataclass made with `eq=False, repr=False`; they are as it would make them."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return _compared(self) == _compared(other)

    def __hash__(self) -> int:
        return hash(_compared(self))

    def __repr__(self) -> str:
        shown = (f"{name}={getattr(self, name)!r}" for name in _names(self).shown)
        return f"{self.__class__.__qualname__}({', '.join(shown)})"


def _compared(noun: Any) -> tuple[Any, ...]:
    return tuple(getattr(noun, name) for name in _names(noun).compared)


class _Names(NamedTuple):
    """Of the fields of a class: those that count for equality, and those that are shown."""

    compared: tuple[str, ...]
    shown: tuple[str, ...]


_KNOWN: Final[dict[type, _Names]] = {}


def _names(noun: Any) -> _Names:
    kind = type(noun)
    if kind not in _KNOWN:
        fields = kind.__dataclass_fields__.values()
        _KNOWN[kind] = _Names(
            tuple(field.name for field in fields if field.compare),
            tuple(field.name for field in fields if field.repr),
        )
    return _KNOWN[kind]
