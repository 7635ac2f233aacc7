"""Over TLS, as every API but a local one is asked: whom we trust, and what a proxy hears."""

import os
import select
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trustme

from reconciler.sandbox import SandboxOptions, create_app
from tests.program import KEY, Api, Checkout, serving_app


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def api(tmp_path: Path, authority: trustme.CA) -> Iterator[Api]:
    """A sandbox behind a certificate for `localhost`."""
    app = create_app(tmp_path / "api.db", SandboxOptions())
    with serving_app(app, certificate=authority.issue_cert("localhost")) as served:
        yield served


@pytest.fixture
def repo(tmp_path: Path, api: Api, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    monkeypatch.setenv("SLNG_API_KEY", KEY)
    made = Checkout(tmp_path / "repo", {"api": api.url, "api_key": {"env": "SLNG_API_KEY"}})
    made.spec("desk")
    return made


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a company does that has an authority of its own."""
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))


def planned_by_a_process(repo: Checkout) -> str:
    """By one that may have a helper, which a process with threads has not."""
    command = [sys.executable, "-m", "reconciler", "-C", str(repo.folder), "plan"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.usefixtures("trusted")
def test_a_journey_with_an_authority_that_is_trusted(repo: Checkout, api: Api) -> None:
    assert api.url.startswith("https://localhost:")
    assert repo.apply().code == 0
    assert list(api.agents()) == ["Desk"]
    assert "No changes." in planned_by_a_process(repo)
    repo.spec("desk", greeting="Good day!")
    assert "Good day!" in planned_by_a_process(repo)
    assert repo.apply().code == 0
    assert repo.run("drift").code == 0


@pytest.mark.parametrize("command", [["plan"], ["apply", "--auto-approve"]])
def test_a_certificate_that_nobody_vouches_for_ends_it_at_once(
    repo: Checkout, api: Api, command: list[str]
) -> None:
    said = repo.run(*command)
    assert said.code == 1
    assert "CERTIFICATE_VERIFY_FAILED" in said.err
    assert "tried" not in said.err  # to ask again changes no certificate
    assert api.requests() == []


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("command", [["plan"], ["apply", "--auto-approve"]])
def test_a_certificate_of_somebody_else_ends_it_too(
    repo: Checkout, api: Api, command: list[str]
) -> None:
    elsewhere = api.url.replace("localhost", "127.0.0.1")
    repo.configure(environments={"test": {**repo.environment, "api": elsewhere}})
    said = repo.run(*command)
    assert said.code == 1
    assert "CERTIFICATE_VERIFY_FAILED" in said.err
    assert api.requests() == []


@dataclass
class Proxy:
    """Hands on what comes through its tunnels, and remembers all of it."""

    url: str
    asked: list[bytes] = field(default_factory=list)
    passed: list[bytes] = field(default_factory=list)


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with socket.create_server(("127.0.0.1", 0)) as port:
        made = Proxy(f"http://127.0.0.1:{port.getsockname()[1]}")
        thread = threading.Thread(target=_accept, args=(port, made))
        thread.start()
        yield made
        port.shutdown(socket.SHUT_RDWR)
        thread.join()


def _accept(port: socket.socket, proxy: Proxy) -> None:
    with suppress(OSError):  # it is over
        while True:
            client, _ = port.accept()
            threading.Thread(target=_tunnel, args=(client, proxy), daemon=True).start()


def _tunnel(client: socket.socket, proxy: Proxy) -> None:
    with client:
        head = client.recv(65536)
        proxy.asked.append(head)
        host, number = head.split()[1].decode().rsplit(":", 1)
        with socket.create_connection((host, int(number))) as server:
            client.sendall(b"HTTP/1.1 200 Go ahead\r\n\r\n")
            ends = {client: server, server: client}
            while True:
                for end in select.select(list(ends), [], [])[0]:
                    if not (said := end.recv(65536)):
                        return
                    proxy.passed.append(said)
                    ends[end].sendall(said)


@pytest.mark.usefixtures("trusted")
def test_a_journey_by_way_of_a_proxy_that_reads_nothing(
    repo: Checkout, api: Api, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _through(proxy, monkeypatch):
        assert repo.apply().code == 0
        assert "No changes." in planned_by_a_process(repo)
    assert list(api.agents()) == ["Desk"]
    assert all(head.startswith(b"CONNECT localhost:") for head in proxy.asked)
    heard = b"".join((*proxy.asked, *proxy.passed))
    assert heard
    assert KEY.encode() not in heard
    assert b"Help the caller." not in heard


@contextmanager
def _through(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        for name in ("NO_PROXY", "no_proxy"):
            patch.delenv(name, raising=False)
        patch.setenv("HTTPS_PROXY", proxy.url)
        assert os.environ["HTTPS_PROXY"]
        yield
