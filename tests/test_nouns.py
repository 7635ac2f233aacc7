"""What nouns share is what `dataclass` would have made for each."""

import pickle
from copy import copy, deepcopy
from dataclasses import FrozenInstanceError, asdict, dataclass, field, replace
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
    b: list[int] = field(default_factory=list)


@noun
class Derived:
    a: int
    twice: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "twice", 2 * self.a)


@noun
class Mixed:
    a: object
    c: object = field(kw_only=True)
    b: object = None


@noun
class Nothing:
    """It has no fields."""


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
    assert not hasattr(Shared(1), "__dict__")
    assert vars(Open(a=1)) == {"a": 1, "b": []}


@pytest.mark.parametrize("noun", [Shared(1), Open(a=1), Derived(3)], ids=repr)
def test_nothing_can_be_set_or_deleted(noun: Any) -> None:
    for name in ("a", "colour"):
        with pytest.raises(FrozenInstanceError, match=f"cannot assign to field '{name}'"):
            setattr(noun, name, 2)
        with pytest.raises(FrozenInstanceError, match=f"cannot delete field '{name}'"):
            delattr(noun, name)


@pytest.mark.parametrize("noun", [Shared([1], hidden=2), Open(a=[1]), Derived(3)], ids=repr)
def test_a_noun_can_be_copied_and_pickled(noun: Any) -> None:
    pickled = pickle.loads(pickle.dumps(noun))  # noqa: S301  # our own
    for again in (copy(noun), deepcopy(noun), pickled, replace(noun)):
        assert again == noun
        assert type(again) is type(noun)
        assert asdict(again) == asdict(noun)


def test_what_is_not_given_is_made_anew_for_each() -> None:
    one, other = Open(a=1), Open(a=1)
    assert (one.b, other.b) == ([], [])
    assert one.b is not other.b
    assert Open(a=1, b=one.b).b is one.b
    assert Derived(3).twice == 6
    assert Nothing() == Nothing()


@pytest.mark.parametrize("wrong", [(), (1, 2, 3, 4, 5)])
def test_it_takes_the_arguments_of_a_dataclass_and_no_others(wrong: tuple[int, ...]) -> None:
    for kind in (Made, Shared):
        with pytest.raises(TypeError, match="positional argument"):
            kind(*wrong)
        with pytest.raises(TypeError, match="unexpected keyword argument 'colour'"):
            kind(1, colour=2)  # type: ignore[call-arg]  # that is the point
    with pytest.raises(TypeError, match="positional"):
        Open(1)  # type: ignore[call-arg]  # as above
    assert Mixed(1, c=3, b=2) == Mixed(1, 2, c=3)
    with pytest.raises(TypeError, match="keyword-only argument: 'c'"):
        Mixed(1, 2)  # type: ignore[call-arg]  # as above
