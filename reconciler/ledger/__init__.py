"""The memory of what was applied last (DESIGN.md 2, 5, 6, 8).

The law of this package: files are touched here, the network, the clock and the environment
variables are not; times come in as arguments. Secrets are kept as keyed hashes, never as values.
No exception of SQLite, SQLAlchemy or of the operating system leaves it: they are `LedgerError` or
`Locked`. The git ledger starts git, and SQLAlchemy is imported, only where they are asked for.
"""

from typing import TYPE_CHECKING

from reconciler.lazy import from_homes
from reconciler.ledger._choice import open_ledger

if TYPE_CHECKING:
    from reconciler.ledger._full import FullLedger
    from reconciler.ledger._history import RunDetail, RunSummary
    from reconciler.ledger._migrate import migrate
    from reconciler.ledger._secrets import SecretHasher, new_salt
    from reconciler.ledger._sqlite import SqliteLedger

__all__ = [
    "FullLedger",
    "RunDetail",
    "RunSummary",
    "SecretHasher",
    "SqliteLedger",
    "migrate",
    "new_salt",
    "open_ledger",
]

# Imported on first use: a plan that meets no secret hashes none.
__getattr__ = from_homes(
    __name__,
    {
        "FullLedger": "_full",
        "RunDetail": "_history",
        "RunSummary": "_history",
        "SecretHasher": "_secrets",
        "SqliteLedger": "_sqlite",
        "migrate": "_migrate",
        "new_salt": "_secrets",
    },
)
