"""YAML text → plain values, strictly: YAML 1.2 core schema, one document, bounded.

Values carry no positions; those are found when they are needed (`yaml_nodes`). Problems of the
text itself have theirs at once, from the parser's marks.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from reconciler.errors import Problem
from reconciler.specs import yaml_events
from reconciler.specs.marks import Text
from reconciler.specs.yaml_builder import MAX_DEPTH, MAX_NODES, Builder, Stop
from reconciler.specs.yaml_values import Unusual, plain_value

__all__ = ["MAX_DEPTH", "MAX_NODES", "read", "read_strictly"]


def read(
    text: Text, parse: Callable[[str], Iterator[Any]] = yaml_events.events
) -> tuple[Any, list[Problem]]:
    """The value of a YAML text, and what is wrong with it.

    With problems the value is what could be made out; None where nothing could.
    """
    if parse is yaml_events.events:
        with contextlib.suppress(Unusual):
            return plain_value(text.content, depth=MAX_DEPTH, nodes=MAX_NODES), []
    return read_strictly(text, parse)


def read_strictly(
    text: Text, parse: Callable[[str], Iterator[Any]] = yaml_events.events
) -> tuple[Any, list[Problem]]:
    """The same, always step by step."""
    builder = Builder(text)
    try:
        builder.consume(parse(text.content))
    except yaml_events.YAMLError as error:
        from reconciler.specs.yaml_syntax import syntax_problem  # noqa: PLC0415  # most are well

        builder.syntax(syntax_problem(text, error))
        return None, builder.problems
    except Stop:
        return None, builder.problems
    return builder.root, builder.problems
