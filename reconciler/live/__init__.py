"""The API: client, retries, wire shape to model. The only home of httpx.

Nothing of httpx leaves this package, and no secret does: not in an error, a cause or a log.
"""

from typing import TYPE_CHECKING

from reconciler.lazy import from_homes

if TYPE_CHECKING:
    from reconciler.live.ahead import Ahead, LookingStore
    from reconciler.live.client import ApiClient, AsgiApp
    from reconciler.live.decoding import decode_agent
    from reconciler.live.retry import RetryPolicy
    from reconciler.live.secrets import SecretResolver

__all__ = [
    "Ahead",
    "ApiClient",
    "AsgiApp",
    "LookingStore",
    "RetryPolicy",
    "SecretResolver",
    "decode_agent",
]

# Imported on first use: where a helper asks the API, nobody else needs httpx.
__getattr__ = from_homes(
    __name__,
    {
        "Ahead": "ahead",
        "ApiClient": "client",
        "AsgiApp": "client",
        "LookingStore": "ahead",
        "RetryPolicy": "retry",
        "SecretResolver": "secrets",
        "decode_agent": "decoding",
    },
)
