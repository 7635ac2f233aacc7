"""What nouns share is what `dataclass` would have made for each."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.nouns import noun


@dataclass(frozen=True, slots=True)
class Made:
    a: object
    b: object = None
    hidden: object = field(default=None, repr=False)
    aside: object = field(default=None, compare=False)


@noun
class Shared:
    a: object
    b: object = None
    hidden: object = field(default=None, repr=False)
    aside: object = field(default=None, compare=False)


@noun
class Other:
    a: object


@noun
class Told:
    """Says itself how it looks."""

    a: object

    def __repr__(self) -> str:
        return "as it says"


@noun(slots=False, kw_only=True)
class Open:
    a: object


VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-2, 2)
    | st.floats(allow_nan=False)
    | st.text(max_size=2)
)
FIELDS = st.lists(VALUES, min_size=1, max_size=4)


@given(FIELDS, FIELDS)
def test_equality_hash_and_repr_are_those_of_a_dataclass(one: list[Any], two: list[Any]) -> None:
    assert (Shared(*one) == Shared(*two)) is (Made(*one) == Made(*two))
    assert (hash(Shared(*one)) == hash(Shared(*two))) is (hash(Made(*one)) == hash(Made(*two)))
    assert repr(Shared(*one)) == repr(Made(*one)).replace("Made", "Shared")


def test_another_kind_is_another_noun() -> None:
    others: list[object] = [Other(1), (1, None, None), None]
    assert Shared(1) not in others


def test_what_a_class_defines_itself_stays() -> None:
    assert repr(Told(1)) == "as it says"
    assert Told(1) == Told(1)
    assert Told(1) != Told(2)


def test_a_noun_has_slots_unless_it_is_told_otherwise() -> None:
    with pytest.raises(AttributeError, match="colour"):
        Shared(1).colour = "red"  # type: ignore[attr-defined]  # that is the point
    assert vars(Open(a=1)) == {"a": 1}
    with pytest.raises(TypeError, match="positional"):
        Open(1)  # type: ignore[call-arg]  # as above
