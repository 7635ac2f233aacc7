"""Canary secrets, end to end: they are sent to the API and stand nowhere else.

Not even where the API echoes them in its errors, in any spelling.
"""

import html
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from starlette.types import Message, Receive, Scope, Send

from reconciler.sandbox import SandboxOptions, create_app
from tests.program import Api, Checkout, Said, serving, serving_app

API_KEY = "slng_cu_Canary.(1)+[2]*%7e$"
RUNTIME = "runtime-canary.*é+(a|b)%41\\d"
BEARER = "bearer-canary [x]\nsecond line, ünïcode ☎ %0a ${not} {{it}}"
HMAC = "hmac-canary'\"<&>\t^$"
SECRETS = {"SLNG_API_KEY": API_KEY, "RUNTIME_KEY": RUNTIME, "CRM": BEARER, "HOOK": HMAC}
PIECES = ("Canary.(1)", "runtime-canary", "bearer-canary", "second line, ", "hmac-canary")


def spellings(value: str) -> set[str]:
    parts = {value, *value.splitlines()}
    forms: tuple[Callable[[str], str], ...] = (
        str,
        lambda text: repr(text)[1:-1],
        lambda text: json.dumps(text)[1:-1],
        lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
        html.escape,
        quote,
        quote_plus,
    )
    return {form(part) for part in parts for form in forms}


def leaks(text: str) -> list[str]:
    """Spellings of a secret, and pieces of one, that stand in a text."""
    known = {spelling for value in SECRETS.values() for spelling in spellings(value)}
    return sorted(word for word in {*known, *PIECES} if word in text)


