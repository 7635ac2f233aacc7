"""Open only the ledger of one environment: no API key is needed to look into it."""

from typing import TYPE_CHECKING

from reconciler.cli.root import Options
from reconciler.cli.site import chosen

if TYPE_CHECKING:
    from reconciler.ledger import FullLedger


def opened_ledger(options: Options) -> "tuple[FullLedger, str]":
    """The ledger, and the name of its environment."""
    found = chosen(options)
    return found.ledger, found.name
