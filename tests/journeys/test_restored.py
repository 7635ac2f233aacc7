"""An agent as it was, from what the history kept of it."""

import pytest

from reconciler.journeys.restored import restored
from reconciler.model.desired import DesiredAgent
from reconciler.model.values import ABSENT
from tests.world import Fleet, spec


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (spec(pin="canary", greeting="two"), "canary"),
        (spec(greeting="two"), ABSENT),
        (None, ABSENT),
    ],
    ids=["git says it", "git says it no more", "there is no spec"],
)
@pytest.mark.parametrize("answered", [{}, {"pin": None}])
def test_a_write_only_field_stays_what_git_says(
    now: DesiredAgent | None, expected: object, answered: dict[str, None]
) -> None:
    fleet = Fleet()
    fleet.store.distort = lambda d: {k: v for k, v in d.items() if k != "pin"} | answered
    for greeting in ("one", "two"):
        fleet.apply(spec(pin="canary", greeting=greeting))
    (entry,) = (each for each in fleet.ledger.history if each.before is not None and each.fields)
    record = fleet.ledger.read().records["desk"]
    was = restored(entry, "desk", spec=now, record=record, runtime_key=None)
    assert was.declared["greeting"] == "one"
    assert was.declared.get("pin", ABSENT) == expected
