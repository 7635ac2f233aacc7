"""Values on one line."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reconciler.report.look import columns, cut
from reconciler.report.values import shown
from tests.report.strategies import anything


@given(anything, st.integers(0, 60))
def test_a_value_shown_for_a_narrow_room_reads_there_as_the_whole_value_does(
    value: Any, room: int
) -> None:
    whole, narrow = shown(value), shown(value, room)
    assert cut(narrow, room) == cut(whole, room)
    assert narrow == whole or columns(narrow) > room
