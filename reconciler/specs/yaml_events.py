"""The one door to ruamel: the events of a YAML text, from libyaml where it can be trusted."""

import importlib
import re
from collections.abc import Iterator
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

__all__ = ["MarkedYAMLError", "YAMLError", "events", "pure_events"]

_YAML_1_1_BREAKS: Final = re.compile("[\x85\u2028\u2029]")


def _libyaml() -> Any:
    try:
        return importlib.import_module("_ruamel_yaml").CParser
    except ImportError:
        return None


_PARSER: Final = _libyaml()


def events(text: str) -> Iterator[Any]:
    """The events of a text; raises `YAMLError`.

    libyaml takes three characters for line breaks that are ordinary text in YAML 1.2; texts that
    hold one of them go to the slow parser.
    """
    if _PARSER is None or _YAML_1_1_BREAKS.search(text):
        return pure_events(text)
    return iter(_PARSER(text).get_event, None)


def pure_events(text: str) -> Iterator[Any]:
    """The same from ruamel's own parser, which needs no C library and is 15 times slower."""
    found: Iterator[Any] = YAML(typ="safe", pure=True).parse(text)
    return found
