"""Nouns that are known by a mark, and read whole only when somebody asks for the rest of them.

Most agents of a fleet are as they were at the last look. Of those nobody wants more than what they
are called by, and to take apart what is written of them is most of what a plan takes.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

_T = TypeVar("_T", bound="Late")


class Late:
    """The base of a noun with slots. What `late` left out is filled in when asked for.

    A mark stands for the whole content that a noun was read from: two of one mark are the same.
    What is made by hand, or by `replace`, has none.
    """

    __slots__ = ("_mark", "_rest")

    @property
    def mark(self) -> str | None:
        """By what this very content is known again."""
        mark: str | None = _slot(self, "_mark")
        return mark

    if not TYPE_CHECKING:  # every field has its type where it is declared

        def __getattr__(self, name: str) -> Any:
            """Asked for a slot that is still empty: read the rest."""
            rest = _slot(self, "_rest")
            if rest is not None:
                whole = rest()
                for slot in type(self).__slots__:
                    object.__setattr__(self, slot, getattr(whole, slot))
                object.__setattr__(self, "_rest", None)  # what it was read from may go
            return object.__getattribute__(self, name)


def late(kind: type[_T], mark: str | None, rest: Callable[[], _T], **known: object) -> _T:
    """A noun of which so much is `known`; `rest` reads it whole."""
    made = object.__new__(kind)
    for name, value in known.items():
        object.__setattr__(made, name, value)
    object.__setattr__(made, "_rest", rest)
    return marked(made, mark)


def marked(noun: _T, mark: str | None) -> _T:
    """The same noun, known by a mark from now on."""
    object.__setattr__(noun, "_mark", mark)
    return noun


def _slot(noun: Late, name: str) -> Any:
    try:
        return object.__getattribute__(noun, name)
    except AttributeError:
        return None
