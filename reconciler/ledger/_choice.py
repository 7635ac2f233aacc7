"""The ledger that the project file asks for. Only what is asked for is imported and started."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from reconciler.errors import MissingSecret, UsageError
from reconciler.ledger._full import FullLedger
from reconciler.ledger._sqlite import SqliteLedger
from reconciler.model.project import LedgerConfig
from reconciler.model.values import SecretRef


def open_ledger(
    config: LedgerConfig,
    *,
    folder: Path,
    environment: str,
    secret: Callable[[SecretRef], str | None],
    now: Callable[[], datetime],
) -> FullLedger:
    """The ledger of an environment of the project in `folder`; nothing is made yet.

    Raises:
        UsageError: the configuration does not fit the backend, or the extra is not installed.
        MissingSecret: the database's URL is not set.
        LedgerError: there is no git repository, or no such remote.
    """
    _require_fitting(config)
    match config.backend:
        case "sqlite":
            return SqliteLedger(folder / ".reconciler" / "ledger.db", environment)
        case "git":
            from reconciler.ledger._git.ledger import (  # noqa: PLC0415  # SQLite users never need it
                GitLedger,
            )

            return GitLedger(
                folder, environment, now=now, branch=config.branch, remote=config.remote
            )
        case "postgres":
            return _postgres(config, environment, secret)


def _postgres(
    config: LedgerConfig, environment: str, secret: Callable[[SecretRef], str | None]
) -> FullLedger:
    try:
        from reconciler.ledger._postgres.ledger import (  # noqa: PLC0415  # an extra, slow to import
            PostgresLedger,
        )
    except ImportError as error:
        raise UsageError(
            "the PostgreSQL ledger is not installed", hint="pip install 'reconciler[postgres]'"
        ) from error
    assert config.url is not None
    url = secret(config.url)
    if not url:
        raise MissingSecret(
            f"the URL of the ledger's database is not set: {config.url}",
            hint="set the variable that `ledger.url` names",
        )
    return PostgresLedger(url, environment)


def _require_fitting(config: LedgerConfig) -> None:
    if config.backend == "postgres" and config.url is None:
        raise UsageError(
            "the PostgreSQL ledger needs to know its database",
            hint="add `url: {env: LEDGER_URL}` under `ledger:` in the project file",
        )
    foreign = {
        "branch": config.branch is not None and config.backend != "git",
        "remote": config.remote is not None and config.backend != "git",
        "url": config.url is not None and config.backend != "postgres",
    }
    for name, is_foreign in foreign.items():
        if is_foreign:
            raise UsageError(f"`ledger.{name}` means nothing to the backend {config.backend}")
