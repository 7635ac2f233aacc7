"""The sandbox on a port: a cut connection is cut, a killed process loses nothing."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn

from reconciler.sandbox import SandboxOptions, create_app, parse_fault
from reconciler.sandbox.server import server_for
from tests.sandbox.api import BEARER, agent

_SERVE = """
import sys
from pathlib import Path
from reconciler.sandbox import SandboxOptions, serve
serve(Path(sys.argv[1]), "127.0.0.1", int(sys.argv[2]), SandboxOptions())
"""


@contextmanager
def running(server: uvicorn.Server) -> Iterator[httpx.Client]:
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            thread.join(0.01)
        address = server.servers[0].sockets[0].getsockname()
        with httpx.Client(base_url=f"http://127.0.0.1:{address[1]}", headers=BEARER) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def serving(database: Path, *faults: str) -> Iterator[httpx.Client]:
    options = SandboxOptions(faults=tuple(parse_fault(text) for text in faults))
    with running(server_for(database, "127.0.0.1", 0, options)) as client:
        yield client


@contextmanager
def process(database: Path) -> Iterator[tuple[httpx.Client, subprocess.Popen[bytes]]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", _SERVE, str(database), str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as server:
        try:
            transport = httpx.HTTPTransport(retries=10)  # until the port is open
            base = f"http://127.0.0.1:{port}"
            with httpx.Client(base_url=base, headers=BEARER, transport=transport) as client:
                yield client, server
        finally:
            server.kill()


def names(client: httpx.Client) -> list[str]:
    return sorted(one["name"] for one in client.get("/v1/agents").json())


@pytest.mark.parametrize(("kind", "left"), [("drop_before", []), ("drop_after", ["Desk"])])
def test_a_dropped_request_ends_without_an_answer(
    database: Path, kind: str, left: list[str]
) -> None:
    with serving(database, f"1:{kind}") as client:
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)) as caught:
            client.post("/v1/agents", json=agent())
        assert "complete message body" not in str(caught.value)
        assert names(client) == left


def test_another_server_cuts_the_connection_in_the_middle_of_the_answer(database: Path) -> None:
    options = SandboxOptions(faults=(parse_fault("1:drop_after"),))
    app = create_app(database, options)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical"))
    with running(server) as client:
        with pytest.raises(httpx.RemoteProtocolError):
            client.post("/v1/agents", json=agent())
        assert names(client) == ["Desk"]


def test_a_client_that_does_not_wait_may_have_written_all_the_same(database: Path) -> None:
    with serving(database, "1:delay:1") as client:
        with pytest.raises(httpx.ReadTimeout):
            client.post("/v1/agents", json=agent(), timeout=0.25)
        assert names(client) == ["Desk"]


def test_latency_is_added_to_each_answer(database: Path) -> None:
    server = server_for(database, "127.0.0.1", 0, SandboxOptions(latency=1))
    with running(server) as client, pytest.raises(httpx.ReadTimeout):
        client.get("/v1/agents", timeout=0.25)


def test_nothing_is_lost_when_the_process_is_killed(database: Path) -> None:
    with process(database) as (client, server):
        for number in range(20):
            client.post("/v1/agents", json=agent(name=str(number)))
        server.send_signal(signal.SIGKILL)
        server.wait()
    with process(database) as (client, _):
        assert len(names(client)) == 20


def test_two_processes_on_one_file_keep_names_unique(database: Path) -> None:
    with process(database) as (first, _), process(database) as (second, _):
        statuses: list[int] = []

        def create(client: httpx.Client) -> None:
            statuses.extend(
                client.post("/v1/agents", json=agent(name=str(number))).status_code
                for number in range(25)
            )

        threads = [threading.Thread(target=create, args=(client,)) for client in (first, second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(statuses) == [201] * 25 + [409] * 25
        assert len(names(first)) == len(names(second)) == 25


def test_a_server_writes_nothing_to_standard_output(database: Path) -> None:
    with process(database) as (client, server):
        client.get("/v1/agents")
        server.send_signal(signal.SIGTERM)
        assert server.communicate()[0] == b""
