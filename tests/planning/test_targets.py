"""`--target`: only these keys, and each must mean something."""

from contextlib import suppress
from dataclasses import replace

import pytest

from reconciler.errors import UsageError
from reconciler.planning import make_plan
from tests.fakes import Killed
from tests.world import Fleet, spec


def planned(fleet: Fleet, *targets: str) -> list[str]:
    inputs = fleet.inputs([spec("desk"), spec("support/router", name="Router")])
    return [change.key for change in make_plan(replace(inputs, targets=frozenset(targets))).changes]


def test_only_what_is_asked_for_is_planned() -> None:
    assert planned(Fleet(), "support/router") == ["support/router"]


def test_a_key_whose_spec_is_gone_can_be_asked_for() -> None:
    fleet = Fleet()
    fleet.apply(spec("old", name="Old"))
    assert planned(fleet, "old") == ["old"]


@pytest.mark.parametrize(
    ("target", "hint"),
    [
        ("suport/router", "did you mean 'support/router'?"),
        ("agents/support/router.yaml", "did you mean 'support/router'?"),
        ("", "a key is"),
        ("x", "a key is"),
    ],
)
def test_a_key_that_nobody_has_is_refused(target: str, hint: str) -> None:
    with pytest.raises(UsageError, match="no spec and no applied agent") as refused:
        planned(Fleet(), "desk", target)
    assert hint in (refused.value.hint or "")


def test_an_intent_to_create_that_nobody_wants_any_more_is_withdrawn() -> None:
    fleet = Fleet()
    fleet.store.dies_after = 0
    with suppress(Killed):
        fleet.apply(spec("gone", name="Gone"))
    fleet.store.dies_after = None
    assert list(fleet.ledger.read().intents) == ["gone"]
    plan = fleet.plan(spec("desk"))
    assert plan.stale == ("gone",)
    assert fleet.plan(spec("gone", name="Gone")).stale == ()
    fleet.apply(spec("desk"))
    assert fleet.ledger.read().intents == {}
    fleet.store.add("Gone", **spec("gone", name="Gone").declared)
    assert [agent.name for agent in fleet.plan(spec("desk")).unmanaged] == ["Gone"]
