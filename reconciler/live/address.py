"""Where the API is, and who may be told the key: nothing leaves the machine unencrypted."""

from urllib.parse import quote

from reconciler.errors import LiveError, UsageError
from reconciler.live.lean import httpx


def checked_base(base_url: str, *, in_process: bool) -> str:
    """The base URL without a slash at its end.

    Plain http is for loopback, or for an app inside this process. User name, password, query and
    fragment are refused: httpx would send the first in place of our key. Raises `UsageError`,
    which never repeats the URL, as it may hold a password.
    """
    try:
        url = httpx.URL(base_url)
    except (httpx.InvalidURL, UnicodeError):
        url = httpx.URL()
    if url.scheme not in {"http", "https"} or not url.host:
        raise UsageError(
            "the API's address is no http or https URL",
            hint="write `api: https://api.agents.slng.ai`, or `api: sandbox`",
        )
    if url.userinfo or url.query or url.fragment:
        raise UsageError(
            "the API's address holds a user name, a query or a fragment",
            hint="keep the key in `api_key: {env: NAME}`, and the address to host and path",
        )
    if url.scheme == "http" and not in_process and not _is_loopback(url.host):
        raise UsageError(
            f"the API key must not go over plain http to {url.host}",
            hint="use https; plain http is for 127.0.0.1 and localhost",
        )
    return str(url).rstrip("/")


def checked_key(api_key: str) -> str:
    """The key without white space around it, such as a file's last newline.

    Raises `UsageError` for what no HTTP header can hold.
    """
    key = api_key.strip()
    if not key.isascii() or any(not "!" <= character <= "~" for character in key):
        raise UsageError(
            "the API key holds characters that no API key has",
            hint="look for line breaks, spaces or quotation marks that came along when copying",
        )
    return key


def agent_path(agent_id: str, *further: str) -> str:
    """The path of one agent below the base URL."""
    if agent_id in {"", ".", ".."}:
        # These would address the list, or what lies above it.
        raise LiveError(f"`{agent_id}` is no agent id", code="BAD_AGENT_ID")
    return "/".join(("/v1/agents", quote(agent_id, safe="", errors="replace"), *further))


def _is_loopback(host: str) -> bool:
    import ipaddress  # noqa: PLC0415  # plain http is rare

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
