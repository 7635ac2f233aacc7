"""YAML text → plain values, the short way: for texts in which there is nothing to explain.

`yaml_reader` knows all of YAML and what to say about a mistake, step by step. Nearly all files use
a small part of YAML and are right; those are read here, several times as fast. Whatever is not
plain (anchors, tags, merge keys, a key twice, a key that is no text, a mistake of any kind) is
`Unusual`, and the long way decides. A test holds the two equal.
"""

from collections.abc import Callable
from typing import Any, Final

from reconciler.specs import yaml_events
from reconciler.specs.scalars import NotJson, plain
from reconciler.specs.yaml_events import (
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

_MOST: Final = 10_000
_BEGIN: Final[tuple[type, ...]] = (StreamStartEvent, DocumentStartEvent)
_END: Final[tuple[type, ...]] = (DocumentEndEvent, StreamEndEvent)


class Unusual(Exception):  # noqa: N818  # what the text is
    """The text is not plain enough for the short way."""


def plain_value(text: str, *, depth: int, nodes: int) -> Any:
    """The value of a text, or `Unusual`; bounded in depth and in the number of its nodes."""
    try:
        return _Plain(yaml_events.plain_events(text), nodes).whole(depth)
    except yaml_events.YAMLError:
        pass
    try:  # a colon in a flow collection, most likely
        return _Plain(yaml_events.events(text).__next__, nodes).whole(depth)
    except yaml_events.YAMLError as error:
        raise Unusual from error


class _Plain:
    """One text, from its events. A fifth of a cold plan is spent here: every step counts."""

    __slots__ = ("room", "take")

    def __init__(self, take: Callable[[], Any], nodes: int) -> None:
        self.take = take
        self.room = nodes

    def whole(self, depth: int) -> Any:
        try:
            for expected in _BEGIN:
                self.expect(expected)
            value = self.value(self.take(), depth)
            for expected in _END:
                self.expect(expected)
        except (NotJson, StopIteration) as error:
            raise Unusual from error
        if value is None:
            raise Unusual  # an empty file has its own words
        return value

    def expect(self, kind: type) -> None:
        if type(self.take()) is not kind:
            raise Unusual

    def value(self, event: Any, depth: int) -> Any:
        if type(event) is ScalarEvent:
            return _scalar(event)
        if depth == 0 or event.anchor is not None or event.ctag is not None:
            raise Unusual
        if type(event) is MappingStartEvent:
            return self.mapping(depth - 1)
        if type(event) is SequenceStartEvent:
            return self.sequence(depth - 1)
        raise Unusual

    def mapping(self, depth: int) -> dict[str, Any]:
        take, result = self.take, {}
        event = take()
        while type(event) is ScalarEvent:
            key = _scalar(event)
            if type(key) is not str or key in result or key == "<<":
                raise Unusual
            event = take()
            is_scalar = type(event) is ScalarEvent
            result[key] = _scalar(event) if is_scalar else self.value(event, depth)
            event = take()
        if type(event) is not MappingEndEvent:
            raise Unusual
        self.count(2 * len(result))
        return result

    def sequence(self, depth: int) -> list[Any]:
        take, result = self.take, []
        event = take()
        while type(event) is not SequenceEndEvent:
            result.append(self.value(event, depth))
            event = take()
        self.count(len(result))
        return result

    def count(self, nodes: int) -> None:
        self.room -= nodes
        if nodes > _MOST or self.room < 0:
            raise Unusual


def _scalar(event: Any) -> Any:
    if event.anchor is not None or event.ctag is not None:
        raise Unusual
    return plain(event.value) if event.implicit[0] else event.value
