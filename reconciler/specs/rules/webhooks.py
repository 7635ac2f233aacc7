"""Rules of webhooks: their names, addresses and parameters."""

import re
from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import urlsplit

from reconciler.patterns import pattern
from reconciler.specs.findings import Finding
from reconciler.specs.marks import Steps
from reconciler.specs.rules.json_schema import TAKES_A_SCHEMA, schema_fault
from reconciler.specs.rules.known import RESERVED_TOOL_NAMES
from reconciler.specs.rules.typed import mapping
from reconciler.specs.rules.view import View

_NAME: Final = pattern(r"[A-Za-z0-9_-]+\Z")
_ECHOED: Final = pattern(r"[a-z_][a-z0-9_]*\Z")
_URL: Final = pattern(r"(?i)(https?)://([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?\Z", re.DOTALL)
_PLACEHOLDER: Final = pattern(r"\{\{[^{}]*\}\}")
_SPACE: Final = pattern(r"\s")
_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def names(view: View) -> Iterator[Finding]:
    for index, tool in view.tools_of("webhook"):
        name, steps = tool.get("name"), ("tools", index, "name")
        if not isinstance(name, str) or not name:
            continue
        if name in RESERVED_TOOL_NAMES:
            message = f"the name `{name}` is reserved by the platform"
            yield Finding("SPEC042", message, steps, "choose another name")
        elif tool.get("source") != "system" and not _NAME.match(name):
            message = f"{name[:64]!r} is no name that a model can call"
            yield Finding("SPEC043", message, steps, "use letters, digits, `_` and `-` only")
        elif not _ECHOED.match(name):
            message = f"the API may give {name[:64]!r} back in another form"
            hint = "use lower case letters, digits and `_` only"
            yield Finding("SPEC108", message, steps, hint)


def urls(view: View) -> Iterator[Finding]:
    for index, tool in view.tools_of("webhook"):
        url = tool.get("url")
        if isinstance(url, str):
            yield from _url(url, ("tools", index, "url"))


def _url(url: str, steps: Steps) -> Iterator[Finding]:
    if mistyped := _mistyped(url, steps):
        yield mistyped
        return
    parts = _URL.match(url)
    if parts is None or not _has_host(url):
        hint = "write the whole address, `https://…`; its host can not be a template"
        yield Finding("SPEC051", "this is no http(s) address", steps, hint)
        return
    for group, what in ((2, "host"), (5, "fragment")):
        if "{{" in (parts[group] or ""):
            yield _misplaced(steps, parts.start(group) + parts[group].index("{{"), what)
    offset = parts.start(4)
    for pair in (parts[4] or "").split("&"):
        name = pair.partition("=")[0]
        if "{{" in name:
            yield _misplaced(steps, offset + name.index("{{"), "name of a query parameter")
        offset += len(pair) + 1
    if parts[1].lower() == "http" and urlsplit(url).hostname not in _LOCAL:
        hint = "use https: what the caller said travels in it"
        yield Finding("SPEC107", "a webhook over plain http", steps, hint)


def _mistyped(url: str, steps: Steps) -> Finding | None:
    """A character that no address can have where it stands."""
    if spaces := _SPACE.search(_PLACEHOLDER.sub(_as_long, url.rstrip())):
        message, hint = "an address can not hold a space", "write `%20`, or remove it"
        return Finding("SPEC051", message, steps, hint, offset=spaces.start())
    if (parts := _URL.match(url)) and "$" in parts[2]:
        message, hint = "`$` can not stand in a host", "a variable is written `${name}`"
        offset = parts.start(2) + parts[2].index("$")
        return Finding("SPEC051", message, steps, hint, offset=offset)
    return None


def _as_long(placeholder: re.Match[str]) -> str:
    return "x" * len(placeholder.group())


def _has_host(url: str) -> bool:
    try:
        return bool(urlsplit(url).hostname)
    except ValueError:
        return False


def _misplaced(steps: Steps, offset: int, what: str) -> Finding:
    return Finding(
        "SPEC051",
        f"a template can not stand in the {what}",
        steps,
        "`{{…}}` may stand in path segments and in values of query parameters; for a host that "
        "differs by environment use a variable, `${name}`",
        offset=offset,
        length=2,
    )


def parameters(view: View) -> Iterator[Finding]:
    for index, tool in view.tools_of("webhook"):
        schema = tool.get("parameters")
        if isinstance(schema, dict) and (fault := schema_fault(schema)) is not None:
            path, message, hint = fault
            steps = ("tools", index, "parameters", *path)
            yield Finding("SPEC054", f"no valid JSON Schema: {message}", steps, hint)


def misplaced_properties(view: View) -> Iterator[Finding]:
    """A schema says nothing of what stands beside `properties`, and the model never hears of it."""
    for index, tool in view.tools_of("webhook"):
        for name, value in mapping(tool.get("parameters")).items():
            if name not in TAKES_A_SCHEMA and isinstance(value, dict) and "type" in value:
                message = f"`{name[:80]}` is no keyword of JSON Schema: the model would not see it"
                steps = ("tools", index, "parameters", name)
                yield Finding("SPEC114", message, steps, "put it under `properties`", at_key=True)


RULES: Final[tuple[Callable[[View], Iterator[Finding]], ...]] = (
    names,
    urls,
    parameters,
    misplaced_properties,
)
