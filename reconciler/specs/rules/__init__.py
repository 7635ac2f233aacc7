"""What the API asks of an agent beyond the shape of its fields, checked offline (API.md 3 to 6).

A rule takes a `View` and yields findings. It runs also where the shape is broken, so it takes
nothing for granted; `View` hands out what has the right type.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reconciler.specs.rules.all import agent_findings

__all__ = ["agent_findings"]


def __getattr__(name: str) -> Any:
    """Import on first use: the rules of a fleet need neither pydantic nor the rules of an agent."""
    if name != "agent_findings":
        raise AttributeError(name)
    from reconciler.specs.rules import all as every  # noqa: PLC0415  # as late as said above

    return every.agent_findings
