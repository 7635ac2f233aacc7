"""The least that any program of this kind does: no pydantic, no httpx, no checks.

`python -m tests.benchmarks.floor FOLDER URL WORK`, where WORK is some of: parse, get, compare.
"""

import http.client
import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit


def read(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*.yaml"))}


def parsed(files: dict[str, bytes]) -> list[Any]:
    """Values by a C parser and as little as makes YAML 1.2 of them; nothing is checked."""
    CParser = import_module("_ruamel_yaml").CParser  # noqa: N806  # not part of the floor without it
    from ruamel.yaml.nodes import MappingNode, ScalarNode  # noqa: PLC0415  # as above

    class Bare(CParser):  # type: ignore[valid-type,misc] # the C library has no types
        """The one hook: what a scalar's tag is. Here whether it is plain."""

        def resolve(self, _kind: Any, _value: Any, implicit: Any) -> Any:
            return implicit

        def descend_resolver(self, _node: Any, _index: Any) -> None: ...

        def ascend_resolver(self) -> None: ...

    def value(node: Any) -> Any:
        if type(node) is ScalarNode:
            plain = type(node.ctag.suffix) is tuple and node.ctag.suffix[0]
            return _plain(node.value) if plain else node.value
        if type(node) is MappingNode:
            return {key.value: value(item) for key, item in node.value}
        return [value(item) for item in node.value]

    return [value(Bare(content).get_single_node()) for content in files.values()]


def _plain(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in "+-.0123456789":
        try:
            return float(text) if "." in text else int(text)
        except ValueError:
            return text
    return text


_WORDS: Final = {"true": True, "false": False, "null": None, "": None}


def live(url: str) -> Any:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    connection.request("GET", "/v1/agents")
    return json.loads(connection.getresponse().read())


def main(folder: str, url: str, *work: str) -> None:
    files = read(Path(folder) / "agents")
    if "parse" in work:
        parsed(files)
    if "get" in work:
        agents = live(url)
        if "compare" in work:
            copies = json.loads(json.dumps(agents))
            assert all(one == other for one, other in zip(agents, copies, strict=True))


if __name__ == "__main__":
    main(*sys.argv[1:])