def echo(app: Any, *, when: Callable[[Scope], bool]) -> Any:
    """An API that answers some requests with an error that repeats all it was sent."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not when(scope):
            await app(scope, receive, send)
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        await _refuse(scope, body, send)

    return wrapped


async def _refuse(scope: Scope, body: bytes, send: Send) -> None:
    headers = {k.decode(): v.decode("latin-1") for k, v in scope["headers"]}
    text = body.decode()
    values: list[str] = []
    if body:
        sent = json.loads(body)
        values.append(str(sent.get("slng_api_key")))
        auths = [tool.get("auth", {}) for tool in sent.get("tools", [])]
        values += [str(v) for auth in auths for k, v in auth.items() if k != "type"]
    said = " | ".join([text, repr(values), *values, *map(quote, values), headers["authorization"]])
    error = {"code": values[-1] if values else "X", "message": said, "request_id": API_KEY}
    fields = [{"path": value, "message": value} for value in values]
    answer = json.dumps({"detail": said, "error": {**error, "fields": fields}}).encode()
    start: Message = {
        "type": "http.response.start",
        "status": 422,
        "headers": [(b"content-type", b"application/json"), (b"x-request-id", API_KEY.encode())],
    }
    await send(start)
    await send({"type": "http.response.body", "body": answer})


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with serving(tmp_path / "api.db", SandboxOptions(era="reference")) as served:
        served.http.headers["Authorization"] = f"Bearer {API_KEY}"
        yield served


def checkout(tmp_path: Path, url: str) -> Checkout:
    environment = {
        "api": url,
        "api_key": {"env": "SLNG_API_KEY"},
        "overrides": {"slng_api_key": {"env": "RUNTIME_KEY"}},
    }
    repo = Checkout(tmp_path / "repo", environment)
    repo.spec("desk", greeting="Old", tools=tools("https://old.example.com/"))
    return repo


def tools(url: str) -> list[dict[str, Any]]:
    rest = {"type": "webhook", "description": "d", "url": url, "parameters": {"type": "object"}}
    return [
        {**rest, "name": "one", "auth": {"type": "bearer", "token": {"env": "CRM"}}},
        {**rest, "name": "two", "auth": {"type": "hmac", "secret": {"env": "HOOK"}}},
    ]


def all_files(folder: Path) -> str:
    found = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return "".join(content.decode("utf-8", "replace") for content in found)


def tour(repo: Checkout) -> Iterator[Said]:
    """Every command that looks at something, in every format."""
    for command in (
        ["validate"],
        ["plan", "-h"],
        ["plan", "--out", str(repo.folder / "plan.json")],
        ["plan", "--format", "json"],
        ["plan", "--format", "markdown"],
        ["drift"],
        ["drift", "--format", "json"],
        ["drift", "--format", "markdown"],
        ["history"],
        ["show", "desk"],
        ["show", "desk", "--format", "json"],
        ["ledger", "show"],
        ["ledger", "show", "desk", "--format", "json"],
        ["ledger", "export"],
    ):
        yield repo.run("-v", *command)


def test_an_apply_and_everything_that_looks_at_it(tmp_path: Path, api: Api) -> None:
    repo = checkout(tmp_path, api.url)
    said = [repo.apply(), *tour(repo)]
    repo.spec("desk", greeting="New", tools=tools("https://new.example.com/"))
    said += [*tour(repo), repo.apply("--format", "json"), repo.run("-v", "plan")]
    run = repo.run("history", "--format", "json").json["runs"][0]["id"]
    said += [repo.run("history", run, "--format", "json"), repo.run("-v", "history", run)]
    said += [repo.run("rollback", run, "--auto-approve")]
    assert {s.code for s in said} <= {0, 2}, [s for s in said if s.code not in {0, 2}]
    bodies = api.bodies("POST") + api.bodies("PUT")
    sent = {auth for b in bodies for t in b["tools"] for auth in t["auth"].values()}
    assert {BEARER, HMAC} <= sent
    assert {b["slng_api_key"] for b in bodies} == {RUNTIME}
    assert [leaks(s.out + s.err) for s in said if leaks(s.out + s.err)] == []
    assert leaks(all_files(repo.folder)) == []


@pytest.mark.parametrize("method", ["POST", "PUT", "GET", "DELETE"])
def test_an_api_that_repeats_all_it_was_sent_in_its_errors(tmp_path: Path, method: str) -> None:
    inner = create_app(tmp_path / "api.db", SandboxOptions(era="reference"))
    refusing = False

    def when(scope: Scope) -> bool:
        one = method not in {"GET", "DELETE"} or scope["path"] != "/v1/agents"
        return refusing and scope["method"] == method and one

    with serving_app(echo(inner, when=when)) as api:
        repo = checkout(tmp_path, api.url)
        repo.spec("gone")
        refusing = method == "POST"
        said = [repo.apply(), repo.apply("--format", "json")]
        refusing = False
        said.append(repo.apply())
        repo.spec("desk", greeting="New", tools=tools("https://new.example.com/"))
        repo.remove("gone")
        refusing = True
        said += [repo.apply(), repo.apply("--format", "json")]
        refusing = False
        said += tour(repo)
        run = repo.run("history", "--format", "json").json["runs"][0]["id"]
        said += [repo.run("history", run), repo.run("history", run, "--format", "json")]
    assert 1 in {s.code for s in said}
    assert "(secret)" in "".join(s.out + s.err for s in said)
    assert [leaks(s.out + s.err) for s in said if leaks(s.out + s.err)] == []
    assert leaks(all_files(repo.folder)) == []


def test_a_bug_of_ours_leaves_a_crash_file_without_them(tmp_path: Path, api: Api) -> None:
    """An exception may carry anything; here it carries every secret, as text and as repr."""

    class Broken(io.StringIO):
        def write(self, _: str) -> int:
            # the plan is made: the secrets have been looked at by now
            raise KeyError([*SECRETS.values()], *SECRETS.values())

    repo = checkout(tmp_path, api.url)
    assert repo.apply().code == 0
    said = repo.run("plan", out=Broken())
    assert said.code == 70
    (crash,) = (repo.folder / ".reconciler").glob("crash-*.txt")
    assert "KeyError" in crash.read_text(encoding="utf-8")
    assert leaks(said.out + said.err) == []
    assert leaks(all_files(repo.folder)) == []


def test_no_command_line_of_a_process_shows_one(tmp_path: Path) -> None:
    with serving(tmp_path / "api.db", SandboxOptions(era="reference", latency=0.1)) as api:
        repo = checkout(tmp_path, api.url)
        command = [sys.executable, "-m", "reconciler", "-C", str(repo.folder), "apply"]
        process = subprocess.Popen(
            [*command, "--auto-approve"],
            cwd=Path(__file__).parents[2],
            env={**os.environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        seen = []
        while process.poll() is None:
            seen.append(_command_lines(process.pid))
            time.sleep(0.02)
        out, _ = process.communicate()
    assert process.returncode == 0, out
    assert leaks(out) == []
    assert any("reconciler" in text for text in seen)
    assert leaks("".join(seen)) == []


def _command_lines(pid: int) -> str:
    """Of a process and its children, with the titles of its threads."""
    lines = []
    for path in (Path(f"/proc/{pid}/cmdline"), *Path(f"/proc/{pid}/task").glob("*/comm")):
        try:
            lines.append(path.read_text(encoding="utf-8", errors="replace"))
        except OSError:
            continue
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            lines += [_command_lines(int(child)) for child in children.read_text().split()]
        except OSError:
            continue
    return "\n".join(lines)
