"""How a sandbox behaves: which era of the API it plays, and the failures ordered from it."""

from __future__ import annotations

import re
from typing import Any, Literal, cast, get_args

from reconciler.nouns import noun

EraName = Literal["reference", "openapi", "deployed"]
RuntimeKey = Literal["required", "optional", "refused"]
FaultKind = Literal[
    "drop_before", "drop_after", "delay", "error", "garbage", "html", "half_list", "empty_list"
]

# The key with which a project's `api: sandbox` calls, in its own process.
PROJECT_KEY = "sandbox"

_KINDS: tuple[str, ...] = get_args(FaultKind)
_FAULT = re.compile(r"(?:(?P<method>[A-Za-z]+)@)?(?P<at>\d+):(?P<kind>\w+)(?::(?P<rest>.*))?")
_EXAMPLES = "say it as 3:drop_after, POST@2:error:502, GET@1:error:429:2 or 5:delay:1.5"
_KEY_OF_ERA: dict[EraName, RuntimeKey] = {
    "reference": "required",
    "openapi": "refused",
    "deployed": "refused",
}
_LOWEST_STATUS, _HIGHEST_STATUS = 200, 599


@noun(kw_only=True)
class Fault:
    """One failure to order.

    at: the n-th API request from 1, of those with `method` when it is given, else of all
    status: what `error` answers
    seconds: how late `delay` makes the answer; for `error` the value of Retry-After
    """

    at: int
    kind: FaultKind
    method: str | None = None
    status: int = 500
    seconds: float = 0

    def __post_init__(self) -> None:
        """Refuse what could never happen, so that an order is not silently without effect."""
        if type(self.at) is not int or self.at < 1:
            raise ValueError(f"a fault's `at` counts requests from 1, not {self.at!r}")
        if self.kind not in _KINDS:
            raise ValueError(f"unknown fault {self.kind!r}; known: {', '.join(_KINDS)}")
        if not _LOWEST_STATUS <= self.status <= _HIGHEST_STATUS:
            raise ValueError(f"a fault's status is 200 to 599, not {self.status!r}")
        if not 0 <= self.seconds < float("inf"):
            raise ValueError(f"a fault's seconds are 0 or more, not {self.seconds!r}")


@noun(kw_only=True)
class SandboxOptions:
    """How to behave.

    latency: seconds added to each answer; rate_limit: requests a second, above it 429
    host: where it is served, None inside a program; see `page.guard`
    """

    era: EraName = "openapi"
    runtime_key: RuntimeKey | None = None
    latency: float = 0.0
    rate_limit: int | None = None
    faults: tuple[Fault, ...] = ()
    host: str | None = None

    @property
    def runtime_key_rule(self) -> RuntimeKey:
        """Whether `slng_api_key` is asked for: as ordered, else as the era has it."""
        return self.runtime_key or _KEY_OF_ERA[self.era]


def parse_fault(text: str) -> Fault:
    """Read `[METHOD@]N:KIND[:STATUS[:SECONDS] | :SECONDS]`; a ValueError says what is wrong."""
    found = _FAULT.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"cannot read the fault {text!r}: {_EXAMPLES}")
    values = found["rest"].split(":") if found["rest"] else []
    try:
        settings = _settings(found["kind"], values)
    except ValueError as error:
        raise ValueError(f"cannot read the fault {text!r}: {_EXAMPLES}") from error
    method = found["method"].upper() if found["method"] else None
    return Fault(
        at=int(found["at"]), kind=cast("FaultKind", found["kind"]), method=method, **settings
    )


def _settings(kind: str, values: list[str]) -> dict[str, Any]:
    match kind, values:
        case _, []:
            return {}
        case "error", [status]:
            return {"status": int(status)}
        case "error", [status, seconds]:
            return {"status": int(status), "seconds": float(seconds)}
        case "delay", [seconds]:
            return {"seconds": float(seconds)}
        case _:
            raise ValueError("this fault takes no such setting")
