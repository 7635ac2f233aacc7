"""A live value as a spec would ask for it."""

import pytest

from reconciler.model.change import FieldChange, Origin
from reconciler.model.values import ABSENT
from reconciler.specs.editing import Unpullable, with_live


def test_of_two_new_tools_with_one_name_the_first_gets_its_id_at_once() -> None:
    live = [{"type": "template", "template": "hangup", "id": f"{n}-1"} for n in range(2)]
    change = FieldChange(("tools", "hangup#1-1"), live[1], ABSENT, Origin.DRIFT)
    assert with_live({"tools": []}, change, [], live)["tools"] == [live[1]]
    alone = FieldChange(("tools", "hangup"), live[1], ABSENT, Origin.DRIFT)
    slim = {"type": "template", "template": "hangup"}
    assert with_live({"tools": []}, alone, [], live[1:])["tools"] == [slim]
    with pytest.raises(Unpullable):
        with_live({"tools": []}, change, [], live[1:])
