"""Where a process can be made to die: before or after its n-th request, or its n-th commit."""

import os
import signal
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, NoReturn

import httpx

from reconciler.ledger._git.place import Move, Remote


def _die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("SIGKILL was survived")


@dataclass
class Countdown:
    """Counts steps of one kind, and kills this process around the one that was chosen (from 1)."""

    at: int = 0
    when: Literal["before", "after"] = "before"
    seen: int = field(default=0, init=False)

    def begin(self) -> int:
        self.seen += 1
        if self.when == "before" and self.seen == self.at:
            _die()
        return self.seen

    def end(self, number: int) -> None:
        if self.when == "after" and number == self.at:
            _die()


class MortalTransport(httpx.AsyncBaseTransport):
    """HTTP whose requests are steps; "after" means that the whole answer was read."""

    def __init__(self, countdown: Countdown) -> None:
        self._countdown = countdown
        self._inner = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        number = self._countdown.begin()
        response = await self._inner.handle_async_request(request)
        await response.aread()
        self._countdown.end(number)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


@contextmanager
def mortal_commits(countdown: Countdown) -> Iterator[None]:
    """Make each commit of a ledger a step: before it nothing is kept, after it all of it is."""
    with _mortal_transactions(countdown), _mortal_pushes(countdown):
        yield


@contextmanager
def _mortal_pushes(countdown: Countdown) -> Iterator[None]:
    genuine = Remote.move

    def move(remote: Remote, moves: Sequence[Move]) -> str | None:
        number = countdown.begin()
        answer = genuine(remote, moves)
        countdown.end(number)
        return answer

    Remote.move = move  # type: ignore[method-assign, assignment]  # for this process alone
    try:
        yield
    finally:
        Remote.move = genuine  # type: ignore[method-assign]


@contextmanager
def _mortal_transactions(countdown: Countdown) -> Iterator[None]:
    class Connection(sqlite3.Connection):
        writes = False

        def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
            if sql.startswith("BEGIN"):
                self.writes = sql == "BEGIN IMMEDIATE"
            if sql != "COMMIT" or not self.writes:
                return super().execute(sql, *parameters)
            number = countdown.begin()
            cursor = super().execute(sql, *parameters)
            countdown.end(number)
            return cursor

    genuine = sqlite3.connect

    def connect(database: Any, *arguments: Any, **named: Any) -> sqlite3.Connection:
        if "ledger.db" in str(database):
            named["factory"] = Connection
        connection: sqlite3.Connection = genuine(database, *arguments, **named)
        return connection

    sqlite3.connect = connect  # type: ignore[assignment]  # an overloaded function
    try:
        yield
    finally:
        sqlite3.connect = genuine
