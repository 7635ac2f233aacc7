"""What `doctor` asks the network: requests without a key, that change nothing."""

import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

import httpx

_PATIENCE: Final = 10.0  # seconds
_OK: Final = 200
_LOOPBACK: Final = re.compile(r"localhost|127(\.\d{1,3}){3}|::1")
_SSH: Final = re.compile(r"(?:ssh://)?(?:[\w.-]+@)([\w.-]+)(?::\d+)?[:/](.+)")


def server_time(base_url: str) -> datetime | None:
    """The clock of a server, by the Date of any answer; None without one."""
    head = _head(base_url.rstrip("/") + "/v1/agents")
    try:
        return parsedate_to_datetime(head.headers["date"]) if head is not None else None
    except (KeyError, ValueError):
        return None


def is_public(remote: str) -> bool | None:
    """Whether anybody may clone this git remote; None when that can not be found out.

    Asked as git asks, without credentials, which every host answers.
    """
    url = _https(remote)
    if url is None:
        return None
    head = _head(url.rstrip("/") + "/info/refs?service=git-upload-pack")
    return None if head is None else head.status_code == _OK


def _https(remote: str) -> str | None:
    """The address for reading, without the user and password that the remote may name."""
    if found := _SSH.fullmatch(remote):
        return f"https://{found.group(1)}/{found.group(2)}"
    try:
        parts = urlsplit(remote)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return None
    host = parts.hostname or ""
    if parts.scheme == "https" or (parts.scheme == "http" and _LOOPBACK.fullmatch(host)):
        return f"{parts.scheme}://{host}{port}{parts.path}"
    return None


def _head(url: str) -> httpx.Response | None:
    """The status and headers of an answer; its body is not read."""
    try:
        with httpx.stream(
            "GET", url, timeout=_PATIENCE, follow_redirects=False, trust_env=url.startswith("https")
        ) as response:
            return response
    except (httpx.HTTPError, httpx.InvalidURL):
        return None
