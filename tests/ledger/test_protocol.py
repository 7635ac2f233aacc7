"""What every backend of the ledger promises (reconciler.model.ledger.Ledger)."""

import json
from dataclasses import asdict, replace
from datetime import timedelta, timezone, tzinfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.errors import LedgerError, Locked
from reconciler.ledger import FullLedger, SecretHasher
from reconciler.model.desired import Lifecycle
from reconciler.model.ledger import AgentRecord, Intent, LedgerState
from reconciler.model.values import SecretRef
from tests.ledger.conftest import LedgerFactory
from tests.ledger.samples import NOON, a_record, a_run, an_entry, an_intent


def _paired(text: str) -> str:
    # A high surrogate before a low one is one character in every JSON text.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def _fixed(zone: tzinfo) -> tzinfo:
    # A zone's rules are not kept, only how far from UTC the moment was.
    return timezone(NOON.astimezone(zone).utcoffset() or timedelta())


_text = st.text(st.characters(exclude_categories=()), max_size=20).map(_paired)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | _text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_text, inner, max_size=4),
    max_leaves=12,
)
_documents = st.dictionaries(_text, _json, max_size=5)
_paths = st.lists(st.lists(_text, max_size=4).map(tuple), max_size=4).map(tuple)
_lifecycles = st.builds(
    Lifecycle,
    prevent_destroy=st.booleans(),
    on_remove=st.sampled_from(["delete", "keep"]),
    update=st.sampled_from(["put", "patch", None]),
)
_records = st.builds(
    AgentRecord,
    key=_text,
    agent_id=_text,
    name=_text,
    declared=_paths,
    sent=_documents,
    answer=_documents,
    lifecycle=_lifecycles,
    secrets=st.dictionaries(_text, _text, max_size=3),
    computed=_paths,
    read_only=st.lists(_text, max_size=3).map(tuple),
)
_intents = st.builds(
    Intent,
    key=_text,
    kind=st.sampled_from(["create", "delete"]),
    at=st.datetimes(timezones=st.timezones().map(_fixed) | st.none()),
    name=_text,
    agent_id=st.none() | _text,
    record=st.none() | _records,
)
_many = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def _key(record: AgentRecord) -> str:
    return record.key


def _agent(record: AgentRecord) -> str:
    return record.agent_id


def exact(record: AgentRecord) -> str:
    """1 and 1.0 are told apart; the order of keys is nothing."""
    return json.dumps(asdict(record), sort_keys=True)


def test_an_environment_never_applied_has_no_memory(ledgers: LedgerFactory) -> None:
    assert ledgers("production").read() == LedgerState()
    assert not ledgers("production").read().has_memory


def test_a_ledger_id_and_a_salt_are_made_once(ledgers: LedgerFactory) -> None:
    first = ledgers("production").open("org-1")
    assert first.ledger_id
    assert first.salt
    assert ledgers("production").open("org-1") == first == ledgers("production").read()


def test_the_organisation_first_named_stays(ledgers: LedgerFactory) -> None:
    assert ledgers("production").open(None).organisation_id is None
    assert ledgers("production").open("org-1").organisation_id == "org-1"
    assert ledgers("production").open(None).organisation_id == "org-1"
    assert ledgers("production").open("org-2").organisation_id == "org-1"


def test_environments_share_nothing(ledgers: LedgerFactory) -> None:
    names = ["production", "Production", "pro duction", "../etc", "", "\ud800", "\\ud800", "ü"]
    states = [ledgers(name).open(name) for name in names]
    for name in names:
        ledgers(name).record(a_record(agent_id=f"agent of {name}"))
    assert len({state.ledger_id for state in states}) == len(names)
    assert len({state.salt for state in states}) == len(names)
    for name in names:
        state = ledgers(name).read()
        assert state.organisation_id == name
        assert [r.agent_id for r in state.records.values()] == [f"agent of {name}"]


def test_writing_before_the_ledger_is_opened_is_refused(ledgers: LedgerFactory) -> None:
    with pytest.raises(LedgerError, match="no ledger"):
        ledgers("production").record(a_record())
    ledgers("staging").open(None)
    with pytest.raises(LedgerError, match="no ledger for environment production"):
        ledgers("production").intend(an_intent())


