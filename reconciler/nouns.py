"""Dataclasses that are quick to define and to make.

`dataclass(frozen=True)` compiles seven functions for each class, a millisecond a class on a slow
machine, and sets each field of each instance through a call. Some seventy classes are defined
before a plan begins. A noun compiles its `__init__` alone; equality, hash and repr are shared, and
that nothing is assigned to it later is for the type checker to see.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeVar, dataclass_transform, overload

_T = TypeVar("_T")


@overload
def noun(kind: type[_T], /) -> type[_T]: ...
@overload
def noun(*, kw_only: bool = False, slots: bool = True) -> Callable[[type[_T]], type[_T]]: ...
@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def noun(
    kind: type[_T] | None = None, /, *, kw_only: bool = False, slots: bool = True
) -> type[_T] | Callable[[type[_T]], type[_T]]:
    """Make the class a dataclass of values; a method that it defines itself stays."""

    def made(kind: type[_T]) -> type[_T]:
        # Without a docstring, dataclass would look for a signature to put there.
        kind.__doc__ = kind.__doc__ or kind.__name__
        for name, shared in _SHARED.items():
            if name not in vars(kind) or vars(kind)[name] is None:
                setattr(kind, name, shared)
        return dataclass(eq=False, repr=False, kw_only=kw_only, slots=slots)(kind)

    return made if kind is None else made(kind)


def _equal(noun: Any, other: Any) -> bool:
    if other.__class__ is not noun.__class__:
        return NotImplemented  # type: ignore[no-any-return]  # as in any `__eq__`
    return _compared(noun) == _compared(other)


def _hash(noun: Any) -> int:
    return hash(_compared(noun))


def _repr(noun: Any) -> str:
    shown = (f"{name}={getattr(noun, name)!r}" for name in _names(noun).shown)
    return f"{noun.__class__.__qualname__}({', '.join(shown)})"


_SHARED: Final = {"__eq__": _equal, "__hash__": _hash, "__repr__": _repr}


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
