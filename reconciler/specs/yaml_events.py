"""The one door to ruamel: the events of a YAML text, from libyaml where it can be trusted."""

import importlib
from collections.abc import Callable, Iterator
from typing import Any, Final

from reconciler.dormant import dormant
from reconciler.patterns import pattern

dormant("ruamel.yaml")  # libyaml's parser needs a part of it
from ruamel.yaml.error import MarkedYAMLError, YAMLError  # noqa: E402  # see above
from ruamel.yaml.events import (  # noqa: E402  # see above
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

__all__ = [
    "AliasEvent",
    "CollectionEndEvent",
    "CollectionStartEvent",
    "DocumentEndEvent",
    "DocumentStartEvent",
    "MappingEndEvent",
    "MappingStartEvent",
    "MarkedYAMLError",
    "NodeEvent",
    "ScalarEvent",
    "SequenceEndEvent",
    "SequenceStartEvent",
    "StreamEndEvent",
    "StreamStartEvent",
    "YAMLError",
    "event_list",
    "events",
    "plain_events",
    "pure_events",
    "remember",
]

# The parsers know YAML 1.1 best. Three characters that are text in 1.2 break lines there, and in
# libyaml a `:` or `?` inside a plain text ends it: `{api: https://example.com}` and `{say: Hm?}`
# are refused. Characters of the private use area stand in for them, as wide as what they shield,
# so that marks stay true. A pattern that starts with a character is searched for at the speed of
# memory.
_INNER_COLON: Final = pattern(r":(?=[^\s,\[\]{}])(?<=[^\s\"'\[\]{},]:)")
_INNER_QUESTION: Final = pattern(r"\?(?<=[^\s\"'\[\]{},]\?)")
_COLON: Final = "\ue03a"
_QUESTION: Final = "\ue03f"
_SHIELDS: Final = {0x85: "\ue085", 0x2028: "\ue028", 0x2029: "\ue029"}
_SHIELDED: Final = {ord(shield): chr(char) for char, shield in _SHIELDS.items()} | {
    ord(_COLON): ":",
    ord(_QUESTION): "?",
}
_BREAK: Final = pattern("[\x85\u2028\u2029]")
_SHIELD: Final = pattern(
    "[\ue03a\ue03f\ue085\ue028\ue029]|\\\\(?:u|U0000)[eE]0(?:3[aAfF]|85|28|29)"
)


def _libyaml() -> Any:
    try:
        return importlib.import_module("_ruamel_yaml").CParser
    except ImportError:
        return None


_PARSER: Final = _libyaml()
_latest: tuple[str | None, list[Any]] = (None, [])


def events(text: str) -> Iterator[Any]:
    """The events of a text; raises `YAMLError`."""
    return _events(text, _libyaml_events if _PARSER is not None else _ruamel_events)


def event_list(text: str) -> list[Any]:
    """The events of a text that has been read before; raises `YAMLError`.

    Those of the latest text are still there: who reads a file and finds something wrong in it
    asks for places next.
    """
    if _latest[0] is not text:
        remember(text, list(events(text)))
    return _latest[1]


def remember(text: str, found: list[Any]) -> None:
    """Keep all events of a text until the next one: a list for every file would fill memory."""
    global _latest  # noqa: PLW0603  # one slot: see above
    _latest = (text, found)


def plain_events(text: str) -> Callable[[], Any]:
    """What gives one event after the other, straight from libyaml; raises `YAMLError`.

    For texts without tags they are right without any shield, or there is an error: libyaml
    refuses an inner `:` or `?` in a flow collection, and never takes it for something else.
    """
    if _PARSER is None or not (text.isascii() or not (_BREAK.search(text) or _SHIELD.search(text))):
        raise YAMLError
    found: Callable[[], Any] = _PARSER(text).get_event
    return found


def pure_events(text: str) -> Iterator[Any]:
    """The same from ruamel's own parser, which needs no C library and is 15 times slower."""
    return _events(text, _ruamel_events)


def _events(text: str, parse: Callable[[str], Iterator[Any]]) -> Iterator[Any]:
    special = not text.isascii()
    if (special or "\\" in text) and _SHIELD.search(text):
        return _ruamel_events(text)  # it minds colons less; nobody writes these characters
    shielded = _INNER_QUESTION.sub(_QUESTION, _INNER_COLON.sub(_COLON, text))
    if special and _BREAK.search(text):
        shielded = shielded.translate(_SHIELDS)
    found = parse(shielded)
    return found if shielded is text else _unshielded(found)


def _unshielded(found: Iterator[Any]) -> Iterator[Any]:
    for event in found:
        if type(event) is ScalarEvent and not (value := event.value).isascii():
            event.value = value.translate(_SHIELDED)
        yield event


def _libyaml_events(text: str) -> Iterator[Any]:
    return iter(_PARSER(text).get_event, None)


def _ruamel_events(text: str) -> Iterator[Any]:
    from ruamel.yaml import YAML  # noqa: PLC0415  # the whole of it, for what libyaml can not read

    found: Iterator[Any] = YAML(typ="safe", pure=True).parse(text)
    return found
