"""Without an event loop the same is said over the wire, and the same is made of the answers."""

import asyncio
import gzip
import os
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from reconciler.errors import LiveError, UsageError
from reconciler.live import ApiClient, RetryPolicy
from reconciler.model.live import LiveAgent
from reconciler.model.waiting import finished
from tests.live.servers import KEY, no_secret, raw

LIST = b'[{"id": "a", "name": "A"}]'
SLOWLY = b"..."
"""At the end of an answer that goes on for two seconds."""
ONCE = RetryPolicy(attempts=1)


class Port:
    """A port in a thread of its own, with one answer for each connection; what it heard."""

    def __init__(self, answers: Sequence[bytes | None]) -> None:
        self.heard: list[bytes] = []
        self._silent: list[socket.socket] = []
        self._answers = answers
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.base = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        for answer in self._answers:
            connection, _ = self._socket.accept()
            self.heard.append(connection.recv(65536))
            if answer is None:
                self._silent.append(connection)
                continue
            with connection, suppress(ConnectionError):
                connection.sendall(answer)
                for _ in range(40 if answer.endswith(SLOWLY) else 0):
                    sleep(0.05)
                    connection.sendall(b" ")

    def close(self) -> None:
        for _ in range(len(self._answers) - len(self.heard)):  # those that nobody asked for
            socket.create_connection(self._socket.getsockname()).close()
        self._thread.join()
        for each in (self._socket, *self._silent):
            each.close()


@contextmanager
def port(*answers: bytes | None) -> Iterator[Port]:
    made = Port(answers)
    try:
        yield made
    finally:
        made.close()


def listed(base: str, **options: Any) -> Sequence[LiveAgent]:
    async def main() -> Sequence[LiveAgent]:
        settings = {"resolve": no_secret, "jitter": lambda: 0.0, **options}
        async with ApiClient(base, KEY, blocking=True, **settings) as client:
            return await client.list_agents()

    return finished(main())


def failure(base: str, **options: Any) -> LiveError:
    with pytest.raises(LiveError) as caught:
        listed(base, **options)
    return caught.value


def test_a_list_is_asked_for_with_the_key_and_read() -> None:
    with port(raw(LIST)) as api:
        assert [agent.name for agent in listed(api.base)] == ["A"]
    head = api.heard[0].lower()
    assert head.startswith(b"get /v1/agents http/1.1\r\n")
    assert f"\r\nauthorization: bearer {KEY}\r\n".lower().encode() in head
    assert b"\r\naccept-encoding: gzip" in head
    assert b"content-type" not in head


def test_a_compressed_list_is_read_and_a_large_one_is_not() -> None:
    packed = raw(gzip.compress(LIST), b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip")
    with port(packed, packed) as api:
        assert len(listed(api.base)) == 1
        assert "larger than 5 bytes" in failure(api.base, list_bytes=5).message


@pytest.mark.parametrize(
    ("answer", "code", "told"),
    [
        (raw(LIST, length=500), "NO_ANSWER", "the connection broke"),
        (b"", "NO_ANSWER", "the connection broke"),
        (raw(b"{}"), "GARBLED_ANSWER", "a list of agents"),
        (raw(b"no", b"HTTP/1.1 401 Unauthorized"), "API401", "HTTP 401"),
        (raw(b"", b"HTTP/1.1 302 Found\r\nLocation: http://x/"), "REDIRECT", "redirects to"),
        (raw(b"x" * (1 << 21), b"HTTP/1.1 500 Oh"), "API500", "HTTP 500"),
    ],
)
def test_an_answer_that_is_no_list_is_an_error(answer: bytes, code: str, told: str) -> None:
    with port(answer) as api:
        error = failure(api.base, retry=ONCE)
    assert (error.code, told in error.message, error.unclear) == (code, True, False)


def test_it_asks_again_when_it_is_told_to_and_waits_as_it_is_told() -> None:
    busy = raw(b"", b"HTTP/1.1 429 Busy\r\nRetry-After: 7")
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    with port(busy, raw(b"", b"HTTP/1.1 500 Oh"), raw(LIST)) as api:
        assert len(listed(api.base, sleep=sleep, clock=lambda: sum(waits))) == 1
    assert waits[0] == 7
    assert len(api.heard) == 3


def test_silence_and_nobody_there_are_told_apart() -> None:
    with port(None) as api:
        silent = failure(api.base, retry=ONCE, timeout=0.2)
    assert "no answer in time" in silent.message
    gone = failure(api.base, retry=ONCE)
    assert "no connection" in gone.message
    assert gone.hint is not None


def test_one_call_does_not_go_on_beyond_its_deadline() -> None:
    with port(raw(LIST + SLOWLY, length=500)) as api:
        error = failure(api.base, retry=RetryPolicy(attempts=1, deadline=0.3))
    assert "no answer in time" in error.message


def asked_of_a_proxy(monkeypatch: pytest.MonkeyPatch, *, blocking: bool) -> bytes:
    """What a proxy of the environment hears when an API behind TLS is asked."""

    async def main() -> None:
        client = ApiClient(
            "https://api.example.com", KEY, resolve=no_secret, blocking=blocking, retry=ONCE
        )
        async with client:
            await client.list_agents()

    with port(raw(b"", b"HTTP/1.1 502 No")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.base)
        with pytest.raises(LiveError, match=r"no connection|the connection broke"):
            finished(main()) if blocking else asyncio.run(main())
    return proxy.heard[0]


@pytest.mark.parametrize("blocking", [True, False])
def test_https_goes_by_way_of_the_proxy_that_the_environment_names_without_the_key(
    monkeypatch: pytest.MonkeyPatch, *, blocking: bool
) -> None:
    heard = asked_of_a_proxy(monkeypatch, blocking=blocking)
    assert heard.startswith(b"CONNECT api.example.com:443 HTTP/1.1\r\n")
    assert KEY.encode() not in heard


@pytest.mark.parametrize("blocking", [True, False])
@pytest.mark.parametrize(
    "proxy", ["socks5://u:canary@127.0.0.1:9", "ftp://u:canary@h", "http://[::1"]
)
def test_a_proxy_that_can_not_be_used_is_told_before_anything_is_sent(
    monkeypatch: pytest.MonkeyPatch, *, proxy: str, blocking: bool
) -> None:
    async def main() -> None:
        ApiClient("https://api.example.com", KEY, resolve=no_secret, blocking=blocking)

    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(UsageError, match="the proxy that the environment names") as refused:
        asyncio.run(main())
    assert "canary" not in f"{refused.value} {refused.value.hint}"
    assert "HTTPS_PROXY" in str(refused.value.hint)


def test_a_local_api_is_asked_without_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with port(raw(LIST)) as api:
        assert len(listed(api.base)) == 1


def test_certificates_that_can_not_be_read_are_told_before_anything_is_sent(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", os.fspath(tmp_path / "not there"))
    with pytest.raises(UsageError, match="the certificates that https needs can not be read"):
        listed("https://api.example.com")
