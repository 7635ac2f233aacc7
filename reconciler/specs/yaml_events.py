"""The one door to ruamel: the events of a YAML text, from libyaml where it can be trusted."""

import importlib
import re
from collections.abc import Iterator
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import ScalarEvent

__all__ = ["MarkedYAMLError", "YAMLError", "events", "pure_events"]

# libyaml knows YAML 1.1 only. Three characters that are text in 1.2 break lines there, and a `:`
# inside a plain text ends it in flow collections: `{api: https://example.com}` is refused.
_BREAKS: Final = re.compile("[\x85\u2028\u2029]")
_INNER_COLON: Final = re.compile(r"(?<=[^\s\"'\[\]{},]):(?=[^\s,\[\]{}])")
_SHIELD: Final = "\ue03a"  # of the private use area, as wide as a colon, so that marks stay true


def _libyaml() -> Any:
    try:
        return importlib.import_module("_ruamel_yaml").CParser
    except ImportError:
        return None


_PARSER: Final = _libyaml()


def events(text: str) -> Iterator[Any]:
    """The events of a text; raises `YAMLError`."""
    if _PARSER is None or _BREAKS.search(text) or _SHIELD in text:
        return pure_events(text)
    shielded, count = _INNER_COLON.subn(_SHIELD, text)
    found = iter(_PARSER(shielded).get_event, None)
    return _unshielded(found) if count else found


def _unshielded(found: Iterator[Any]) -> Iterator[Any]:
    for event in found:
        if type(event) is ScalarEvent and _SHIELD in event.value:
            event.value = event.value.replace(_SHIELD, ":")
        yield event


def pure_events(text: str) -> Iterator[Any]:
    """The same from ruamel's own parser, which needs no C library and is 15 times slower."""
    found: Iterator[Any] = YAML(typ="safe", pure=True).parse(text)
    return found
