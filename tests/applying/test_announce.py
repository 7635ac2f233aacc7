"""The ledger is told what is coming, once and before the first write (DESIGN.md 8)."""

import pytest

from reconciler.errors import LedgerError, LiveError
from reconciler.model.change import Origin
from reconciler.model.ledger import PLANNED, HistoryEntry, Intent
from reconciler.model.values import Document
from tests.fakes import MemoryLedger
from tests.world import Fleet, project, spec

ONE, TWO = (f"3f1c9a52-7a60-4f2e-9a35-0a6f8b1a7c1{n}" for n in range(2))


def three() -> Fleet:
    """A fleet of `kept`, `old` and `swap`."""
    fleet = Fleet()
    fleet.apply(spec("kept"), spec("old"), spec("swap"))
    fleet.ledger.durable.clear()
    return fleet


WANTED = (spec("kept", greeting="Hi!"), spec("new"), spec("swap"))


def announced(fleet: Fleet) -> tuple[list[tuple[str, str]], dict[str, Document | None]]:
    """The intents, and the documents that will go, of the one durable block there was."""
    (block,) = fleet.ledger.durable
    intents = [(str(said.kind), said.key) for said in block if isinstance(said, Intent)]
    entries = [said for said in block if isinstance(said, HistoryEntry)]
    assert {entry.result for entry in entries} <= {PLANNED}
    return intents, {entry.key: entry.before for entry in entries}


def test_all_intents_and_documents_are_durable_at_once_and_before_the_first_write() -> None:
    fleet = three()
    before = {d["name"]: dict(d) for d in fleet.store.agents.values()}
    fleet.carry_out_until_killed(fleet.plan(*WANTED), 0)
    intents, documents = announced(fleet)
    assert intents == [("create", "new"), ("delete", "old")]
    kept, old = documents["kept"] or {}, documents["old"] or {}
    assert (kept["name"], kept["greeting"]) == ("Kept", before["Kept"]["greeting"])
    assert old["name"] == "Old"
    assert len(documents) == 2


def test_what_was_announced_is_not_said_durably_again() -> None:
    fleet = three()
    assert fleet.apply(*WANTED).exit_code == 0
    assert len(fleet.ledger.durable) == 1


def test_a_document_that_is_not_the_announced_one_is_durable_before_it_goes() -> None:
    fleet = three()
    plan = fleet.plan(*WANTED)
    (agent,) = (d for d in fleet.store.agents.values() if d["name"] == "Kept")
    agent["sip_inbound_trunk_id"] = None  # says no more than before, but says it
    assert fleet.carry_out(plan, workers=1).exit_code == 0
    _, said_again = fleet.ledger.durable
    (entry,) = said_again
    assert isinstance(entry, HistoryEntry)
    assert "sip_inbound_trunk_id" in (entry.before or {})


def test_the_fields_of_a_change_are_told_once() -> None:
    fleet = three()
    fleet.ledger.history.clear()
    fleet.apply(*WANTED)
    told = [entry.key for entry in fleet.ledger.history if entry.fields]
    assert sorted(told) == ["kept", "new"]


def test_a_parked_agent_is_announced_as_it_was() -> None:
    fleet = three()
    outcome = fleet.apply(spec("kept", name="Swap"), spec("old"), spec("swap", name="Kept"))
    assert outcome.exit_code == 0
    intents, documents = announced(fleet)
    assert intents == [("parking", "kept")]
    assert {key: (d or {})["name"] for key, d in documents.items()} == {
        "kept": "Kept",
        "swap": "Swap",
    }
    assert fleet.ledger.read().intents == {}


def test_what_is_barred_is_not_announced() -> None:
    fleet = three()
    fleet.carry_out(fleet.plan(*WANTED), left_out=["new", "old"])
    intents, documents = announced(fleet)
    assert (intents, list(documents)) == ([], ["kept"])
    fleet.ledger.durable.clear()
    fleet.carry_out(fleet.plan(*WANTED), stopped=True)
    assert fleet.ledger.durable == []


def test_what_was_announced_and_never_begun_is_not_on_its_way() -> None:
    fleet = three()
    fleet.store.failing = {"PUT": LiveError("no", status=500)}
    outcome = fleet.apply(
        spec("kept", greeting="Hi!"), spec("new"), spec("old"), workers=1, max_failures=1
    )
    assert [str(o.result) for o in outcome.changes] == ["failed", "not_started", "not_started"]
    assert {i.key for i in fleet.ledger.intended} >= {"new", "swap"}
    assert fleet.ledger.read().intents == {}


def test_the_create_that_proves_the_organisation_goes_before_and_is_not_announced() -> None:
    fleet = Fleet()
    fleet.apply(spec("a"), spec("b"), proves=fleet.store.organisation_id)
    blocks = [[(i.kind, i.key) for i in b if isinstance(i, Intent)] for b in fleet.ledger.durable]
    assert blocks == [[("create", "a")], [("create", "b")]]


