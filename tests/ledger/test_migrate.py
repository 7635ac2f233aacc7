"""From any backend to any other, and nothing is lost on the way."""

from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.errors import LedgerError, Locked
from reconciler.ledger import FullLedger, migrate
from reconciler.model.ledger import LedgerState
from tests.ledger.conftest import BACKENDS, factory
from tests.ledger.samples import a_record, a_run, an_entry, an_intent

ALL = [*sorted(BACKENDS), "postgres"]
US = a_run("migration")


def filled(ledger: FullLedger) -> None:
    ledger.open("org-1")
    for key in ("a", "b/c", "\ud800 odd"):
        ledger.record(a_record(key, f"agent {key}"))
    ledger.intend(an_intent("d"))
    ledger.intend(an_intent("b/c", "agent b/c"))
    for run_id in ("first", "second", "killed"):
        ledger.start(a_run(run_id))
        ledger.remember(an_entry("started", run_id=run_id, key="a", before={"t": 1.0, "n": 1}))
        ledger.remember(an_entry("done", run_id=run_id, key="a"))
        if run_id != "killed":
            ledger.finish(run_id, "done")


@pytest.mark.parametrize("target_backend", ALL)
@pytest.mark.parametrize("source_backend", ALL)
def test_everything_moves_from_any_backend_to_any_other(
    request: pytest.FixtureRequest, tmp_path: Path, source_backend: str, target_backend: str
) -> None:
    sources = factory(source_backend, request, tmp_path / "source")
    targets = factory(target_backend, request, tmp_path / "target")
    source, target = sources("production"), targets("production")
    filled(source)
    before = source.export()
    copied = migrate(source, target, run=US)
    assert copied == source.read() == target.read()
    assert target.runs(-1) == source.runs(-1)
    assert target.export() == before == source.export()
    assert repr(target.run("first").entries[0].before) in {
        "{'t': 1.0, 'n': 1}",
        "{'n': 1, 't': 1.0}",
    }
    target.record(a_record("next", "next"))
    with pytest.raises(LedgerError, match="not empty: it holds this very ledger"):
        migrate(source, target, run=US)


@pytest.mark.parametrize("backend", ALL)
def test_a_ledger_is_not_overwritten_and_none_is_not_copied(
    request: pytest.FixtureRequest, tmp_path: Path, backend: str
) -> None:
    ledgers = factory(backend, request, tmp_path / "place")
    full, other, empty = ledgers("full"), ledgers("other"), ledgers("empty")
    filled(full)
    other.open(None)
    other.record(a_record("one", "one"))
    kept = other.read()
    with pytest.raises(LedgerError, match=r"it holds another ledger \(1 agent\)"):
        migrate(full, other, run=US)
    with pytest.raises(LedgerError, match="no ledger to migrate"):
        migrate(empty, other, run=US)
    with pytest.raises(LedgerError, match="already"):
        other.restore(full.read(), [])
    assert other.read() == kept
    assert empty.read() == LedgerState()
    with full.lock(replace(US, id="busy")), pytest.raises(Locked):
        migrate(full, empty, run=US)
