"""`reconciler sandbox serve` and `reset`: what they say, and how they end."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import httpx
import pytest

from tests.sandbox.api import agent
from tests.sandbox.pages import KEY
from tests.sandbox.served import reconciler, serve


def test_it_says_where_the_page_is_and_which_key_to_use(tmp_path: Path) -> None:
    with serve(tmp_path) as served:
        assert str(tmp_path) in served.said
        assert "key   sandbox" in served.said
        page = httpx.get(f"{served.url}/", follow_redirects=True)
        assert "No agents yet" in page.text
        assert served.url in page.text
        assert httpx.get(f"{served.url}/v1/agents", headers=KEY).json() == []


def test_ctrl_c_is_how_serving_ends(tmp_path: Path) -> None:
    with serve(tmp_path) as served, httpx.Client(base_url=served.url, headers=KEY) as client:
        client.post("/v1/agents", json=agent())
        code, out, err = served.stop()
        assert (code, out) == (0, "")
        assert err == "The sandbox has stopped; its agents are kept.\n"
    with serve(tmp_path) as served:
        assert len(httpx.get(f"{served.url}/v1/agents", headers=KEY).json()) == 1


def test_a_port_in_use_is_a_clear_error(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = reconciler(tmp_path, "sandbox", "serve", "--port", port)
    assert ended.returncode == 4
    assert f"port {port} of 127.0.0.1 is in use" in ended.stderr
    assert "--port 0" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "no-such-host.invalid"])  # noqa: S104  # what is tested
def test_other_machines_are_let_in_only_by_who_knows_what_that_means(
    tmp_path: Path, host: str
) -> None:
    ended = reconciler(tmp_path, "sandbox", "serve", "--host", host, "--port", "0")
    assert ended.returncode == 4
    assert "asks nobody for a password" in ended.stderr
    assert "--expose" in ended.stderr


def test_a_host_that_is_not_here_is_a_clear_error(tmp_path: Path) -> None:
    host = ("--host", "no-such-host.invalid", "--expose")
    ended = reconciler(tmp_path, "sandbox", "serve", *host, "--port", "0")
    assert ended.returncode == 4
    assert "can not listen on port 0 of no-such-host.invalid" in ended.stderr


def test_exposed_it_answers_on_all_addresses(tmp_path: Path) -> None:
    with serve(tmp_path, "--host", "0.0.0.0", "--expose") as served:  # noqa: S104  # what is tested
        local = served.url.replace("0.0.0.0", "127.0.0.1")  # noqa: S104  # what is tested
        assert httpx.get(f"{local}/_sandbox/").status_code == 200


def test_a_folder_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    ended = reconciler(tmp_path / "nowhere", "sandbox", "serve")
    assert (ended.returncode, "there is no folder" in ended.stderr) == (4, True)


def test_a_file_that_is_no_sandbox_can_be_reset(tmp_path: Path) -> None:
    (tmp_path / ".reconciler").mkdir()
    (tmp_path / ".reconciler" / "sandbox.db").write_text("no database " * 100)
    ended = reconciler(tmp_path, "sandbox", "serve", "--port", "0")
    assert ended.returncode == 1
    assert "sandbox reset" in ended.stderr
    assert reconciler(tmp_path, "sandbox", "reset").returncode == 0
    with serve(tmp_path):
        pass


def test_the_era_and_ordered_failures_are_those_that_were_asked_for(tmp_path: Path) -> None:
    with serve(tmp_path, "--era", "deployed", "--fault", "1:error:502") as served:
        first, second = (httpx.get(f"{served.url}/v1/agents", headers=KEY) for _ in range(2))
        assert (first.status_code, second.status_code) == (502, 200)
        assert "error" in json.loads(first.text)
        assert "deployed" in httpx.get(f"{served.url}/_sandbox/").text
