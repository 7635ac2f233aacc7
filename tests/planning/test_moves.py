"""Files that take each other's places keep their agents, if they say so (DESIGN.md 5)."""

import pytest

from reconciler.model.change import Action
from reconciler.model.desired import DesiredAgent
from tests.planning.test_identity import actions, keyed
from tests.world import Fleet, spec


def moved(key: str, name: str, came_from: str | None = None) -> DesiredAgent:
    return keyed(spec(key, name=name), moved_from=came_from)


@pytest.fixture
def fleet() -> Fleet:
    """Two agents, `a` and `b`, named A and B."""
    made = Fleet()
    assert made.apply(moved("a", "A"), moved("b", "B")).exit_code == 0
    return made


CHAIN = [moved("b", "A", "a"), moved("c", "B", "b")]
SWAP = [moved("a", "B", "b"), moved("b", "A", "a")]


@pytest.mark.parametrize("files", [CHAIN, SWAP], ids=["a chain", "a swap"])
def test_every_file_keeps_its_agent(fleet: Fleet, files: list[DesiredAgent]) -> None:
    before = {agent["name"]: agent_id for agent_id, agent in fleet.store.agents.items()}
    written = list(fleet.store.writes)
    plan = fleet.plan(*files)
    assert [(c.key, c.action) for c in plan.changes] == [(f.key, Action.REKEY) for f in files]
    assert {c.name: c.agent_id for c in plan.changes} == before
    assert plan.warnings == ()
    assert fleet.carry_out(plan).exit_code == 0
    assert fleet.store.writes == written
    records = fleet.ledger.read().records
    assert {r.name: r.agent_id for r in records.values()} == before
    assert records.keys() == {file.key for file in files}
    after = fleet.plan(*files)
    assert after.changes == ()  # though the files still say where they came from
    told = [f.key for f in files if f.moved_from in records]
    assert [w.split(":")[0] for w in after.warnings if "take it out" in w] == told


def test_a_file_that_moved_on_without_a_word_is_found_by_its_name(fleet: Fleet) -> None:
    files = [moved("b", "A", "a"), moved("c", "B")]
    assert actions(fleet, *files) == [("b", Action.REKEY), ("c", Action.REKEY)]


def test_a_file_that_was_replaced_is_told_what_becomes_of_its_agent(fleet: Fleet) -> None:
    plan = fleet.plan(moved("b", "A", "a"))
    assert [(c.key, c.action) for c in plan.changes] == [("b", Action.REKEY)]
    (warning,) = plan.warnings
    assert "is for the next plan" in warning
    assert plan.unmanaged == ()


def test_without_a_word_of_it_the_plan_asks_whether_a_file_was_moved(fleet: Fleet) -> None:
    plan = fleet.plan(moved("b", "A"))
    assert {(c.key, c.action) for c in plan.changes} == {
        ("a", Action.DELETE),
        ("b", Action.UPDATE),
    }
    (warning,) = plan.warnings
    assert "say `moved_from: a`" in warning


@pytest.mark.parametrize(
    "files",
    [
        [moved("b", "A2", "a"), moved("c", "B2", "b")],
        [moved("b", "A", "a"), moved("c", "B2", "b")],
        [moved("a", "B", "b"), moved("b", "A2", "a")],
        [moved("a", "B2", "b"), moved("b", "A2", "a")],
        [moved("b", "A2", "a")],
    ],
    ids=["a chain", "half a chain", "half a swap", "a swap", "a file replaced"],
)
def test_renamed_at_once_nothing_is_taken_for_another_and_nothing_goes(
    fleet: Fleet, files: list[DesiredAgent]
) -> None:
    before = {agent["name"]: agent_id for agent_id, agent in fleet.store.agents.items()}
    plan = fleet.plan(*files)
    assert Action.DELETE not in {change.action for change in plan.changes}
    for change in plan.changes:
        renamed = change.name.endswith("2")
        assert (change.blocked is not None) is renamed
        assert renamed or change.agent_id == before[change.name]
    assert any("in a second apply" in str(change.blocked) for change in plan.changes)
    assert plan.unmanaged == ()


def test_what_a_file_still_says_of_an_old_move_is_no_matter_to_its_drift(fleet: Fleet) -> None:
    fleet.apply(*SWAP)
    agents = fleet.store.agents.values()
    next(agent for agent in agents if agent["name"] == "A")["name"] = "Renamed"
    assert actions(fleet, *SWAP) == [("b", Action.UPDATE)]
    (change,) = fleet.plan(*SWAP).changes
    assert change.blocked is None
