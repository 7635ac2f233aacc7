"""Every backend goes through the same suite: add its factory to `BACKENDS`."""

from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.ledger import FullLedger, SqliteLedger
from reconciler.ledger._git.ledger import GitLedger
from reconciler.ledger._postgres.ledger import PostgresLedger
from tests.ledger import repositories
from tests.ledger.samples import NOON

LedgerFactory = Callable[[str], FullLedger]
"""Each call opens the same ledger anew, as another process would, for the environment named."""


def _sqlite(folder: Path) -> LedgerFactory:
    return lambda environment: SqliteLedger(folder / ".reconciler" / "ledger.db", environment)


def _git_remote(folder: Path) -> LedgerFactory:
    folder.mkdir(exist_ok=True)
    remote = repositories.bare(folder)
    clone = repositories.fresh_clone(remote, folder / "clone")
    return lambda environment: GitLedger(clone, environment, now=lambda: NOON)


def _git_local(folder: Path) -> LedgerFactory:
    project = repositories.alone(folder / "alone") / "apps" / "voice"
    project.mkdir(parents=True)
    return lambda environment: GitLedger(project, environment, now=lambda: NOON)


BACKENDS: dict[str, Callable[[Path], LedgerFactory]] = {
    "sqlite": _sqlite,
    "git": _git_remote,
    "git without a remote, in a subfolder": _git_local,
}


def factory(backend: str, request: pytest.FixtureRequest, folder: Path) -> LedgerFactory:
    """An empty ledger of this backend, to be opened again and again."""
    if backend == "postgres":
        url = str(request.getfixturevalue("databases")())
        return lambda environment: PostgresLedger(url, environment)
    return BACKENDS[backend](folder)


@pytest.fixture(params=[*sorted(BACKENDS), "postgres"])
def ledgers(request: pytest.FixtureRequest, tmp_path: Path) -> LedgerFactory:
    return factory(str(request.param), request, tmp_path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".reconciler" / "ledger.db"


@pytest.fixture
def ledger(path: Path) -> SqliteLedger:
    """A ledger of production that has been opened."""
    ledger = SqliteLedger(path, "production")
    ledger.open("org-1")
    return ledger
