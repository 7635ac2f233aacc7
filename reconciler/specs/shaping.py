"""pydantic's models as plain data, for `shapes`: what may be written, without the classes.

`python -m reconciler.specs.shaping` writes `shapes.json` anew; a test holds it fresh.
"""

import json
from pathlib import Path
from typing import Any, Final

from reconciler.model.agent import MergedSpec
from reconciler.model.project_file import IgnoreRule, Project
from reconciler.model.strict import Strict
from reconciler.model.values import SecretRef
from reconciler.specs.shapes import REFERENCE, SHAPES, STORED

_MODELS: Final[dict[str, type[Strict]]] = {
    "spec": MergedSpec,
    "project": Project,
    "ignore": IgnoreRule,
}
_NOT_KEPT: Final = frozenset({"metadata", "serialization"})
_CLOSED: Final = {"strict": True, "extra_fields_behavior": "forbid"}


def shapes() -> dict[str, Any]:
    """The core schema of each shape, in which an object is a `typed-dict`."""
    assert _MODELS.keys() == SHAPES
    found = {}
    for name, model in _MODELS.items():
        model.model_rebuild()
        found[name] = _plain(model.__pydantic_core_schema__)
    return found


def stored_text() -> str:
    """What `shapes.json` is to hold."""
    return json.dumps(shapes(), separators=(",", ":")) + "\n"


def _plain(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_plain(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    match schema.get("type"):
        case "model":
            return _object(schema)
        case "dataclass":
            assert schema["cls"] is SecretRef
            return _with_ref({"type": REFERENCE}, schema)
        case "default":  # those of the nouns count; here, whether a field may be left out
            return _plain(schema["schema"])
        case _:
            kept = {key: _plain(each) for key, each in schema.items() if key not in _NOT_KEPT}
            if "schema_ref" in kept:
                kept["schema_ref"] = _name(kept["schema_ref"])
            return _with_ref(kept, schema)


def _object(schema: dict[str, Any]) -> dict[str, Any]:
    fields = schema["schema"]
    assert fields["type"] == "model-fields", fields["type"]
    made = {
        "type": "typed-dict",
        "config": _CLOSED,
        "fields": {name: _field(field["schema"]) for name, field in fields["fields"].items()},
    }
    return _with_ref(made, schema)


def _with_ref(made: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Others may name it by that."""
    return {**made, "ref": _name(schema["ref"])} if "ref" in schema else made


def _name(ref: str) -> str:
    """Without the number of this very run behind it."""
    return ref.rpartition(":")[0]


def _field(schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "typed-dict-field",
        "schema": _plain(schema),
        "required": schema["type"] != "default",
    }


if __name__ == "__main__":
    Path(STORED).write_text(stored_text(), encoding="utf-8")
