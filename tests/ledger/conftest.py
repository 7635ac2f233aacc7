"""Every backend goes through the same suite: add its factory to `BACKENDS`."""

from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.ledger import SqliteLedger
from reconciler.model.ledger import Ledger

LedgerFactory = Callable[[str], Ledger]
"""Each call opens the same ledger anew, as another process would, for the environment named."""


def _sqlite(folder: Path) -> LedgerFactory:
    return lambda environment: SqliteLedger(folder / ".reconciler" / "ledger.db", environment)


BACKENDS: dict[str, Callable[[Path], LedgerFactory]] = {"sqlite": _sqlite}


@pytest.fixture(params=sorted(BACKENDS))
def ledgers(request: pytest.FixtureRequest, tmp_path: Path) -> LedgerFactory:
    return BACKENDS[str(request.param)](tmp_path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".reconciler" / "ledger.db"


@pytest.fixture
def ledger(path: Path) -> SqliteLedger:
    """A ledger of production that has been opened."""
    ledger = SqliteLedger(path, "production")
    ledger.open("org-1")
    return ledger
