"""From an approved plan to an outcome, against the protocols: no HTTP, no SQL, no planning."""

from reconciler.applying.engine import Applier, ApplySettings, Progress
from reconciler.applying.required import required_secrets

__all__ = ["Applier", "ApplySettings", "Progress", "required_secrets"]
