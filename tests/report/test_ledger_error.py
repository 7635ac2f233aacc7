"""A ledger that failed beside the changes is told in every form, and the exit code says it too."""

from dataclasses import replace

from reconciler import report
from reconciler.model.outcome import Outcome
from tests.world import Fleet, spec


def failed() -> Outcome:
    return replace(Fleet().apply(spec()), ledger_error="the disk is full")


def test_it_is_told_beside_what_is_done() -> None:
    outcome = failed()
    assert "The ledger failed: the disk is full." in report.outcome_text(outcome)
    assert "1 done" in report.outcome_text(outcome)
    assert "the disk is full" in report.outcome_markdown(outcome)[0]
    document = report.outcome_json(outcome)
    assert document["ledger_error"] == "the disk is full"
    assert [change["result"] for change in document["changes"]] == ["done"]
    assert outcome.exit_code == 1


def test_it_is_no_word_where_all_is_well() -> None:
    outcome = Fleet().apply(spec())
    assert "ledger_error" not in report.outcome_json(outcome)
    assert "ledger" not in report.outcome_text(outcome)
