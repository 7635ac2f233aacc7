"""An agent as it was, from what the history kept of it."""

from dataclasses import replace

import pytest

from reconciler.journeys.restored import restored
from reconciler.model.change import Action
from reconciler.model.desired import DesiredAgent
from reconciler.model.ledger import HistoryEntry
from reconciler.model.values import ABSENT
from tests.fakes import computed_nudges
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


WRITTEN = dict.fromkeys(("first_nudge_text", "second_nudge_text", "final_hangup_text"), "Hello?")


def deleted(fleet: Fleet, **live: object) -> DesiredAgent:
    """The agent as it was before a delete, after somebody set some fields live."""
    fleet.apply(spec(), spec("other"))
    agent_id = fleet.ledger.read().records["desk"].agent_id
    fleet.store.agents[agent_id] |= live
    fleet.apply(spec("other"))
    (entry,) = (each for each in fleet.ledger.history if each.before is not None)
    return made_again(entry)


def made_again(entry: HistoryEntry) -> DesiredAgent:
    return restored(entry, "desk", spec=None, record=None, runtime_key=None)


@pytest.mark.parametrize("killed", [False, True])
@pytest.mark.parametrize("written", [False, True])
def test_nudges_of_an_agent_made_again_are_the_apis_if_they_were(
    *, killed: bool, written: bool
) -> None:
    fleet = Fleet()
    was = deleted(fleet, **({"idle_nudges": WRITTEN} if written else {}))
    if killed:
        fleet.carry_out_until_killed(fleet.plan(was, spec("other")), 1)
    assert fleet.apply(was, spec("other")).exit_code == 0
    assert fleet.plan(spec(), spec("other")).changes == ()
    fleet.apply(spec(language="de"), spec("other"))
    agent = fleet.store.agents[fleet.ledger.read().records["desk"].agent_id]
    expected = WRITTEN if written else computed_nudges("de")
    assert {name: agent["idle_nudges"][name] for name in expected} == expected


def test_what_an_older_ledger_does_not_say_was_the_repos_is_left_live() -> None:
    fleet = Fleet()
    was = deleted(fleet, enable_interruptions=False)
    (entry,) = (each for each in fleet.ledger.history if each.before is not None)
    was = made_again(replace(entry, declared=(), computed=()))
    assert fleet.apply(was, spec("other")).exit_code == 0
    assert fleet.plan(spec(), spec("other")).changes == ()


def test_an_agent_that_has_the_name_by_now_keeps_what_was_never_the_repos() -> None:
    fleet = Fleet()
    was = deleted(fleet, enable_interruptions=False)
    fleet.store.add("Desk", **spec(greeting="Mine").declared)
    (change,) = fleet.plan(was, spec("other")).changes
    assert change.action is Action.ADOPT
    assert [field.path for field in change.fields] == [("greeting",)]
