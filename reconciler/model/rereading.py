"""JSON that was read before, or that we wrote ourselves: any parser makes the same of it.

pydantic_core's is the faster one and keeps short texts that repeat once; but to load it takes as
long as to read some hundred documents with the standard library's.
"""

import json
import sys
from typing import Any, Final, Literal

_WORTH_LOADING: Final = 100  # documents
_read = 0


def reread(text: str | bytes, cache_strings: Literal["all", "keys"] = "all") -> Any:
    """The value of a JSON text. Raises ValueError where it is none after all."""
    global _read  # noqa: PLW0603  # how many there were in this process
    _read += 1
    if _read < _WORTH_LOADING and "reconciler.lean_core" not in sys.modules:
        return json.loads(text)
    from reconciler.lean_core import from_json  # noqa: PLC0415  # see above

    return from_json(text, cache_strings=cache_strings)
