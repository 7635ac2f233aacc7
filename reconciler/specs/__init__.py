"""Files → desired agents, with the place of every value. The only home of ruamel.

Nothing here reads an environment variable or the clock, and nothing reaches the network.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reconciler.specs.catalogue import explain
    from reconciler.specs.load import load_specs, loading_specs, validate
    from reconciler.specs.loaded import LoadedProject, load_project
    from reconciler.specs.schemas import agent_schema, project_schema

__all__ = [
    "LoadedProject",
    "agent_schema",
    "explain",
    "load_project",
    "load_specs",
    "loading_specs",
    "project_schema",
    "validate",
]

_HOMES = {
    "LoadedProject": "loaded",
    "agent_schema": "schemas",
    "explain": "catalogue",
    "load_project": "loaded",
    "load_specs": "load",
    "loading_specs": "load",
    "project_schema": "schemas",
    "validate": "load",
}


def __getattr__(name: str) -> Any:
    """Import on first use: `explain` needs no YAML, `--help` needs nothing at all."""
    if name not in _HOMES:
        raise AttributeError(name)
    import importlib  # noqa: PLC0415  # as late as the rest

    return getattr(importlib.import_module(f"reconciler.specs.{_HOMES[name]}"), name)
