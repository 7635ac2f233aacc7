"""Open one environment: project, API client, ledger, secrets, clock."""

import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from reconciler.cli.known_secrets import resolver
from reconciler.cli.root import Options
from reconciler.errors import MissingSecret, UsageError
from reconciler.nouns import noun

if TYPE_CHECKING:
    from reconciler.ledger import FullLedger
    from reconciler.live import Ahead, ApiClient
    from reconciler.model.live import AgentStore
    from reconciler.model.project import Environment
    from reconciler.specs import LastLook, LoadedProject, Loading
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


@noun
class Chosen:
    """The environment that was asked for, as far as the project file knows it."""

    loaded: "LoadedProject"
    name: str
    environment: "Environment"
    secret: Callable[..., str | None]

    @property
    def ledger(self) -> "FullLedger":
        """Its ledger; nothing is made yet."""
        from reconciler.ledger import open_ledger
        from reconciler.model.project import LedgerConfig

        return open_ledger(
            # The embedded sandbox is on this machine alone, and so is its memory.
            LedgerConfig() if self.is_sandbox else self.loaded.project.ledger,
            folder=self.loaded.folder,
            environment=self.name,
            secret=self.secret,
            now=lambda: datetime.now(UTC),
        )

    @property
    def is_sandbox(self) -> bool:
        return self.environment.api == "sandbox"

    @property
    def memo(self) -> "LastLook | None":
        """What the last look at it found."""
        from reconciler.specs import last_look

        return last_look(self.loaded, self.name)

    @property
    def api_key(self) -> str:
        """Raises MissingSecret."""
        ref = self.environment.api_key
        key = self.secret(ref) if ref else None
        if not key:
            raise MissingSecret(
                f"the API key is not set: {ref.name if ref else 'api_key'}",
                hint="set the variable that `api_key` of the environment names",
            )
        return key

    def client(self, **more: Any) -> "ApiClient":
        """A client of its API. Raises UsageError for an address or key that can not be used."""
        from reconciler.live import ApiClient

        workers = self.loaded.project.concurrency
        settings = {"resolve": self.secret, "connections": workers, **more}
        if "app" in settings:
            return ApiClient("http://sandbox", "sandbox", **settings)
        return ApiClient(self.environment.api, self.api_key, **settings)

    def begun(self) -> "Callable[[], Loading]":
        """Its specs, which are being read from now on; for who asks again, they are read again."""
        from reconciler.specs import loading_specs

        begun = [loading_specs(self.loaded, self.name)]
        begun[0].begin()
        return lambda: begun.pop() if begun else loading_specs(self.loaded, self.name)

    def site(self, store: "AgentStore", **more: Any) -> "Site":
        from reconciler.workflow import Site

        return Site(
            loaded=self.loaded,
            environment=self.name,
            organisation_id=self.environment.organisation_id,
            store=store,
            ledger=self.ledger,
            secret=self.secret,
            now=lambda: datetime.now(UTC),
            **more,
        )


def chosen(options: Options) -> Chosen:
    """The project, and the environment that was asked for.

    Raises:
        SpecsInvalid, UsageError: the project file is wrong, or has no such environment.
    """
    from reconciler.cli.cache_place import load_project

    loaded = load_project(options.folder)
    name = chosen_environment(loaded, options)
    environment = loaded.project.environments.get(name)
    if environment is None:
        known = ", ".join(sorted(loaded.project.environments))
        raise UsageError(
            f"there is no environment {name!r}; this project has {known}", code="NO_ENVIRONMENT"
        )
    secret = resolver(options.folder, loaded.project.secret_folders)
    return Chosen(loaded, name, environment, secret)


@asynccontextmanager
async def open_site(options: Options) -> "AsyncIterator[Site]":
    """The environment that was asked for, with an open client.

    Raises:
        SpecsInvalid, UsageError, MissingSecret: before any request is sent.
    """
    async with _site(chosen(options), options) as site:
        yield site


@asynccontextmanager
async def _site(found: Chosen, options: Options) -> "AsyncIterator[Site]":
    if not found.is_sandbox:
        _ = found.api_key  # before anything else is begun
    begun, memo = found.begun(), found.memo
    async with _app(found, options) as app, found.client(memo=memo, **app) as client:
        yield found.site(client, begun=begun, memo=memo)


@asynccontextmanager
async def _app(found: Chosen, options: Options) -> AsyncIterator[dict[str, Any]]:
    """The embedded sandbox, where that is the API."""
    if not found.is_sandbox:
        yield {}
        return
    import sqlite3

    from reconciler.cli.state import sandbox_file, unusable_sandbox
    from reconciler.sandbox import SandboxOptions, create_app

    database = sandbox_file(options.folder)
    try:
        app = create_app(database, SandboxOptions())
    except (OSError, sqlite3.Error) as error:
        raise unusable_sandbox(database, error) from error
    async with app.router.lifespan_context(app):  # in this process nobody else opens and closes it
        yield {"app": app}


def look(options: Options, ask: "Callable[[Site], Awaitable[_T]]") -> _T:
    """The answer of a command that only looks.

    It needs no event loop: a helper lists the agents while specs and ledger are read, and what
    else is asked of the API is asked one after the other.

    Raises:
        SpecsInvalid, UsageError, MissingSecret: before any request is sent.
    """
    # Before all else: what a helper loads for it takes as long as all that there is to do here.
    from reconciler.live import Ahead

    ahead = Ahead(_asking)
    try:
        found = chosen(options)
        if found.is_sandbox:  # which is asynchronous itself
            ahead.end()
            return run_async(lambda: _looked_in_the_sandbox(found, options, ask))
        from reconciler.model.waiting import finished

        return finished(_looked(found, ahead, ask))
    finally:
        ahead.end()


def _asking(told: bytes) -> "ApiClient":
    """The client of a helper, which has no secret to look up."""
    from reconciler.live import ApiClient
    from reconciler.specs import LastLook

    api, key, memo = json.loads(told)
    known = LastLook(*memo) if memo else None
    return ApiClient(api, key, resolve=lambda _ref: None, blocking=True, memo=known)


async def _looked_in_the_sandbox(
    found: Chosen, options: Options, ask: "Callable[[Site], Awaitable[_T]]"
) -> _T:
    async with _site(found, options) as site:
        return await ask(site)


async def _looked(found: Chosen, ahead: "Ahead", ask: "Callable[[Site], Awaitable[_T]]") -> _T:
    memo = found.memo
    told = [found.environment.api, found.api_key, memo.address if memo else None]
    ahead.ask(json.dumps(told).encode())
    begun = found.begun()
    from reconciler.live import LookingStore

    client = partial(found.client, memo=memo, blocking=True)
    # Only now, because to import the rest takes as long as what has begun.
    async with LookingStore(client, ahead, memo) as store:
        return await ask(found.site(store, begun=begun, memo=memo, blocking=True))


def run_async(main: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
    """`asyncio.run` for one result.

    The result travels beside it: 3.11 builds the repr of what `asyncio.run` returns, twice.
    """
    import asyncio

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
