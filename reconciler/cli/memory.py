"""Open only the ledger of one environment: no API key is needed to look into it."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from reconciler.cli.known_secrets import resolver
from reconciler.cli.root import Options
from reconciler.cli.site import chosen_environment
from reconciler.errors import UsageError

if TYPE_CHECKING:
    from reconciler.ledger import FullLedger


def opened_ledger(options: Options) -> "tuple[FullLedger, str]":
    """The ledger, and the name of its environment."""
    from reconciler.ledger import open_ledger
    from reconciler.specs import load_project

    loaded = load_project(options.folder)
    name = chosen_environment(loaded, options)
    if name not in loaded.project.environments:
        known = ", ".join(sorted(loaded.project.environments))
        raise UsageError(
            f"there is no environment {name!r}; this project has {known}", code="NO_ENVIRONMENT"
        )
    ledger = open_ledger(
        loaded.project.ledger,
        folder=options.folder,
        environment=name,
        secret=resolver(options.folder, loaded.project.secret_folders),
        now=lambda: datetime.now(UTC),
    )
    return ledger, name
