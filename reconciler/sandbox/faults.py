"""Failures to order and the rate limit: both count requests."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from reconciler.sandbox.options import Fault, parse_fault

_WINDOW_S = 1.0
_SETTINGS = frozenset(field.name for field in fields(Fault))


class FaultOrder:
    def __init__(self, faults: Sequence[Fault]) -> None:
        self.replace(faults)

    def replace(self, faults: Sequence[Fault]) -> None:
        """Take new orders, and count from the next request again."""
        self._faults = tuple(faults)
        self._total = 0
        self._by_method: Counter[str] = Counter()

    def next(self, method: str) -> Fault | None:
        """Count a request; return the first failure ordered for it."""
        self._total += 1
        self._by_method[method] += 1
        return next((fault for fault in self._faults if self._meets(fault, method)), None)

    def _meets(self, fault: Fault, method: str) -> bool:
        if fault.method is None:
            return fault.at == self._total
        return fault.method == method and fault.at == self._by_method[method]


class RateLimit:
    """At most so many requests within any second."""

    def __init__(self, per_second: int | None) -> None:
        self._per_second = per_second
        self._seen: deque[float] = deque()

    def exceeded(self) -> bool:
        if self._per_second is None:
            return False
        moment = time.monotonic()
        while self._seen and self._seen[0] <= moment - _WINDOW_S:
            self._seen.popleft()
        if len(self._seen) >= self._per_second:
            return True
        self._seen.append(moment)
        return False


def fault_from(order: Any) -> Fault:
    """Read a fault from JSON: an object of its settings, or the text of the command line."""
    if isinstance(order, str):
        return parse_fault(order)
    if not isinstance(order, dict) or not {"at", "kind"} <= set(order) <= _SETTINGS:
        raise ValueError(f"a fault is an object of {', '.join(sorted(_SETTINGS))}, not {order!r}")
    try:
        return Fault(**order)
    except TypeError as error:
        raise ValueError(f"a fault has a wrong setting: {order!r}") from error