@_many
@given(records=st.lists(_records, min_size=1, max_size=5, unique_by=(_key, _agent)))
def test_records_come_back_as_they_were(ledgers: LedgerFactory, records: list[AgentRecord]) -> None:
    ledger = ledgers("production")
    ledger.open(None)
    ledger.record_all((record, None) for record in records)
    kept = ledgers("production").read().records
    for record in records:
        assert kept[record.key] == record
        assert exact(kept[record.key]) == exact(record)


def test_what_was_sent_comes_back_exactly_beside_an_equal_answer(ledgers: LedgerFactory) -> None:
    ledger = ledgers("production")
    ledger.open(None)
    sent = {"a": 1, "b": [1.0, {"c": True}], "d": "x", "e": None, "f": -0.0, "g": {"h": [1]}}
    answer = {"a": 1.0, "b": [1, {"c": 1}], "d": "x", "e": None, "f": 0.0, "g": {"h": [1]}}
    record = AgentRecord("a", "agent-1", "A", sent=sent, answer=answer)
    ledger.record(record)
    assert exact(ledgers("production").read().records["a"]) == exact(record)


@_many
@given(intent=_intents)
def test_an_intent_comes_back_as_it_was(ledgers: LedgerFactory, intent: Intent) -> None:
    ledgers("production").open(None)
    ledgers("production").intend(intent)
    assert ledgers("production").read().intents[intent.key] == intent


def test_records_and_intents_are_in_the_order_of_their_keys(ledgers: LedgerFactory) -> None:
    ledger = ledgers("production")
    ledger.open(None)
    for key in ["b", "ä", "a", "Z"]:
        ledger.record(a_record(key, f"agent {key}"))
        ledger.intend(an_intent(key))
    assert list(ledger.read().records) == list(ledger.read().intents) == ["Z", "a", "b", "ä"]


def test_a_secret_reference_in_a_record_is_kept_as_a_reference(ledgers: LedgerFactory) -> None:
    ledger = ledgers("production")
    ledger.open(None)
    sent = {"token": SecretRef("env", "CRM_TOKEN"), "key": SecretRef("file", "/run/key")}
    ledger.record(AgentRecord("a", "agent-1", "A", sent=sent))
    expected = {"token": {"env": "CRM_TOKEN"}, "key": {"file": "/run/key"}}
    assert ledger.read().records["a"].sent == expected


def test_recording_an_agent_drops_its_intent(ledgers: LedgerFactory) -> None:
    ledger = ledgers("production")
    ledger.open(None)
    ledger.intend(an_intent("a"))
    ledger.intend(an_intent("b"))
    ledger.record(a_record("a"))
    assert list(ledger.read().intents) == ["b"]


def test_withdrawing_an_intent_leaves_the_record(ledgers: LedgerFactory) -> None:
    ledger = ledgers("production")
    ledger.open(None)
    ledger.record(a_record("a"))
    ledger.intend(an_intent("a", "agent-1"))
    ledger.withdraw("a")
    assert ledger.read().intents == {}
    assert list(ledger.read().records) == ["a"]


def test_forgetting_an_agent_drops_its_intent_too(ledgers: LedgerFactory) -> None:
    ledger = ledgers("production")
    ledger.open(None)
    ledger.record(a_record("a"))
    ledger.intend(an_intent("a", "agent-1"))
    ledger.forget("a")
    ledger.forget("never known")
    assert (ledger.read().records, ledger.read().intents) == ({}, {})


def test_a_file_that_moved_takes_its_record_along(ledgers: LedgerFactory) -> None:
    ledger = ledgers("production")
    ledger.open(None)
    ledger.record(a_record("old"))
    ledger.intend(an_intent("old"))
    ledger.intend(an_intent("new"))
    ledger.record(a_record("new"), replaces="old")
    assert ledger.read().records == {"new": a_record("new")}
    assert ledger.read().intents == {}


def test_an_agent_made_anew_under_a_new_key_leaves_nothing_under_the_old(
    ledgers: LedgerFactory,
) -> None:
    ledger = ledgers("production")
    ledger.open(None)
    ledger.record(a_record("old", "vanished"))
    ledger.record(a_record("new", "made anew"), replaces="old")
    assert ledger.read().records == {"new": a_record("new", "made anew")}
    ledger.record(a_record("new", "made once more"))
    assert ledger.read().records == {"new": a_record("new", "made once more")}


