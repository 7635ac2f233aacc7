"""The journey from a folder to an outcome, and a ledger that fails on the way."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from reconciler import workflow
from reconciler.errors import LedgerError, Refused
from reconciler.ledger import SecretHasher
from reconciler.model.ledger import LedgerState
from reconciler.model.outcome import Outcome
from reconciler.model.values import SecretRef
from reconciler.specs import load_project
from tests.fakes import NOW, MemoryLedger, MemoryStore, SilentProgress
from tests.specs.project_folder import write
from tests.world import RUN

SPEC = "name: Desk\n"
HOOK = """name: Desk
tools:
  - type: webhook
    name: check
    description: Looks it up.
    url: https://crm.example.com/check
    parameters: {type: object}
    auth: {type: bearer, token: {env: CRM_TOKEN}}
"""


@dataclass
class Elsewhere(MemoryLedger):
    """Somebody makes the ledger between our look and our hand."""

    def open(self, organisation_id: str | None, *, salt: str | None = None) -> LedgerState:  # noqa: ARG002  # its own
        self.state = LedgerState("theirs", organisation_id, "ff" * 16)
        return self.state


@dataclass
class Place:
    """A folder and the world around it, in memory."""

    folder: Path
    store: MemoryStore = field(default_factory=MemoryStore)
    ledger: MemoryLedger = field(default_factory=MemoryLedger)

    def site(self, **more: Any) -> workflow.Site:
        def secret(ref: SecretRef) -> str | None:
            return f"value of {ref.name}"

        return workflow.Site(
            loaded=load_project(self.folder),
            environment="sandbox",
            store=self.store,
            ledger=self.ledger,
            secret=secret,
            now=lambda: NOW,
            **{"organisation_id": None, **more},
        )

    def apply(self, **more: Any) -> Outcome:
        async def main() -> Outcome:
            return await workflow.apply(
                self.site(**more),
                workflow.Request(),
                RUN,
                agree=lambda _: None,
                progress=SilentProgress(),
                stop=asyncio.Event(),
            )

        return asyncio.run(main())


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(write(tmp_path, SPEC))


@pytest.mark.parametrize("breaks_at", ["finish", "lock"])
def test_a_ledger_that_fails_after_the_last_write_loses_no_outcome(
    place: Place, breaks_at: str
) -> None:
    place.ledger.breaks_at = breaks_at
    outcome = place.apply()
    assert [str(o.result) for o in outcome.changes] == ["done"]
    assert (outcome.ledger_error, outcome.exit_code) == ("the disk is full", 1)
    place.ledger.breaks_at = None
    assert place.apply().changes == ()


@pytest.mark.parametrize("breaks_at", ["open", "start"])
def test_a_ledger_that_fails_before_the_first_write_ends_the_run(
    place: Place, breaks_at: str
) -> None:
    place.ledger.breaks_at = breaks_at
    with pytest.raises(LedgerError, match="the disk is full"):
        place.apply()
    assert place.store.writes == []


def test_why_a_run_was_refused_outlives_a_ledger_that_can_not_be_told(place: Place) -> None:
    place.ledger.breaks_at = "finish"
    with pytest.raises(Refused, match="the API key belongs to organisation"):
        place.apply(organisation_id="another")
    assert place.store.agents == {}


def test_the_first_apply_remembers_secrets_by_the_salt_of_the_ledger_that_it_makes(
    tmp_path: Path,
) -> None:
    place = Place(write(tmp_path, HOOK))
    assert place.apply().exit_code == 0
    state = place.ledger.read()
    (hashed,) = state.records["desk"].secrets.values()
    assert hashed == SecretHasher(str(state.salt)).hash("value of CRM_TOKEN")
    assert place.apply().changes == ()


def test_a_ledger_made_by_somebody_else_meanwhile_ends_the_run(place: Place) -> None:
    place.ledger = Elsewhere()
    with pytest.raises(LedgerError, match="somebody else has made the ledger meanwhile"):
        place.apply()
    assert place.store.writes == []


def test_an_organisation_that_nobody_named_is_the_one_of_the_first_agent_made(
    place: Place,
) -> None:
    place.apply()
    assert place.ledger.read().organisation_id == place.store.organisation_id


def test_an_organisation_that_was_not_proven_is_not_remembered(place: Place) -> None:
    with pytest.raises(Refused, match="the API key belongs to organisation"):
        place.apply(organisation_id="another")
    assert place.apply(organisation_id=place.store.organisation_id).exit_code == 0
    assert place.ledger.read().organisation_id == place.store.organisation_id
    assert place.apply(organisation_id=place.store.organisation_id).changes == ()
