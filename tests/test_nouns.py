"""What nouns share is what `dataclass` would have made for each."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reconciler.nouns import Noun


@dataclass(frozen=True, slots=True)
class Made:
    a: object
    b: object = None
    hidden: object = field(default=None, repr=False)
    aside: object = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Shared(Noun):
    a: object
    b: object = None
    hidden: object = field(default=None, repr=False)
    aside: object = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Other(Noun):
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
    assert Shared(1) != Other(1)
    assert Shared(1) != (1, None, None)
