"""From an approved plan to an outcome, against the protocols: no HTTP, no SQL, no planning."""

from reconciler.applying.engine import Applier, ApplySettings, Progress
from reconciler.applying.recorded import recorded
from reconciler.applying.required import required_secrets
from reconciler.applying.world import World

__all__ = ["Applier", "ApplySettings", "Progress", "World", "recorded", "required_secrets"]
