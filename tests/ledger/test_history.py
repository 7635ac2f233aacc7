"""History, in every backend; at the end what only a file shows."""

import json
from pathlib import Path
from types import MappingProxyType

import pytest

from reconciler.errors import NoSuchRun
from reconciler.ledger import FullLedger, SqliteLedger
from reconciler.model.ledger import PLANNED, AgentRecord, HistoryEntry
from reconciler.model.values import SecretRef
from tests.ledger.conftest import LedgerFactory
from tests.ledger.samples import NOON, a_record, a_run, an_entry, an_intent

LIVE = {"id": "agent-1", "system_prompt": "Be kind. " * 500, "temperature": 1.0, "odd": "\ud800"}


@pytest.fixture
def ledger(ledgers: LedgerFactory) -> FullLedger:
    """A ledger of production that has been opened."""
    ledger = ledgers("production")
    ledger.open("org-1")
    return ledger


def test_runs_are_listed_newest_first_with_their_counts(ledger: FullLedger) -> None:
    for number in (1, 2, 3):
        ledger.start(a_run(f"run-{number}"))
        ledger.finish(f"run-{number}", "done")
    ledger.remember(an_entry("done", run_id="run-3", key="a", action="create"))
    ledger.remember(an_entry("done", run_id="run-3", key="b"))
    ledger.remember(an_entry("failed", run_id="run-3", key="c"))
    newest, older = ledger.runs(2)
    assert (newest.run, newest.result) == (a_run("run-3"), "done")
    assert newest.results == {"done": 2, "failed": 1}
    assert newest.actions == {"create": 1, "update": 2}
    assert (older.run.id, older.results, older.actions) == ("run-2", {}, {})


def test_a_killed_run_is_interrupted_and_a_running_one_is_not(ledger: FullLedger) -> None:
    ledger.start(a_run("killed"))
    with ledger.lock(a_run("now")):
        ledger.start(a_run("now"))
        assert [s.result for s in ledger.runs()] == ["running", "interrupted"]
        assert ledger.run("now").summary.result == "running"
        ledger.finish("now", "failed")
        assert [s.result for s in ledger.runs()] == ["failed", "interrupted"]


def test_a_change_remembered_before_and_after_its_write_is_one_change(ledger: FullLedger) -> None:
    ledger.start(a_run())
    ledger.remember(an_entry("started", before=LIVE, fields=({"path": ["name"]},)))
    ledger.remember(an_entry("started", before={"other": 1}, key="b"))
    ledger.remember(an_entry("done"))
    router, other = ledger.run("run-1").entries
    assert router == an_entry("done", before=LIVE, fields=({"path": ["name"]},))
    assert json.dumps(router.before, sort_keys=True) == json.dumps(LIVE, sort_keys=True)
    assert other.result == "started"
    assert ledger.runs()[0].results == {"done": 1, "started": 1}


def test_the_first_document_replaced_in_a_run_is_the_one_to_roll_back_to(
    ledger: FullLedger,
) -> None:
    ledger.start(a_run())
    ledger.remember(an_entry("started", before={"name": "a"}))
    ledger.remember(an_entry("done", before={"name": "temporary"}))
    (change,) = ledger.run("run-1").entries
    assert change.before == {"name": "a"}


def test_a_run_is_found_by_the_beginning_of_its_id(ledger: FullLedger) -> None:
    for run_id in ("abc-1", "abc-2", "abc"):
        ledger.start(a_run(run_id))
    assert ledger.run("abc-1").summary.run.id == "abc-1"
    assert ledger.run("abc").summary.run.id == "abc"
    with pytest.raises(NoSuchRun, match="'ab' begins more than one run"):
        ledger.run("ab")
    with pytest.raises(NoSuchRun, match="is no run"):
        ledger.run("")
    ledger.start(a_run("x%"))
    assert ledger.run("x").summary.run.id == "x%"
    with pytest.raises(NoSuchRun, match="is no run"):
        ledger.run("%")


def test_the_history_of_a_key_follows_its_agent_to_former_keys(ledger: FullLedger) -> None:
    ledger.start(a_run())
    ledger.remember(an_entry("done", key="old", action="create"))
    ledger.remember(HistoryEntry("run-1", NOON, "other", "create", "agent-2", "done"))
    ledger.remember(HistoryEntry("run-1", NOON, "new", "update", None, "failed", error="HTTP 500"))
    ledger.record(a_record("old"))
    ledger.record(a_record("new"), replaces="old")
    assert [(e.key, e.action) for e in ledger.history_of("new")] == [
        ("new", "update"),
        ("old", "create"),
    ]
    assert ledger.history_of("new")[0].error == "HTTP 500"


