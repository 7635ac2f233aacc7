"""What may be written, as pydantic-core checks it: the models of `model`, compiled ahead of time.

To load pydantic and to build its models takes longer than to read a hundred specs, and what comes
of it is always the same. So `shaping` keeps it in a file, and whoever only checks needs no more
than the core that does the checking.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from reconciler.lean_core import SchemaValidator, ValidationError
from reconciler.model.values import SecretRef

__all__ = ["REFERENCE", "SHAPES", "STORED", "Shape", "ValidationError", "validator"]

Shape: TypeAlias = Literal["spec", "project", "ignore"]
SHAPES: Final = frozenset({"spec", "project", "ignore"})

STORED: Final = Path(__file__).with_name("shapes.json")
REFERENCE: Final = "reference"
"""What stands in the file for a `SecretRef`."""

_SECRET: Final[dict[str, Any]] = {
    "type": "dataclass",
    "cls": SecretRef,
    "fields": ["source", "name"],
    "strict": True,
    "schema": {
        "type": "dataclass-args",
        "dataclass_name": "SecretRef",
        "fields": [
            {"type": "dataclass-field", "name": name, "schema": {"type": "str"}}
            for name in ("source", "name")
        ],
    },
}


@cache
def validator(shape: Shape, *, partial: bool = False) -> SchemaValidator:
    """Checks an object of that shape, and answers with what was written, converted.

    With `partial`, whatever is required may be missing all the same.
    """
    return SchemaValidator(_stored(partial=partial)[shape])


@cache
def _stored(*, partial: bool) -> Any:
    def made(found: dict[str, Any]) -> dict[str, Any]:
        match found.get("type"):
            case kind if kind == REFERENCE:
                return {**found, **_SECRET}
            case "typed-dict-field" if partial:
                return {**found, "required": False}
            case _:
                return found

    return json.loads(STORED.read_bytes(), object_hook=made)
