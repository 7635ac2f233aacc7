"""Frozen dataclasses that are quick to define and to make.

`dataclass(frozen=True)` compiles six functions for each class, a millisecond a class on a slow
machine, and sets each field of each instance by its name. Some eighty classes are defined before
a plan begins, and a fleet is ten thousands of instances. A noun compiles its `__init__` alone,
which fills the slots directly; all else is shared, in the words of `dataclass`.
"""

from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
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
    """Make the class a frozen dataclass. A method that it defines itself stays.

    A field that `__init__` does not take is for `__post_init__` to fill.
    """

    def made(kind: type[_T]) -> type[_T]:
        # Without a docstring, dataclass would look for a signature to put there.
        kind.__doc__ = kind.__doc__ or kind.__name__
        for name, shared in (_SHARED | _OF_SLOTS if slots else _SHARED).items():
            if vars(kind).get(name) is None:
                setattr(kind, name, shared)
        whole = dataclass(init=False, eq=False, repr=False, kw_only=kw_only, slots=slots)(kind)
        setattr(whole, "__init__", _init_of(whole, slots=slots))  # noqa: B010  # it had none
        return whole

    return made if kind is None else made(kind)


def _init_of(kind: Any, *, slots: bool) -> Any:
    """The function that fills an instance, with the parameters that `dataclass` gives it."""
    known: dict[str, Any] = {"_missing": MISSING}
    given = [each for each in fields(kind) if each.init]
    first = [_parameter(each, known) for each in given if not each.kw_only]
    by_name = [_parameter(each, known) for each in given if each.kw_only]
    head = ", ".join(["self", *first, *(["*", *by_name] if by_name else [])])
    body = [_filling(each, kind, known, slots=slots) for each in given]
    if hasattr(kind, "__post_init__"):
        body.append("self.__post_init__()")
    lines = [f"def made({', '.join(known)}):", f" def __init__({head}):"]
    lines += [f"  {line}" for line in body or ["pass"]]
    space: dict[str, Any] = {}
    exec("\n".join([*lines, " return __init__"]), space)  # noqa: S102  # as dataclass does it
    return space["made"](**known)


def _parameter(each: "Field[Any]", known: dict[str, Any]) -> str:
    if each.default is not MISSING:
        known[f"_default_{each.name}"] = each.default
        return f"{each.name}=_default_{each.name}"
    return each.name if each.default_factory is MISSING else f"{each.name}=_missing"


def _filling(each: "Field[Any]", kind: Any, known: dict[str, Any], *, slots: bool) -> str:
    value = each.name
    if each.default_factory is not MISSING:
        known[f"_new_{each.name}"] = each.default_factory
        value = f"_new_{each.name}() if {each.name} is _missing else {each.name}"
    if not slots:
        return f"self.__dict__[{each.name!r}] = {value}"
    known[f"_set_{each.name}"] = getattr(kind, each.name).__set__
    return f"_set_{each.name}(self, {value})"


def _equal(one: Any, other: Any) -> bool:
    if other.__class__ is not one.__class__:
        return NotImplemented  # type: ignore[no-any-return]  # as in any `__eq__`
    return _compared(one) == _compared(other)


def _hash(one: Any) -> int:
    return hash(_compared(one))


def _repr(one: Any) -> str:
    shown = (f"{name}={getattr(one, name)!r}" for name in _names(one).shown)
    return f"{one.__class__.__qualname__}({', '.join(shown)})"


def _refuse_to_set(_one: Any, name: str, _value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_one: Any, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _state(one: Any) -> list[Any]:
    return [getattr(one, name) for name in _names(one).all]


def _restore(one: Any, state: list[Any]) -> None:
    for name, value in zip(_names(one).all, state, strict=True):
        object.__setattr__(one, name, value)


_SHARED: Final = {
    "__eq__": _equal,
    "__hash__": _hash,
    "__repr__": _repr,
    "__setattr__": _refuse_to_set,
    "__delattr__": _refuse_to_delete,
}
_OF_SLOTS: Final = {"__getstate__": _state, "__setstate__": _restore}


def _compared(one: Any) -> tuple[Any, ...]:
    return tuple(getattr(one, name) for name in _names(one).compared)


class _Names(NamedTuple):
    """Of the fields of a class: all, those that count for equality, and those that are shown."""

    all: tuple[str, ...]
    compared: tuple[str, ...]
    shown: tuple[str, ...]


_KNOWN: Final[dict[type, _Names]] = {}


def _names(one: Any) -> _Names:
    kind = type(one)
    if kind not in _KNOWN:
        _KNOWN[kind] = _Names(
            tuple(each.name for each in fields(kind)),
            tuple(each.name for each in fields(kind) if each.compare),
            tuple(each.name for each in fields(kind) if each.repr),
        )
    return _KNOWN[kind]
