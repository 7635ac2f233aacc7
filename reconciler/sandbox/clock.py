"""The sandbox's own clock: it plays another machine, whose time nobody hands in."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> str:
    moment = datetime.now(tz=UTC)  # noqa: TID251  # a server's clock is its own
    return written(moment)


def written(moment: datetime) -> str:
    """Return a moment the way the API writes it: UTC, microseconds, `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def read(text: str) -> str:
    """Bring any ISO 8601 text into the API's form; a text without a zone is UTC."""
    moment = datetime.fromisoformat(text)
    return written(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
