"""YAML text → plain values, the short way: for texts in which there is nothing to explain.

`yaml_reader` knows all of YAML and what to say about a mistake, step by step. Nearly all files use
a small part of YAML and are right; those are read here, several times as fast. Whatever is not
plain (anchors, tags, merge keys, a key twice, a key that is no text, a mistake of any kind) is
`Unusual`, and the long way decides. A test holds the two equal.
"""

from collections.abc import Callable
from typing import Any, Final

from ruamel.yaml.events import (
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

from reconciler.specs import yaml_events
from reconciler.specs.scalars import NotJson, plain

_Take = Callable[[], Any]
_MOST: Final = 10_000
_BEGIN: Final[tuple[type, ...]] = (StreamStartEvent, DocumentStartEvent)
_END: Final[tuple[type, ...]] = (DocumentEndEvent, StreamEndEvent)


class Unusual(Exception):  # noqa: N818  what the text is
    """The text is not plain enough for the short way."""


def plain_value(text: str, *, depth: int, nodes: int) -> Any:
    """The value of a text, or `Unusual`; bounded in depth and in the number of its nodes."""
    try:
        return _read(text, yaml_events.plain_events(text), depth, nodes)
    except yaml_events.YAMLError:
        pass
    try:  # a colon in a flow collection, most likely
        return _read(text, yaml_events.events(text).__next__, depth, nodes)
    except yaml_events.YAMLError as error:
        raise Unusual from error


def _read(text: str, event: _Take, depth: int, nodes: int) -> Any:
    seen: list[Any] = []

    def take() -> Any:
        found = event()
        seen.append(found)
        return found

    try:
        for expected in _BEGIN:
            _expect(take, expected)
        value = _value(take(), take, depth)
        for expected in _END:
            _expect(take, expected)
    except (NotJson, StopIteration) as error:
        raise Unusual from error
    if value is None or len(seen) > nodes:
        raise Unusual  # an empty file has its own words
    yaml_events.remember(text, seen)
    return value


def _expect(take: _Take, kind: type) -> None:
    if type(take()) is not kind:
        raise Unusual


def _value(event: Any, take: _Take, depth: int) -> Any:
    if type(event) is ScalarEvent:
        return _scalar(event)
    if depth == 0 or event.anchor is not None or event.tag is not None:
        raise Unusual
    if type(event) is MappingStartEvent:
        return _mapping(take, depth - 1)
    if type(event) is SequenceStartEvent:
        return _sequence(take, depth - 1)
    raise Unusual


def _scalar(event: Any) -> Any:
    if event.anchor is not None or event.tag is not None:
        raise Unusual
    return plain(event.value) if event.implicit[0] else event.value


def _mapping(take: _Take, depth: int) -> dict[str, Any]:
    result: dict[str, Any] = {}
    event = take()
    while type(event) is ScalarEvent:
        key = _scalar(event)
        if type(key) is not str or key in result or key == "<<":
            raise Unusual
        event = take()
        result[key] = _scalar(event) if type(event) is ScalarEvent else _value(event, take, depth)
        event = take()
        if len(result) > _MOST:
            raise Unusual
    if type(event) is not MappingEndEvent:
        raise Unusual
    return result


def _sequence(take: _Take, depth: int) -> list[Any]:
    result = []
    event = take()
    while type(event) is not SequenceEndEvent:
        result.append(_value(event, take, depth))
        event = take()
        if len(result) > _MOST:
            raise Unusual
    return result
