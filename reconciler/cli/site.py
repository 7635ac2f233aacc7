"""Open one environment: project, API client, ledger, secrets, clock."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from reconciler.cli.known_secrets import resolver
from reconciler.cli.root import Options
from reconciler.errors import MissingSecret, UsageError

if TYPE_CHECKING:
    from reconciler.ledger import FullLedger
    from reconciler.live import ApiClient
    from reconciler.model.project import Environment
    from reconciler.specs import LoadedProject
    from reconciler.workflow import Site

_T = TypeVar("_T")


def chosen_environment(loaded: "LoadedProject", options: Options) -> str:
    """`--env` or RECONCILER_ENV; with exactly one environment that is the one."""
    names = list(loaded.project.environments)
    if options.env is not None:
        return options.env
    if len(names) == 1:
        return names[0]
    raise UsageError(
        f"which environment? This project has {', '.join(sorted(names))}",
        code="NO_ENVIRONMENT",
        hint="say it with `-e NAME` or RECONCILER_ENV",
    )


def state_folder(folder: Path) -> Path:
    """Where the ledger, the sandbox and crash files live: never in git."""
    return folder / ".reconciler"


@dataclass(frozen=True, slots=True)
class Opened:
    """An environment as far as it needs no network and no API key."""

    loaded: "LoadedProject"
    name: str
    environment: "Environment"
    ledger: "FullLedger"
    secret: Callable[..., str | None]


def opened(options: Options) -> Opened:
    """The project, the environment that was asked for, and its ledger.

    Raises:
        SpecsInvalid, UsageError: the project file is wrong, or has no such environment.
    """
    from reconciler.cli.cache_place import load_project
    from reconciler.ledger import open_ledger
    from reconciler.model.project import LedgerConfig

    loaded = load_project(options.folder)
    name = chosen_environment(loaded, options)
    environment = loaded.project.environments.get(name)
    if environment is None:
        known = ", ".join(sorted(loaded.project.environments))
        raise UsageError(
            f"there is no environment {name!r}; this project has {known}", code="NO_ENVIRONMENT"
        )
    secret = resolver(options.folder, loaded.project.secret_folders)
    ledger = open_ledger(
        # The embedded sandbox is on this machine alone, and so is its memory.
        LedgerConfig() if environment.api == "sandbox" else loaded.project.ledger,
        folder=options.folder,
        environment=name,
        secret=secret,
        now=lambda: datetime.now(UTC),
    )
    return Opened(loaded, name, environment, ledger, secret)


@asynccontextmanager
async def open_site(options: Options) -> "AsyncIterator[Site]":
    """The environment that was asked for, with an open client.

    Raises:
        SpecsInvalid, UsageError, MissingSecret: before any request is sent.
    """
    from reconciler.workflow import Site

    found = opened(options)
    async with _client(found.loaded, found.environment, options, found.secret) as client:
        yield Site(
            loaded=found.loaded,
            environment=found.name,
            organisation_id=found.environment.organisation_id,
            store=client,
            ledger=found.ledger,
            secret=found.secret,
            now=lambda: datetime.now(UTC),
        )


@asynccontextmanager
async def _client(
    loaded: "LoadedProject",
    environment: "Environment",
    options: Options,
    secret: Callable[..., str | None],
) -> "AsyncIterator[ApiClient]":
    from reconciler.live import ApiClient

    workers = loaded.project.concurrency
    if environment.api == "sandbox":
        from reconciler.sandbox import SandboxOptions, create_app

        app = create_app(state_folder(options.folder) / "sandbox.db", SandboxOptions())
        # In this process nobody else opens and closes the app.
        async with app.router.lifespan_context(app):
            client = ApiClient(
                "http://sandbox", "sandbox", resolve=secret, app=app, connections=workers
            )
            async with client:
                yield client
        return
    ref = environment.api_key
    key = secret(ref) if ref else None
    if not key:
        raise MissingSecret(
            f"the API key is not set: {ref.name if ref else 'api_key'}",
            hint="set the variable that `api_key` of the environment names",
        )
    async with ApiClient(environment.api, key, resolve=secret, connections=workers) as client:
        yield client


def run_async(main: Callable[[], Awaitable[_T]]) -> _T:
    """`asyncio.run` for one result.

    The result travels beside it: 3.11 builds the repr of what `asyncio.run` returns, twice.
    """
    results: list[_T] = []

    async def runner() -> None:
        results.append(await main())

    asyncio.run(runner())
    return results[0]


def output_width() -> int:
    """Columns of the terminal, or a fixed width elsewhere, so that logs are alike."""
    try:
        columns: int = os.get_terminal_size(1).columns
    except OSError:
        return 100
    return min(columns, 120)
