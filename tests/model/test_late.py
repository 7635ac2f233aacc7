"""A noun that is read late is the noun that would have been read at once."""

import copy
from dataclasses import field, replace

import pytest

from reconciler.model.late import Late, late, marked
from reconciler.nouns import noun


@noun
class Note(Late):
    """As the nouns are that know it."""

    key: str
    text: str = ""
    tags: dict[str, int] = field(default_factory=dict)
    source: object = field(default=None, compare=False, repr=False)


class Shelf:
    """Counts how often somebody reads."""

    def __init__(self) -> None:
        self.read = 0

    def note(self) -> Note:
        self.read += 1
        return Note("a", "long", {"x": 1})


def test_what_is_known_is_told_without_reading_and_the_rest_is_read_once() -> None:
    shelf = Shelf()
    note = late(Note, "mark", shelf.note, key="a")
    assert (note.key, note.mark, shelf.read) == ("a", "mark", 0)
    assert (note.text, note.tags, note.source, shelf.read) == ("long", {"x": 1}, None, 1)
    assert note.key == "a"


def test_a_late_noun_equals_shows_and_hashes_like_one_that_was_made_at_once() -> None:
    def another() -> Note:
        return late(Note, None, Shelf().note, key="a")

    assert another() == Note("a", "long", {"x": 1}, source="elsewhere")
    assert another() != Note("a", "long", {"x": 2})
    assert another() != object()
    assert repr(another()) == "Note(key='a', text='long', tags={'x': 1})"


def test_a_changed_copy_has_no_mark_and_keeps_its_own_values() -> None:
    note = late(Note, "mark", Shelf().note, key="a")
    other = replace(note, text="short")
    assert (other.mark, other.text, other.tags) == (None, "short", {"x": 1})
    assert marked(Note("a"), "m").mark == "m"
    for again in (copy.copy(note), copy.deepcopy(note)):
        assert (again, again.mark) == (note, None)
    assert Note("a").mark is None


def test_what_can_not_be_read_says_so_each_time() -> None:
    def damaged() -> Note:
        raise ValueError("torn")

    note = late(Note, "mark", damaged, key="a")
    for _ in range(2):
        with pytest.raises(ValueError, match="torn"):
            _ = note.text


def test_what_no_noun_has_is_an_error_as_ever() -> None:
    with pytest.raises(AttributeError, match="colour"):
        _ = Note("a").colour  # type: ignore[attr-defined] # that is the point
    with pytest.raises(AttributeError, match="colour"):
        _ = late(Note, "mark", Shelf().note, key="a").colour  # type: ignore[attr-defined] # as above
