"""What was asked of the API since this sandbox started, for tests to look at."""

from __future__ import annotations

import json
from collections import deque
from typing import Any

from reconciler.nouns import noun

_KEPT = 10_000


@noun
class Exchange:
    """A request and the status of its answer, None when the connection was cut instead."""

    method: str
    path: str
    status: int | None
    body: bytes

    @property
    def shown(self) -> dict[str, Any]:
        return {
            "method": self.method,
            "path": self.path,
            "status": self.status,
            "body": _read(self.body),
        }


class Journal:
    def __init__(self) -> None:
        self._exchanges: deque[Exchange] = deque(maxlen=_KEPT)

    def note(self, exchange: Exchange) -> None:
        self._exchanges.append(exchange)

    def shown(self) -> list[dict[str, Any]]:
        return [exchange.shown for exchange in self._exchanges]


def _read(body: bytes) -> Any:
    """Return the JSON of a body, its text when it is none, None when it is empty."""
    if not body:
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body.decode(errors="replace")