@pytest.mark.parametrize("cycle", ["ab", "abc", "abcd"])
def test_no_step_of_a_cycle_of_moved_files_forgets_an_agent(
    ledgers: LedgerFactory, cycle: str
) -> None:
    ledger = ledgers("production")
    ledger.open(None)
    for key in cycle:
        ledger.record(a_record(key, f"agent {key}"))
    moves = list(zip(cycle[1:] + cycle[0], cycle, strict=True))
    for new, old in moves:
        ledger.record(a_record(new, f"agent {old}"), replaces=old)
        known = {record.agent_id for record in ledger.read().records.values()}
        assert known == {f"agent {key}" for key in cycle}
    known_at = {key: record.agent_id for key, record in ledger.read().records.items()}
    assert known_at == {new: f"agent {old}" for new, old in moves}


def test_a_second_apply_is_refused_while_the_first_holds_the_environment(
    ledgers: LedgerFactory,
) -> None:
    first, second = ledgers("production"), ledgers("production")
    with first.lock(a_run()):
        for other in (second, first):
            with pytest.raises(Locked), other.lock(a_run("run-2")):
                raise AssertionError
        with ledgers("staging").lock(a_run("run-3")):
            pass
    with second.lock(a_run("run-2")):
        pass


def test_an_apply_that_fails_gives_the_lock_back(ledgers: LedgerFactory) -> None:
    with pytest.raises(KeyboardInterrupt), ledgers("production").lock(a_run()):
        raise KeyboardInterrupt
    with ledgers("production").lock(a_run("run-2")):
        pass


def test_the_refusal_says_who_holds_the_lock_and_since_when(ledgers: LedgerFactory) -> None:
    with (
        ledgers("production").lock(a_run()),
        pytest.raises(Locked) as refusal,
        ledgers("production").lock(a_run("run-2", actor="bob")),
    ):
        raise AssertionError
    assert refusal.value.message == (
        "another apply holds environment production: alice on host7, process 4242, "
        "commit abc1234, since 2026-11-21 10:03:05 UTC"
    )
    assert refusal.value.hint


def test_a_whole_apply_under_the_lock_is_seen_by_others_as_it_goes(ledgers: LedgerFactory) -> None:
    ledger, other = ledgers("production"), ledgers("production")
    with ledger.lock(a_run()):
        assert ledger.read() == LedgerState()
        ledger.open("org-1")
        ledger.start(a_run())
        ledger.intend(an_intent("a"))
        assert list(other.read().intents) == ["a"]
        ledger.remember(an_entry("done", key="a", action="create"))
        ledger.record(a_record("a"))
        ledger.flush()
        assert list(other.read().records) == ["a"]
        ledger.finish("run-1", "done")
    assert ledger.read() == other.read()


def _written_and_spoiled(ledger: FullLedger, error: Exception | None) -> None:
    with ledger.writing(durable=error is None) as writer:
        writer.forget("d")
        writer.record(a_record("e", "agent e"))
        writer.remember(an_entry("failed", run_id="run-1" if error else "never began"))
        if error is not None:
            raise error


def test_a_block_of_writing_is_kept_together_or_not_at_all(ledgers: LedgerFactory) -> None:
    ledger = ledgers("production")
    ledger.open("org-1")
    with ledger.lock(a_run()):
        ledger.start(a_run())
        ledger.intend(an_intent("a"))
        with ledger.writing(durable=True) as writer:
            writer.intend(an_intent("b"))
            writer.record(a_record("a"))
            writer.record(a_record("c", "agent c"))
            writer.record(a_record("d", "agent c"), replaces="c")
            writer.forget("a", agent_id="agent-1")
            writer.withdraw("b")
            writer.intend(an_intent("b"))
            writer.forget("d")
            writer.record(a_record("d", "agent c"))
            writer.remember(an_entry("started", before={"x": 1}))
            writer.remember(an_entry("done"))
        kept, told = ledgers("production").read(), ledgers("production").run("run-1").entries
        assert (list(kept.records), list(kept.intents)) == (["d"], ["b"])
        assert [(e.result, e.before) for e in told] == [("done", {"x": 1})]
        for spoiled in (ZeroDivisionError(), LedgerError("no")):
            with pytest.raises(type(spoiled)):
                _written_and_spoiled(ledger, spoiled)
            assert ledger.read() == kept
        with pytest.raises(LedgerError):
            _written_and_spoiled(ledger, None)
        ledger.flush()
        assert ledgers("production").read() == kept
        assert ledgers("production").run("run-1").entries == told


