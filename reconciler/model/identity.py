"""Who a tool is inside its agent (DESIGN.md 5)."""

from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from reconciler.model.values import Document

if TYPE_CHECKING:
    from uuid import UUID


def natural_key(tool: Document) -> str:
    """The name by which people know a tool: `hangup`, `current_datetime`, `check_order`.

    A built-in that the system runs is another tool than the one the model calls, and says so:
    `current_datetime/system`.
    """
    kind = tool.get("type")
    if kind == "template":
        return str(tool.get("template"))
    if kind == "built_in":
        name = str(tool.get("built_in"))
        return f"{name}/system" if tool.get("source") == "system" else name
    return str(tool.get("name"))


def tools_in(document: Document) -> list[Document]:
    """The tools of a document. What else an API puts there is no tool, and is compared as it is."""
    tools = document.get("tools")
    return [tool for tool in tools if isinstance(tool, dict)] if isinstance(tools, list) else []


def same_kind(left: Document, right: Document) -> bool:
    """Whether two tools could be one by natural key: type and natural key agree."""
    return left.get("type") == right.get("type") and natural_key(left) == natural_key(right)


def labels(tools: Sequence[Document]) -> list[str]:
    """One name for each tool, for paths: the natural key, told apart by id where two share one."""
    keys = [natural_key(tool) for tool in tools]
    if len(set(keys)) == len(keys):
        return keys
    times = Counter(keys)
    return [
        key if times[key] == 1 else f"{key}#{str(tool.get('id', index))[:8]}"
        for index, (key, tool) in enumerate(zip(keys, tools, strict=True))
    ]


def derived_tool_id(agent_key: str, tool: Document) -> str:
    """The id of a new tool: the same for one agent key and natural key on every machine."""
    return _named(f"{agent_key}\n{tool.get('type')}\n{natural_key(tool)}")


def _named(name: str) -> str:
    from uuid import uuid5  # noqa: PLC0415  # few tools are new

    return str(uuid5(_namespace(), name))


@cache
def _namespace() -> "UUID":
    from uuid import UUID  # noqa: PLC0415  # as above

    return UUID("6f6c1a9e-43c5-5d0b-9a34-6c1f5b7f3d10")
