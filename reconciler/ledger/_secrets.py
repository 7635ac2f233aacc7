"""Keyed hashes of secrets: enough to see that one changed, too little to have it (DESIGN.md 6)."""

import hashlib
import hmac
import secrets
from threading import Lock

# 2**14 blocks of 1 KiB: 16 MiB and 50 to 100 ms for each guess of a salt or start of a run.
_COST = 2**14


def new_salt() -> str:
    """For a ledger that is yet to be made."""
    return secrets.token_hex(16)


class SecretHasher:
    """Hashes secrets under the salt of one ledger.

    The key is derived slowly, once, and only when a secret is really hashed: most plans have none.
    """

    def __init__(self, salt: str) -> None:
        self._salt = salt
        self._key: bytes | None = None
        self._deriving = Lock()

    def hash(self, value: str) -> str:
        """HMAC-SHA256 as 64 hex digits: equal values are equal in one ledger, not across two."""
        # An environment variable may hold bytes that are no UTF-8; Python gives them as surrogates.
        message = value.encode("utf-8", "surrogatepass")
        return hmac.new(self._derived(), message, hashlib.sha256).hexdigest()

    def _derived(self) -> bytes:
        with self._deriving:
            if self._key is None:
                self._key = hashlib.scrypt(
                    self._salt.encode(), salt=b"reconciler secrets 1", n=_COST, r=8, p=1, dklen=32
                )
            return self._key
