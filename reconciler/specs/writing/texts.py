"""One text → one YAML scalar that reads back as that text, in the most readable style."""

import json
import re
from typing import Final

from reconciler.specs.marks import Text
from reconciler.specs.scalars import NotJson, plain
from reconciler.specs.yaml_reader import read

WIDTH: Final = 100
_INDENT: Final = "  "
# not `isprintable`, yet ordinary in texts: no-break spaces and the joiner of emoji
_ALSO_FINE: Final = frozenset("\u00a0\u202f\u200d")
_FIRST: Final = re.compile(r"[\w(/$+¿¡]|\.\.?/")
_NOT_PLAIN: Final = re.compile(r":(\s|\Z)|\s#|\s\Z|\t")
_FLOW: Final = re.compile(r"[,\[\]{}:?]")  # `?` and `:` are more than YAML says to libyaml
# what YAML 1.1, and with it many an editor and script, takes for something else than text
_WORDS: Final = frozenset("y n yes no on off true false null none ~".split())  # noqa: SIM905  # reads well
_NUMERIC: Final = re.compile(r"[-+]?[0-9][0-9_.,:]*([eE][-+]?[0-9]+)?|0[xXbBoO]\w*")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*")


def is_fine(char: str) -> bool:
    """Whether a character can stand in a file as it is."""
    return char.isprintable() or char in _ALSO_FINE


def inline(text: str, *, in_flow: bool = False) -> str:
    """The text on one line: plain where that is safe for every YAML reader, else quoted."""
    if _is_plain(text) and not (in_flow and _FLOW.search(text)):
        return text
    if re.search(r'["\\]', text) and "'" not in text and all(map(is_fine, text)):
        return f"'{text}'"
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(char if is_fine(char) else _escaped(char) for char in quoted)


def block(text: str, indent: int) -> str | None:
    """The text as a literal block, or a long line folded; None where neither would hold it."""
    lines = text.split("\n")
    if text.endswith("\n\n") or not all(is_fine(char) or char in "\n\t" for char in text):
        return None  # a blank line after a block that keeps its own would be one more
    if len(lines) > 1:
        return _proven(text, indent, _literal(lines, text), lines)
    folded = _folded(text, max(WIDTH - indent, 40))
    return _proven(text, indent, ">-", folded) if len(folded) > 1 else None


def _literal(lines: list[str], text: str) -> str:
    indent = "2" if lines[0][:1] in {"", " ", "\t"} else ""
    return f"|{indent}{'' if text.endswith(chr(10)) else '-'}"


def _proven(text: str, indent: int, header: str, lines: list[str]) -> str | None:
    """The block, once it has been read back as the text that it stands for."""
    body = lines[:-1] if text.endswith("\n") else lines
    trial = "\n".join([f"k: {header}", *(_INDENT + line if line else "" for line in body), ""])
    value, problems = read(Text("", trial))
    if problems or value != {"k": text}:
        return None
    pad = " " * indent
    return "\n".join([header, *(pad + line if line else "" for line in body)])


def _folded(text: str, width: int) -> list[str]:
    """The text in lines, broken only where one space stands between two words."""
    lines, rest = [], text
    while len(rest) > width:
        breaks = [m.start() for m in re.finditer(r"(?<=\S) (?=\S)", rest[: width + 2])]
        if not breaks:
            break
        lines.append(rest[: breaks[-1]])
        rest = rest[breaks[-1] + 1 :]
    return [*lines, rest]


def _is_plain(text: str) -> bool:
    if not _FIRST.match(text) or _NOT_PLAIN.search(text) or not all(map(is_fine, text)):
        return False
    if text.casefold() in _WORDS or _NUMERIC.fullmatch(text) or _DATE.fullmatch(text):
        return False
    try:
        return plain(text) == text
    except NotJson:
        return False


def _escaped(char: str) -> str:
    code = ord(char)
    return f"\\U{code:08x}" if code > 0xFFFF else f"\\u{code:04x}"  # noqa: PLR2004  # the basic plane
