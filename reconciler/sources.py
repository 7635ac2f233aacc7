"""What a plan rests on: specs, ledger and live agents, read at the same time."""

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Generator, Sequence
from contextlib import asynccontextmanager, closing
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from reconciler.errors import Problem
from reconciler.model.desired import Specs
from reconciler.model.ledger import Ledger, LedgerState
from reconciler.model.live import AgentStore, LiveAgent
from reconciler.nouns import noun

if TYPE_CHECKING:
    from reconciler.specs import Loading

_T = TypeVar("_T")

_TURNS_TO_CONNECT: Final = 30

_NEEDED_FOR_CHANGES: Final = (
    "reconciler.planning.changes",
    "reconciler.planning.order",
    "reconciler.report.text_fields",
)
_NEEDED_TO_APPLY: Final = (
    "reconciler.lean_core",
    *_NEEDED_FOR_CHANGES,
    "reconciler.planning.answer",
    "reconciler.applying",
)
"""Loaded while others are at work, as soon as it is likely that they will be needed."""


@noun
class Sources:
    """The three sides of a comparison, and the warnings of the first one."""

    specs: Specs
    warnings: tuple[Problem, ...]
    state: LedgerState
    live: Sequence[LiveAgent]


async def read_sources(
    loading: "Loading", ledger: Ledger, store: AgentStore, *, blocking: bool = False
) -> Sources:
    """All three. Of several that can not be read, the first in their order is told.

    With `blocking` there is no event loop, and none of what the store does ever waits for one.

    Raises:
        SpecsInvalid, LedgerError, LiveError.
    """
    with closing(loading.steps()) as steps:
        loading.begin()
        beside = _tasks
        if blocking:  # a thread with nothing to do meanwhile would only be in the way
            beside = _nothing_else if loading.is_done else _thread
        async with beside(ledger, store) as others:
            if not (blocking and loading.is_done):
                for module in _NEEDED_FOR_CHANGES if blocking else _NEEDED_TO_APPLY:
                    import_module(module)
                    await others.turn()
            for _ in steps:
                await others.turn()
            specs, warnings = loading.result()
            return Sources(specs, warnings, await others.state, await others.live)


@noun
class _Others:
    """What is being read beside the specs; `turn` lets the others have one."""

    state: Awaitable[LedgerState]
    live: Awaitable[Sequence[LiveAgent]]
    turn: Callable[[], Awaitable[None]]


@asynccontextmanager
async def _tasks(ledger: Ledger, store: AgentStore) -> AsyncIterator[_Others]:
    import asyncio  # noqa: PLC0415  # for who has an event loop

    state = asyncio.create_task(asyncio.to_thread(ledger.read))
    live = asyncio.create_task(store.list_agents())
    for _ in range(_TURNS_TO_CONNECT):  # so that the API has the request before we get busy
        await asyncio.sleep(0)
    try:
        yield _Others(state, live, lambda: asyncio.sleep(0))
    finally:
        for task in (state, live):  # nobody is interested any more if they still run
            task.cancel()
        await asyncio.gather(state, live, return_exceptions=True)


@asynccontextmanager
async def _thread(ledger: Ledger, store: AgentStore) -> AsyncIterator[_Others]:
    """For a ledger that is far away; the list is with a helper already, or can wait."""
    reading = _Thread(ledger.read)
    try:
        yield _Others(reading, _Later(store.list_agents), _nobody_waits)
    finally:
        reading.join()


@asynccontextmanager
async def _nothing_else(ledger: Ledger, store: AgentStore) -> AsyncIterator[_Others]:
    async def state() -> LedgerState:
        return ledger.read()

    yield _Others(_Later(state), _Later(store.list_agents), _nobody_waits)


async def _nobody_waits() -> None: ...


class _Later(Generic[_T]):
    """Work that is done when it is awaited."""

    def __init__(self, work: Callable[[], Coroutine[Any, Any, _T]]) -> None:
        self._work = work

    def __await__(self) -> Generator[Any, Any, _T]:
        return self._work().__await__()


class _Thread(Generic[_T]):
    """Work beside our own; awaited, it is waited for. Where there is no thread, it is done then."""

    def __init__(self, work: Callable[[], _T]) -> None:
        from threading import Thread  # noqa: PLC0415  # as late as the rest

        self._work = work
        self._results: list[_T] = []
        self._error: BaseException | None = None
        self._thread: Thread | None = Thread(target=self._run)
        try:
            self._thread.start()
        except RuntimeError:  # there can not be one more
            self._thread = None

    def join(self) -> None:
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        try:
            self._results.append(self._work())
        except BaseException as error:  # noqa: BLE001  # whoever waits raises it
            self._error = error

    def __await__(self) -> Generator[Any, Any, _T]:
        return self._result().__await__()

    async def _result(self) -> _T:
        if self._thread is None:
            self._run()
        self.join()
        if self._error is not None:
            raise self._error
        return self._results[0]
