"""Where a plan is talked about: comments on pull and merge requests, notifications.

The law of this package: no environment variable and no clock is read here (what the CI system
says comes in as a mapping), a token goes to the host it belongs to and nowhere else, and neither
a token nor the URL of a notification is in any message, repr or exception.
"""

from reconciler.hosting.ci import CiRun, ci_run
from reconciler.hosting.comments import Kept, keep_comments
from reconciler.hosting.dialects import DIALECTS, Dialect, HostName
from reconciler.hosting.exchange import HostingError, Rest
from reconciler.hosting.marker import Marker
from reconciler.hosting.messages import (
    apply_message,
    drift_fingerprint,
    drift_message,
    failure_message,
)
from reconciler.hosting.notifications import Message, Target, deliver
from reconciler.hosting.reviewed import plan_of
from reconciler.hosting.thread import Thread
from reconciler.hosting.told import CLEAN, Told

__all__ = [
    "CLEAN",
    "DIALECTS",
    "CiRun",
    "Dialect",
    "HostName",
    "HostingError",
    "Kept",
    "Marker",
    "Message",
    "Rest",
    "Target",
    "Thread",
    "Told",
    "apply_message",
    "ci_run",
    "deliver",
    "drift_fingerprint",
    "drift_message",
    "failure_message",
    "keep_comments",
    "plan_of",
]
