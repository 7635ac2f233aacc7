"""New text for a place where `${variables}` were used: they stay where they still fit."""

import re
from difflib import SequenceMatcher
from typing import Any, Final

from reconciler.model.values import SecretRef, same
from reconciler.specs.variables import VARIABLE_NAME, Variables

_USE: Final = re.compile(r"(\$\$\{)|\$\{(" + VARIABLE_NAME + r")\}")
_SHORTEST: Final = 3  # characters: anything shorter fits anywhere by chance
_MOST_PARTS: Final = 20_000  # beyond that, only what is the same at both ends is looked at


def literal(text: str) -> str:
    """A text that means itself."""
    return text.replace("${", "$${")


def rewritten(written: str, new: str, variables: Variables) -> str:
    """What to write for a new text in the place of another that may use variables."""
    kept = _with_variables(written, new, variables) if "${" in written else literal(new)
    return kept if variables.substitute(kept) == new else literal(new)


def raw(value: Any, old: Any, meant: Any, variables: Variables) -> Any:
    """A resolved value as a file says it; `old` is what stood there, `meant` what it stood for.

    What does not change keeps its words: references, variables.
    """
    if old is not None and same(value, meant):
        return old
    if isinstance(value, str):
        return rewritten(old, value, variables) if isinstance(old, str) else literal(value)
    if isinstance(value, SecretRef):
        return {value.source: value.name}
    if isinstance(value, dict):
        olds, meants = (each if isinstance(each, dict) else {} for each in (old, meant))
        return {k: raw(v, olds.get(k), meants.get(k), variables) for k, v in value.items()}
    if isinstance(value, list):
        return [raw(item, None, None, variables) for item in value]
    return value


def _with_variables(written: str, new: str, variables: Variables) -> str:
    old_parts, names = _parts_of(written, variables)
    used = {variables.values[name]: name for name in names.values()}
    splitter = re.compile(
        "|".join([*map(re.escape, sorted(used, key=len, reverse=True)), r"\w+", r"\s+", r"."]),
        re.DOTALL,
    )
    parts: list[str] = []
    at: dict[int, str] = {}
    for index, part in enumerate(old_parts):
        if index in names:
            at[len(parts)] = names[index]
            parts.append(part)
        else:
            parts += splitter.findall(part)
    new_parts = splitter.findall(new)
    matched = {j: at[i] for i, j in _matches(parts, new_parts) if i in at}
    unmatched = set(names.values()) - set(matched.values())
    for index, part in enumerate(new_parts):
        if index not in matched and len(part) >= _SHORTEST and used.get(part) in unmatched:
            matched[index] = used[part]
    chunks: list[str] = []
    plain = ""
    for index, part in enumerate(new_parts):
        if index in matched:
            chunks += [literal(plain), f"${{{matched[index]}}}"]
            plain = ""
        else:
            plain += part
    return "".join([*chunks, literal(plain)])


def _parts_of(written: str, variables: Variables) -> tuple[list[str], dict[int, str]]:
    """The text as it was meant, cut at its variables, and which of the parts they are."""
    parts: list[str] = []
    names: dict[int, str] = {}
    end = 0
    for use in _USE.finditer(written):
        name = use.group(2)
        if name is None or not variables.values.get(name):
            continue
        parts.append(written[end : use.start()].replace("$${", "${"))
        names[len(parts)] = name
        parts.append(variables.values[name])
        end = use.end()
    return [*parts, written[end:].replace("$${", "${")], names


def _matches(left: list[str], right: list[str]) -> list[tuple[int, int]]:
    head = 0
    while head < min(len(left), len(right)) and left[head] == right[head]:
        head += 1
    tail = 0
    while tail < min(len(left), len(right)) - head and left[-1 - tail] == right[-1 - tail]:
        tail += 1
    found = [(i, i) for i in range(head)]
    found += [(len(left) - n, len(right) - n) for n in range(1, tail + 1)]
    inner = left[head : len(left) - tail], right[head : len(right) - tail]
    if len(inner[0]) + len(inner[1]) > _MOST_PARTS:
        return found
    for i, j, size in SequenceMatcher(None, *inner, autojunk=False).get_matching_blocks():
        found += [(head + i + n, head + j + n) for n in range(size)]
    return found
