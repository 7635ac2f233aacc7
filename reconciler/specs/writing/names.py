"""Names from the dashboard → keys that are safe, unique and readable as paths, and variables."""

import re
import unicodedata
from collections.abc import Callable, Collection
from typing import Final

_LONGEST: Final = 60
_LATIN: Final = str.maketrans(
    {
        "ß": "ss",
        "æ": "ae",
        "ø": "o",
        "œ": "oe",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "\u0131": "i",
    }
)
_SEPARATORS: Final = re.compile(r"[^a-z0-9]+")
_NO_LETTERS: Final = re.compile(r"[\W_]+")
# names that Windows keeps for devices, whatever their ending
_DEVICES: Final = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]")


def key_of(name: str, agent_id: str, is_taken: Callable[[str], bool]) -> str:
    """A key for an agent of this name.

    Accents go; where less than half of the letters would be left, they stay as they are. Where
    there are none, the id must do.
    """
    ascii_only = _ascii(name)
    letters = sum(char.isalnum() for char in name)
    kept = sum(char.isalnum() for char in ascii_only)
    other = unicodedata.normalize("NFC", name.lower())
    plain = _SEPARATORS.sub("-", ascii_only) if kept * 2 >= letters else _NO_LETTERS.sub("-", other)
    readable = plain.strip("-")[:_LONGEST].strip("-")
    if not readable or not readable.isprintable():
        readable = f"agent-{_SEPARATORS.sub('', agent_id.lower())[:8] or 'unnamed'}"
    if _DEVICES.fullmatch(readable):
        readable = f"{readable}-agent"
    return _unique(readable, "-", is_taken)


def secret_name(key: str, tool: str, kind: str, taken: Collection[str]) -> str:
    """A variable's name for a secret: `SUPPORT_ROUTER_CHECK_ORDER_TOKEN`."""
    words = re.sub(r"[^A-Z0-9]+", "_", f"{key}_{_ascii(tool)}_{kind}".upper()).strip("_")
    name = words if words[:1].isalpha() else f"AGENT_{words}"
    return _unique(name, "_", lambda candidate: candidate in taken)


def _ascii(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name.lower().translate(_LATIN))
    return folded.encode("ascii", "ignore").decode("ascii").lower()


def _unique(name: str, joint: str, is_taken: Callable[[str], bool]) -> str:
    candidate, turn = name, 1
    while is_taken(candidate):
        turn += 1
        candidate = f"{name}{joint}{turn}"
    return candidate
