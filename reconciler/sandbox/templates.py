"""Handlebars as the API reads them: which variables a text asks for, and whether braces match."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

TEXTS = ("system_prompt", "greeting", "inbound_greeting", "outbound_greeting")

_TAG = re.compile(r"\{\{\{?~?(.*?)~?\}?\}\}", re.DOTALL)
_BRACES = re.compile(r"\{\{|\}\}")
_NAME = re.compile(r"[A-Za-z_][\w-]*")
_HELPERS = frozenset({"if", "unless", "each", "with", "lookup", "log"})
_WORDS = frozenset({"else", "this", "true", "false", "null", "undefined", "as"})


def is_templated(text: str) -> bool:
    return _TAG.search(text) is not None


def is_balanced(text: str) -> bool:
    """Return whether each `{{` is closed before the next and each `}}` was opened."""
    braces = _BRACES.findall(text)
    return braces == ["{{", "}}"] * (len(braces) // 2)


def placeholders(text: str) -> list[str]:
    """Return the variables a text asks for, in order, each once."""
    names = (name for tag in _TAG.findall(text) for name in _names_in(tag.strip()))
    return list(dict.fromkeys(names))


def _names_in(tag: str) -> Iterator[str]:
    # Comments, closing tags and partials name no variable; `$NAME` is a token of the vault.
    if not tag or tag[0] in "!/>$":
        return
    words = tag.lstrip("#^&").split()
    if words and words[0] in _HELPERS:
        words = words[1:]
    for word in words:
        found = _NAME.match(word)
        if found and found[0] not in _WORDS | _HELPERS and "=" not in word:
            yield found[0]


def tool_texts(tool: Mapping[str, Any]) -> Iterator[str]:
    """Yield the texts of a tool that take templates; `llm_result_instructions` takes none."""
    candidates = [tool.get(name) for name in ("url", "phone_number", "timezone", "prompt")]
    policy = tool.get("execution_policy") or {}
    candidates.append((policy.get("pre_action_message") or {}).get("text"))
    arguments = (tool.get("system") or {}).get("arguments") or ()
    candidates += [(argument.get("source") or {}).get("template") for argument in arguments]
    yield from (text for text in candidates if isinstance(text, str))


def usages(document: Mapping[str, Any], fields: Sequence[str] = TEXTS) -> dict[str, list[str]]:
    """Return each variable that an agent's texts and tools ask for, with where it is used."""
    found: dict[str, list[str]] = {}
    places = [(name, document[name]) for name in fields if isinstance(document.get(name), str)]
    places += [("tools", text) for tool in document.get("tools") or () for text in tool_texts(tool)]
    for place, text in places:
        for name in placeholders(text):
            users = found.setdefault(name, [])
            if place not in users:
                users.append(place)
    return found


def templated_outside_path_and_values(url: str) -> bool:
    mark = "\0"  # cannot stand in a URL, and keeps a tag's own `#` and `/` from splitting it
    marked = _TAG.sub(mark, url)
    address, _, fragment = marked.partition("#")
    front, _, query = address.partition("?")
    authority = re.match(r"(?:[^/]*://)?[^/]*", front)
    keys = [pair.partition("=")[0] for pair in query.split("&")]
    outside = [authority[0] if authority else "", fragment, *keys]
    return any(mark in part for part in outside)
