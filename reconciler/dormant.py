"""Packages that are run only when somebody asks them for something of their own.

A package may load a hundred modules in its `__init__` for which we have no use: pydantic_core the
types of its schemas, ruamel.yaml its dumpers. Of one that is dormant, a module can be imported
without all that.
"""

import sys
from importlib.util import find_spec, module_from_spec
from threading import RLock
from types import ModuleType
from typing import Any, Final

_WAKING: Final = RLock()
_awaking: list[ModuleType] = []


class _Dormant(ModuleType):
    """A package of which nothing is there yet but where its modules are found."""

    def __getattr__(self, name: str) -> Any:
        with _WAKING:  # whoever asks meanwhile waits, as with any import
            if type(self) is _Dormant and self not in _awaking:
                self._wake()
        return ModuleType.__getattribute__(self, name)

    def _wake(self) -> None:
        spec = self.__spec__
        assert spec is not None
        assert spec.loader is not None
        _awaking.append(self)
        try:
            spec.loader.exec_module(self)
        finally:
            _awaking.remove(self)
        self.__class__ = ModuleType  # type: ignore[assignment]  # all of it is there


def dormant(package: str) -> None:
    """Have a package wait until it is needed, unless it is there already."""
    if package in sys.modules:
        return
    spec = find_spec(package)
    if spec is None or spec.loader is None:
        return  # whoever imports it will hear of it
    sleeping = sys.modules[package] = module_from_spec(spec)
    sleeping.__class__ = _Dormant
    parent, _, name = package.rpartition(".")
    if parent:
        setattr(sys.modules[parent], name, sleeping)
