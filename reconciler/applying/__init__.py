"""From an approved plan to an outcome, against the protocols: no HTTP, no SQL, no planning."""

from reconciler.applying.engine import Applier, ApplySettings, Progress, required_secrets

__all__ = ["Applier", "ApplySettings", "Progress", "required_secrets"]
