"""The full documents of the history: each distinct one kept once, compressed.

Prompts are most of a document and shrink to a third or less; the same document before two runs
(a failed update tried again) costs nothing the second time.
"""

import hashlib
import zlib
from sqlite3 import Connection
from typing import Final

_LEVEL: Final = 1
"""Of zlib: 4 % more room than its default, in two thirds of the time. Every apply waits for it."""


def stored(connection: Connection, text: str) -> str:
    """Keep a document, given as ASCII JSON text; the answer is the digest it is found by.

    The digest is that of the exact text: `model.digest` holds `1` and `1.0` for one number, and
    what is kept here must come back as it was.
    """
    row = compressed(text)
    connection.execute("INSERT OR IGNORE INTO documents VALUES (?, ?)", row)
    return row[0]


def compressed(text: str) -> tuple[str, bytes]:
    """The digest of a document's text, and its body."""
    body = text.encode("ascii")
    return hashlib.sha256(body).hexdigest(), zlib.compress(body, _LEVEL)


def restored(body: bytes) -> str:
    return zlib.decompress(body).decode("ascii")