def test_a_ledger_that_can_not_be_told_ends_the_apply_before_the_first_write() -> None:
    fleet = three()
    fleet.ledger.breaks_at = "intend"
    written = len(fleet.store.writes)
    outcome = fleet.apply(*WANTED)
    assert {str(o.result) for o in outcome.changes} == {"not_started"}
    assert (outcome.ledger_error, outcome.exit_code) == ("the disk is full", 1)
    assert len(fleet.store.writes) == written


class Choosy(MemoryLedger):
    """Can not be told of one intent."""

    def intend(self, intent: Intent) -> None:
        if intent.key == "f":
            raise LedgerError("the disk is full")
        super().intend(intent)


SEVEN = tuple(spec(key) for key in "abcdefg")


def test_of_a_long_plan_the_ledger_hears_of_each_change_before_its_own_write() -> None:
    fleet = Fleet()
    heard: list[bool] = []

    def made(document: Document) -> Document:
        durable = {said.key for block in fleet.ledger.durable for said in block}
        heard.append(document["name"].lower() in durable)
        return document

    fleet.store.distort = made
    assert fleet.apply(*SEVEN, announced_together=2, workers=1).exit_code == 0
    assert heard == [True] * 7
    blocks = [[i.key for i in b if isinstance(i, Intent)] for b in fleet.ledger.durable]
    assert blocks == [["a", "b"], ["c", "d"], ["e", "f"], ["g"]]
    assert fleet.ledger.read().intents == {}


def test_what_follows_a_word_that_the_ledger_did_not_take_is_not_started() -> None:
    fleet = Fleet(ledger=Choosy())
    outcome = fleet.apply(*SEVEN, announced_together=2)
    results = [str(one.result) for one in outcome.changes]
    assert results == [*["done"] * 4, *["not_started"] * 3]
    assert (outcome.ledger_error, outcome.exit_code) == ("the disk is full", 1)
    assert len(fleet.store.agents) == 4
    assert fleet.ledger.read().intents == {}


def test_what_was_announced_late_and_never_begun_is_not_on_its_way() -> None:
    fleet = Fleet()
    fleet.store.failing = {"POST": LiveError("no", status=422)}
    outcome = fleet.apply(*SEVEN, announced_together=1, workers=1, max_failures=1)
    assert [str(one.result) for one in outcome.changes] == ["failed", *["not_started"] * 6]
    assert fleet.ledger.read().intents == {}


@pytest.mark.parametrize("dies", [0, 1, 2, 3, 6])
def test_an_apply_killed_while_it_announces_is_finished_by_the_next_one(dies: int) -> None:
    fleet = Fleet()
    fleet.carry_out_until_killed(fleet.plan(*SEVEN), dies, announced_together=1, workers=2)
    assert fleet.apply(*SEVEN).exit_code == 0
    assert sorted(document["name"] for document in fleet.store.agents.values()) == list("ABCDEFG")
    assert fleet.ledger.read().intents == {}


@pytest.mark.parametrize("dies", [0, 1, 2, 3])
def test_a_trunk_parked_by_a_killed_apply_is_no_conflict_afterwards(dies: int) -> None:
    """Where a conflict stops the run, a person would have to clean up after us."""
    before = spec("a", sip_inbound_trunk_id=ONE), spec("b", sip_inbound_trunk_id=TWO)
    after = spec("a", sip_inbound_trunk_id=TWO), spec("b", sip_inbound_trunk_id=ONE)
    fleet = Fleet(project=project(on_conflict="stop", on_drift="stop"))
    fleet.apply(*before)
    plan = fleet.plan(*after)
    assert [c.parking for c in plan.changes if c.parking]
    fleet.carry_out_until_killed(plan, dies, workers=1)
    again = fleet.plan(*after)
    assert again.guards == ()
    assert {f.origin for c in again.changes for f in c.fields} <= {Origin.GIT}
    assert fleet.carry_out(again).exit_code == 0
    state = fleet.ledger.read()
    trunks = {k: r.answer["sip_inbound_trunk_id"] for k, r in state.records.items()}
    assert (trunks, state.intents) == ({"a": TWO, "b": ONE}, {})
    assert fleet.plan(*after).changes == ()


def test_a_park_that_is_clearly_refused_leaves_no_intent() -> None:
    fleet = Fleet()
    fleet.apply(spec("a", sip_inbound_trunk_id=ONE), spec("b", sip_inbound_trunk_id=TWO))
    fleet.store.failing = {"PATCH": LiveError("no", status=403)}
    fleet.apply(spec("a", sip_inbound_trunk_id=TWO), spec("b", sip_inbound_trunk_id=ONE))
    assert fleet.ledger.read().intents == {}


def test_a_swap_that_failed_half_way_is_finished_by_the_next_apply() -> None:
    fleet = three()
    swapped = spec("kept", name="Swap"), spec("old"), spec("swap", name="Kept")
    fleet.store.failing = {"PUT": LiveError("no", status=500)}
    fleet.apply(*swapped)
    fleet.store.failing = {}
    assert fleet.apply(*swapped).exit_code == 0
    names = {key: record.name for key, record in fleet.ledger.read().records.items()}
    assert names == {"kept": "Swap", "old": "Old", "swap": "Kept"}
