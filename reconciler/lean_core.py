"""pydantic's core without the types of its schemas, which take as long to load as all the rest.

They are some hundred `TypedDict`s for whoever builds a schema in Python. pydantic does; we only
check by schemas that were built before. Whoever asks for one after all finds the real ones.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any, Final

_CORE: Final = "pydantic_core"
_TYPES: Final = f"{_CORE}.core_schema"


class _Type:
    """In the place of a type."""


class _Types(ModuleType):
    """In the place of the module that has them."""

    def __getattr__(self, _name: str) -> type[_Type]:
        return _Type


def _load() -> None:
    if _CORE in sys.modules:
        return
    sys.modules[_TYPES] = _Types(_TYPES)
    try:
        core = import_module(_CORE)
    except Exception:  # noqa: BLE001  # a release that does more with them than name them
        return
    finally:
        del sys.modules[_TYPES]
    _give_back(core, {name for name, value in vars(core).items() if value is _Type})


def _give_back(core: ModuleType, names: set[str]) -> None:
    def real(name: str) -> Any:
        if name in names:
            return getattr(import_module(_TYPES), name)
        raise AttributeError(f"module {_CORE!r} has no attribute {name!r}")

    for name in names:
        delattr(core, name)
    if names:
        core.__getattr__ = real  # type: ignore[method-assign]  # PEP 562


_load()

from pydantic_core import SchemaValidator, ValidationError, from_json, to_json  # noqa: E402  # once it is lean

__all__ = ["SchemaValidator", "ValidationError", "from_json", "to_json"]
