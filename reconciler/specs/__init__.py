"""Files → desired agents, with the place of every value. The only home of ruamel.

Nothing here reads an environment variable or the clock, and nothing reaches the network.
"""

from typing import TYPE_CHECKING

from reconciler.lazy import from_homes

if TYPE_CHECKING:
    from reconciler.specs.catalogue import explain
    from reconciler.specs.load import load_specs, loading_specs, validate
    from reconciler.specs.loaded import LoadedProject, load_project
    from reconciler.specs.loading import Loading
    from reconciler.specs.looks import LastLook, last_look
    from reconciler.specs.schemas import agent_schema, project_schema

__all__ = [
    "LastLook",
    "LoadedProject",
    "Loading",
    "agent_schema",
    "explain",
    "last_look",
    "load_project",
    "load_specs",
    "loading_specs",
    "project_schema",
    "validate",
]

# Imported on first use: `explain` needs no YAML, `--help` needs nothing at all.
__getattr__ = from_homes(
    __name__,
    {
        "LastLook": "looks",
        "LoadedProject": "loaded",
        "Loading": "loading",
        "agent_schema": "schemas",
        "explain": "catalogue",
        "last_look": "looks",
        "load_project": "loaded",
        "load_specs": "load",
        "loading_specs": "load",
        "project_schema": "schemas",
        "validate": "load",
    },
)
