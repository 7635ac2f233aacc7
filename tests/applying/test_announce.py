"""A ledger far away is told at once what is coming (DESIGN.md 8: in batches)."""

from reconciler.errors import LiveError
from reconciler.model.ledger import HistoryEntry
from tests.world import Fleet, spec


def three() -> Fleet:
    """A fleet of `kept`, `old` and `swap`."""
    fleet = Fleet()
    fleet.apply(spec("kept"), spec("old"), spec("swap"))
    fleet.ledger.history.clear()
    fleet.ledger.intended.clear()
    return fleet


WANTED = (spec("kept", greeting="Hi!"), spec("new"), spec("swap"))


def documents(entries: list[HistoryEntry]) -> list[HistoryEntry]:
    return [entry for entry in entries if entry.before is not None]


def test_what_is_announced_is_what_is_said_later() -> None:
    fleet = three()
    assert fleet.apply(*WANTED).exit_code == 0
    intents, entries = fleet.ledger.announced
    assert [(i.key, i.kind) for i in intents] == [("new", "create"), ("old", "delete")]
    assert intents == fleet.ledger.intended
    assert [e.key for e in entries] == ["kept", "old"]
    assert entries == documents(fleet.ledger.history)


def test_a_parked_agent_is_announced_as_it_was() -> None:
    fleet = three()
    outcome = fleet.apply(spec("kept", name="Swap"), spec("old"), spec("swap", name="Kept"))
    assert outcome.exit_code == 0
    _, entries = fleet.ledger.announced
    assert {e.key: (e.before or {})["name"] for e in entries} == {"kept": "Kept", "swap": "Swap"}
    said = sorted(documents(fleet.ledger.history), key=lambda e: e.key)
    assert sorted(entries, key=lambda e: e.key) == said


def test_what_is_barred_is_not_announced() -> None:
    fleet = three()
    fleet.carry_out(fleet.plan(*WANTED), left_out=["new", "old"])
    intents, entries = fleet.ledger.announced
    assert (intents, [e.key for e in entries]) == ([], ["kept"])
    fleet.ledger.announced = ([], [])
    fleet.carry_out(fleet.plan(*WANTED), stopped=True)
    assert fleet.ledger.announced == ([], [])


def test_the_create_that_proves_the_organisation_goes_before_and_is_not_announced() -> None:
    fleet = Fleet()
    fleet.apply(spec("a"), spec("b"), proves=fleet.store.organisation_id)
    intents, _ = fleet.ledger.announced
    assert [i.key for i in intents] == ["b"]
    assert [i.key for i in fleet.ledger.intended] == ["a", "b"]


def test_a_ledger_that_can_not_be_told_ends_the_apply_before_the_first_write() -> None:
    fleet = three()
    fleet.ledger.breaks_at = "prepare"
    written = len(fleet.store.writes)
    outcome = fleet.apply(*WANTED)
    assert {str(o.result) for o in outcome.changes} == {"not_started"}
    assert (outcome.ledger_error, outcome.exit_code) == ("the disk is full", 1)
    assert len(fleet.store.writes) == written


def test_a_swap_that_failed_half_way_is_finished_by_the_next_apply() -> None:
    fleet = three()
    swapped = spec("kept", name="Swap"), spec("old"), spec("swap", name="Kept")
    fleet.store.failing = {"PUT": LiveError("no", status=500)}
    fleet.apply(*swapped)
    fleet.store.failing = {}
    assert fleet.apply(*swapped).exit_code == 0
    names = {key: record.name for key, record in fleet.ledger.read().records.items()}
    assert names == {"kept": "Swap", "old": "Old", "swap": "Kept"}