def test_one_and_one_point_nought_stay_apart_in_the_history(ledger: FullLedger) -> None:
    ledger.start(a_run())
    ledger.remember(an_entry("done", key="a", before={"temperature": 1}))
    ledger.remember(an_entry("done", key="b", before={"temperature": 1.0}))
    befores = [repr(entry.before) for entry in ledger.run("run-1").entries]
    assert befores == ["{'temperature': 1}", "{'temperature': 1.0}"]


def test_what_was_planned_and_never_begun_is_no_history_once_the_run_ended(
    ledger: FullLedger,
) -> None:
    odd = '","result":"done'
    ledger.start(a_run())
    ledger.start(a_run("other"))
    for run_id, key in [("run-1", "begun"), ("run-1", "never"), ("run-1", odd), ("other", "x")]:
        ledger.remember(an_entry(PLANNED, run_id=run_id, key=key, before={"of": key}))
    ledger.remember(an_entry("done", key="begun"))
    ledger.remember(an_entry("done", key='"result":"planned","'))
    assert [e.result for e in ledger.run("run-1").entries] == ["done", PLANNED, PLANNED, "done"]
    ledger.finish("run-1", "failed")
    begun, quoted = ledger.run("run-1").entries
    assert (begun.key, begun.result, begun.before) == ("begun", "done", {"of": "begun"})
    assert quoted.result == "done"
    assert [e.key for e in ledger.run("other").entries] == ["x"]
    assert ledger.runs()[1].results == {"done": 2}


def test_an_export_is_json_without_salt_and_hashes(ledger: FullLedger) -> None:
    ledger.start(a_run())
    ledger.remember(an_entry("done", before={"token": SecretRef("env", "CRM_TOKEN")}))
    ledger.record(a_record())
    ledger.intend(an_intent("b"))
    ledger.intend(an_intent("c", "agent-3"))
    text = json.dumps(ledger.export())
    assert "ab12" not in text
    assert str(ledger.read().salt) not in text
    exported = json.loads(text)
    (agent,) = exported["agents"]
    assert agent["key"] == "support/router"
    assert agent["secrets"] == ["tools/check/auth/token"]
    assert [intent["kind"] for intent in exported["intents"]] == ["create", "delete"]
    (run,) = exported["runs"]
    assert (run["actor"], run["result"]) == ("alice", "interrupted")
    assert run["entries"][0]["before"] == {"token": {"env": "CRM_TOKEN"}}


def test_an_agent_can_be_forgotten_by_its_id_wherever_it_stands_by_now(
    ledger: FullLedger,
) -> None:
    ledger.record(a_record("a", "deleted"))
    ledger.record(a_record("b", "moved"))
    ledger.record(a_record("a", "moved"), replaces="b")
    ledger.forget("a", agent_id="deleted")
    assert ledger.read().records == {"a": a_record("a", "moved")}


def test_many_agents_are_recorded_together_or_not_at_all(ledger: FullLedger) -> None:
    good = [(a_record("a", "1"), None), (a_record("b", "2"), None)]
    ledger.record_all(good)
    ledger.record(AgentRecord("b", "2", "B", sent={"free": MappingProxyType({"x": 1})}))
    assert ledger.read().records["b"].sent == {"free": {"x": 1}}
    broken = AgentRecord("c", "3", "C", sent={"not JSON": object()})
    with pytest.raises(TypeError, match="object is no JSON value"):
        ledger.record_all([(a_record("d", "4"), "a"), (broken, None)])
    assert list(ledger.read().records) == ["a", "b"]


def test_a_ledger_without_history_has_no_runs(path: Path) -> None:
    ledger = SqliteLedger(path, "production")
    assert (ledger.runs(), ledger.history_of("a"), ledger.damage()) == ((), (), ())
    with pytest.raises(NoSuchRun, match="'run-1' is no run of this environment"):
        ledger.run("run-1")
    assert not path.parent.exists()


def test_a_document_repeated_in_the_history_is_kept_once(path: Path) -> None:
    ledger = SqliteLedger(path, "production")
    ledger.open(None)

    def size() -> int:
        return sum(file.stat().st_size for file in path.parent.iterdir())

    ledger.start(a_run())
    ledger.remember(an_entry("failed", before=LIVE))
    once = size()
    for number in range(50):
        ledger.remember(an_entry("failed", key=f"k{number}", before=LIVE))
    assert size() - once < 10 * len(json.dumps(LIVE))
    assert all(entry.before == LIVE for entry in ledger.run("run-1").entries)
