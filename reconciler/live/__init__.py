"""The API: client, retries, wire shape to model. The only home of httpx.

Nothing of httpx leaves this package, and no secret does: not in an error, a cause or a log.
"""

from reconciler.live.client import ApiClient, AsgiApp
from reconciler.live.decoding import decode_agent
from reconciler.live.retry import RetryPolicy
from reconciler.live.secrets import SecretResolver

__all__ = ["ApiClient", "AsgiApp", "RetryPolicy", "SecretResolver", "decode_agent"]
