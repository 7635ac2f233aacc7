"""How long to keep trying, and how long to wait in between.

An own loop (`calls.py`) rather than tenacity: whether to go on depends on the method and on what
the server may have seen, waits on `Retry-After`, and every try ends in a value, not an exception,
because exceptions of httpx hold the key. What a library would add is the arithmetic below.
"""

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Final

from reconciler.nouns import noun

THROTTLED_FACTOR: Final = 10
"""A 429 says "not yet", not "no", and many workers at a tight limit lose many rounds each."""


@noun(kw_only=True, slots=False)
class RetryPolicy:
    """Delays and ceilings in seconds; `deadline` bounds the whole of one call, waits included.

    `attempts` counts the first one; answers 429 have ten times the attempts.
    """

    attempts: int = 5
    first_delay: float = 0.25
    max_delay: float = 8.0
    max_retry_after: float = 60.0
    deadline: float = 120.0

    def allows(self, failures: int, throttled: int) -> bool:
        """Whether to try once more after so many failures, `throttled` of them 429."""
        most = (self.attempts - 1) * THROTTLED_FACTOR
        return failures - throttled < self.attempts and failures <= most

    def delay(self, failures: int, retry_after: float | None, jitter: float) -> float:
        """Seconds to wait after so many failures; `jitter` lies between 0 and 1.

        What the server asks for, up to the ceiling, and a little more, so that not all workers
        come back at once; without its word, exponential backoff with full jitter.
        """
        if retry_after is not None:
            return min(retry_after, self.max_retry_after) + self.first_delay * jitter
        # The exponent is bounded only so that it can not overflow.
        return min(self.max_delay, self.first_delay * 2.0 ** min(failures - 1, 60)) * jitter


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that `Retry-After` asks for, or None.

    A date is taken against the answer's own `Date`: no clock of ours, and no skew between two.
    """
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", value, re.ASCII):
        return float(value)
    try:
        until, now = (parsedate_to_datetime(d) for d in (value, headers.get("date", "")))
        return max(0.0, (until - now).total_seconds())
    except (TypeError, ValueError, OverflowError):  # no date; one with a time zone, one without
        return None
