"""One value → the ways to write it, the way it was written first, or the way its file is."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from reconciler.model.values import same
from reconciler.specs import yaml_reader
from reconciler.specs.editing.manner import Manner
from reconciler.specs.marks import Text
from reconciler.specs.writing import texts

# what a double-quoted scalar may hold, and people can not see
_HIDDEN: Final = re.compile("[\x7f-\x9f\xad\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_HALF: Final = re.compile("[\ud800-\udfff]")
_WORD: Final = re.compile(r"[\w.:~+-]+")
_REFERENCES: Final = ({"env"}, {"file"})
_SHORT: Final = 60  # characters that a collection on one line may have
_BREAK: Final = re.compile(r"[\r\n]")


def double(text: str) -> str:
    """The text in double quotes, as both YAML and JSON read it."""
    return _HIDDEN.sub(lambda m: f"\\u{ord(m.group()):04x}", json.dumps(text, ensure_ascii=False))


def single(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def one_line(value: Any, style: str, *, json_only: bool = False) -> Iterator[str]:
    """Ways to write a scalar, to be tried in order; not all of them are legal everywhere."""
    if json_only or not isinstance(value, str) or _HALF.search(value):
        yield double(value) if isinstance(value, str) else json.dumps(value)
        return
    breaks = _BREAK.search(value) is not None
    if style == "'" and not breaks:
        yield single(value)
    if style not in {"'", '"'} and value and not breaks and _is_plain_everywhere(value):
        yield value
    if style != '"' and not breaks and ('"' in value or "\\" in value):
        yield single(value)
    yield double(value)


def _is_plain_everywhere(value: str) -> bool:
    """Whether no other YAML reader takes a word for something else: `no`, `12:30`."""
    return _WORD.fullmatch(value) is None or texts.inline(value) == value


def inline(value: Any, manner: Manner, *, flow: bool) -> str:
    """A value on one line, in the plainest legal way."""
    if isinstance(value, dict):
        inner = ", ".join(
            f"{_key(key, manner)}: {inline(item, manner, flow=True)}" for key, item in value.items()
        )
        return f"{{{manner.pad}{inner}{manner.pad}}}" if inner else "{}"
    if isinstance(value, list):
        return f"[{', '.join(inline(item, manner, flow=True) for item in value)}]"
    return _scalar(value, manner.texts, manner, flow=flow)


def _key(key: str, manner: Manner) -> str:
    return _scalar(key, manner.keys, manner, flow=True)


def _scalar(value: Any, quotes: str, manner: Manner, *, flow: bool) -> str:
    ways = one_line(value, quotes, json_only=manner.json)
    return next((way for way in ways if _reads_as(way, value, flow=flow)), double(str(value)))


def _reads_as(source: str, value: Any, *, flow: bool) -> bool:
    """Whether a text means the value wherever it may come to stand, as a key too."""
    for sample, expected in (
        (f"[{source}]", [value]) if flow else (f"k: {source} # c", {"k": value}),
        (f"{{{source}: 1}}", {value: 1}) if flow and isinstance(value, str) else ("[]", []),
    ):
        found, problems = yaml_reader.read(Text("", sample))
        if problems or not same(found, expected):
            return False
    return True


def block_lines(value: Any, manner: Manner) -> list[str]:
    """A value as lines of block style, not indented; the last has no line break."""
    if isinstance(value, dict) and value:
        return [line for key, item in value.items() for line in _pair_lines(key, item, manner)]
    if isinstance(value, list) and value:
        return [line for item in value for line in _item_lines(item, manner)]
    return [inline(value, manner, flow=False)]


def _pair_lines(key: str, value: Any, manner: Manner) -> list[str]:
    name = _key(key, manner)
    if isinstance(value, dict | list) and value:
        short = inline(value, manner, flow=True)
        if len(short) <= _SHORT and _is_flat(value):
            return [f"{name}: {short}"]
        by = manner.listed if isinstance(value, list) else manner.step
        return [f"{name}:", *indented(block_lines(value, manner), by)]
    if isinstance(value, str) and (literal := literal_lines(value)) is not None:
        return [f"{name}: {literal[0]}", *indented(literal[1:], manner.step)]
    return [f"{name}: {inline(value, manner, flow=False)}"]


def _is_flat(value: Any) -> bool:
    """Whether people would write a collection on one line: scalars, and references."""
    items = value.values() if isinstance(value, dict) else value
    return not any(
        isinstance(item, list) or (isinstance(item, dict) and item.keys() not in _REFERENCES)
        for item in items
    )


def _item_lines(item: Any, manner: Manner) -> list[str]:
    if isinstance(item, dict) and item:
        first, *rest = block_lines(item, manner)
        return [f"- {first}", *indented(rest, 2)]
    return [f"- {inline(item, manner, flow=isinstance(item, list))}"]


def indented(lines: list[str], by: int) -> list[str]:
    return [" " * by + line if line else "" for line in lines]


def literal_lines(value: str) -> list[str] | None:
    """A text of several lines as a literal block, header first; None where it can not be one."""
    body = value.rstrip("\n")
    if "\n" not in value or not body or body[0] in " \n\t":
        return None
    if _HIDDEN.search(value) or any(ord(c) < ord(" ") and c not in "\n\t" for c in value):
        return None
    trailing = len(value) - len(body)
    chomp = {0: "-", 1: ""}.get(trailing, "+")
    return [f"|{chomp}", *body.split("\n"), *[""] * (trailing - 1)]
