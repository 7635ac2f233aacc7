"""An apply as the command line makes it, but for the clock's patience: see `cli/site.py`."""

import asyncio
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx

from reconciler import workflow
from reconciler.applying import create
from reconciler.errors import ReconcilerError
from reconciler.ledger import FullLedger, SqliteLedger
from reconciler.ledger._git.ledger import GitLedger
from reconciler.live import ApiClient, RetryPolicy
from reconciler.model.change import Approval, Plan
from reconciler.model.ledger import Run
from reconciler.model.outcome import Outcome
from reconciler.model.values import SecretRef
from reconciler.specs import load_project
from tests.chaos.stage import KEY
from tests.fakes import SilentProgress

PATIENT = RetryPolicy()
HASTY = RetryPolicy(attempts=1)
APPROVAL = Approval(adopt=1)
ENVIRONMENT = "test"


@dataclass(frozen=True)
class Ended:
    """How a run ended: its exit code, and why."""

    code: int
    why: str = ""


@contextmanager
def _impatient() -> Iterator[None]:
    """Seconds between the looks for an agent that may have been made; nothing here."""
    pause, create._FIRST_PAUSE = create._FIRST_PAUSE, 0.0
    try:
        yield
    finally:
        create._FIRST_PAUSE = pause


async def _at_once(_seconds: float) -> None:
    await asyncio.sleep(0)


def ledger_of(folder: Path) -> FullLedger:
    """A folder that is a repository keeps its ledger in git."""
    if (folder / ".git").exists():
        return GitLedger(folder, ENVIRONMENT, now=lambda: datetime.now(UTC))
    return SqliteLedger(folder / ".reconciler" / "ledger.db", ENVIRONMENT)


async def applied(
    folder: Path,
    url: str,
    secrets: Mapping[str, str],
    *,
    retry: RetryPolicy = PATIENT,
    approval: Approval = APPROVAL,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Ended:
    """Apply a folder to a URL; errors become exit codes as at the command line's boundary."""
    client = _client(url, secrets, retry, transport)
    try:
        with _impatient():
            outcome = await _outcome(folder, client, secrets, approval)
    except ReconcilerError as error:
        return Ended(error.exit_code, error.message)
    wrong = [f"{o.change.key}: {o.error}" for o in outcome.changes if o.error]
    return Ended(outcome.exit_code, "; ".join(wrong))


async def _outcome(
    folder: Path, client: ApiClient, secrets: Mapping[str, str], approval: Approval
) -> Outcome:
    async with client:
        return await workflow.apply(
            _site(folder, client, secrets),
            workflow.Request(approval=approval),
            _run(),
            agree=lambda _: None,
            progress=SilentProgress(),
            stop=asyncio.Event(),
        )


async def planned(folder: Path, url: str, secrets: Mapping[str, str]) -> Plan:
    async with _client(url, secrets, PATIENT, None) as client:
        return await workflow.plan(_site(folder, client, secrets), workflow.Request())


def _client(
    url: str,
    secrets: Mapping[str, str],
    retry: RetryPolicy,
    transport: httpx.AsyncBaseTransport | None,
) -> ApiClient:
    return ApiClient(
        url,
        KEY,
        resolve=lambda ref: secrets.get(ref.name),
        retry=retry,
        sleep=_at_once,
        jitter=lambda: 0.0,
        timeout=0.3,
        transport=transport,
    )


def _site(folder: Path, client: ApiClient, secrets: Mapping[str, str]) -> workflow.Site:
    def secret(ref: SecretRef) -> str | None:
        return secrets.get(ref.name)

    return workflow.Site(
        loaded=load_project(folder),
        environment=ENVIRONMENT,
        organisation_id=None,
        store=client,
        ledger=ledger_of(folder),
        secret=secret,
        now=lambda: datetime.now(UTC),
    )


def _run() -> Run:
    now = datetime.now(UTC)
    return Run(f"{now:%Y%m%dT%H%M%S%f}-{os.getpid()}", now, "chaos", "here", os.getpid())