@pytest.mark.parametrize("durable", [True, False])
def test_what_was_written_under_the_lock_is_there_after_it(
    ledgers: LedgerFactory, *, durable: bool
) -> None:
    ledger = ledgers("production")
    ledger.open("org-1")
    with ledger.lock(a_run()), ledger.writing(durable=durable) as writer:
        writer.record(a_record("a"))
    assert list(ledgers("production").read().records) == ["a"]


def test_agents_recorded_together_may_change_places(ledgers: LedgerFactory) -> None:
    ledger = ledgers("production")
    ledger.open(None)
    ledger.record_all((a_record(key, f"agent {key}"), None) for key in "abcd")
    ledger.record_all(
        [
            (a_record("a", "agent b"), "b"),
            (a_record("b", "agent a"), "a"),
            (a_record("c", "agent c"), None),
            (a_record("d", "another"), None),
            (a_record("e", "agent e"), None),
            (a_record("e", "agent f"), None),
        ]
    )
    found = {key: record.agent_id for key, record in ledger.read().records.items()}
    expected = {"a": "agent b", "b": "agent a", "c": "agent c", "d": "another", "e": "agent f"}
    assert found == expected


def test_an_agent_known_elsewhere_is_taken_from_there(ledgers: LedgerFactory) -> None:
    ledger = ledgers("production")
    ledger.open(None)
    ledger.record_all([(a_record("a", "1"), None), (a_record("b", "2"), None)])
    ledger.record_all([(a_record("c", "1"), None), (a_record("d", "3"), None)])
    found = {key: record.agent_id for key, record in ledger.read().records.items()}
    assert found == {"b": "2", "c": "1", "d": "3"}


def test_a_ledger_is_made_with_the_salt_it_is_given_and_keeps_its_own(
    ledgers: LedgerFactory,
) -> None:
    assert ledgers("production").open(None, salt="00ff").salt == "00ff"
    assert ledgers("production").open(None, salt="other").salt == "00ff"


def test_the_organisation_may_be_named_at_the_end_of_the_run_that_found_it_out(
    ledgers: LedgerFactory,
) -> None:
    ledger = ledgers("production")
    ledger.open(None)
    with ledger.lock(a_run()):
        for run_id, organisation in [("1", None), ("2", "org-1"), ("3", "org-2")]:
            ledger.start(a_run(run_id))
            ledger.finish(run_id, "done", organisation_id=organisation)
    assert ledgers("production").read().organisation_id == "org-1"
    assert [summary.result for summary in ledger.runs()] == ["done"] * 3


def test_history_of_a_run_that_never_began_is_refused(ledgers: LedgerFactory) -> None:
    ledger = ledgers("production")
    ledger.open(None)
    with pytest.raises(LedgerError):
        ledger.remember(an_entry("done"))
    with pytest.raises(LedgerError):
        ledger.finish("run-1", "done")
    ledger.start(a_run())
    with pytest.raises(LedgerError):
        ledger.start(a_run())


def test_a_secret_changed_in_the_same_ledger_is_seen_by_its_hash(ledgers: LedgerFactory) -> None:
    salts = [str(ledgers(name).open(None).salt) for name in ("production", "staging")]
    production, staging = map(SecretHasher, salts)
    assert production.hash("canary") == SecretHasher(salts[0]).hash("canary")
    assert production.hash("canary") != production.hash("canary ")
    assert production.hash("canary") != staging.hash("canary")
    assert "canary" not in production.hash("canary")
    assert len(production.hash("\udc80 not UTF-8")) == 64


def test_a_record_is_known_again_by_its_mark_and_a_changed_one_is_not(
    ledgers: LedgerFactory,
) -> None:
    ledger = ledgers("production")
    ledger.open("org-1")
    ledger.record(a_record("a", "agent-1"))
    ledger.record(a_record("b", "agent-2"))
    ledger.flush()
    before = {key: each.mark for key, each in ledgers("production").read().records.items()}
    assert None not in before.values()
    ledger.record(replace(a_record("b", "agent-2"), answer={"greeting": "Goodbye"}))
    ledger.flush()
    after = {key: each.mark for key, each in ledgers("production").read().records.items()}
    assert after["a"] == before["a"]
    assert after["b"] != before["b"]
