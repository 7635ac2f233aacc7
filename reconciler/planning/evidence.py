"""Whether an answer holds what was sent, give or take what APIs normalise (DESIGN.md 6)."""

from collections.abc import Callable, Mapping
from typing import Any

from reconciler.model import fields
from reconciler.model.values import ABSENT, Document, Path, lookup, same
from reconciler.nouns import noun
from reconciler.planning.alike import alike, near


@noun
class Evidence:
    """What there is to judge by besides what was sent, all keyed.

    `before` is the live document before the write, empty for a create; `sent_before` (S) None
    without memory; `is_computed` tells whether nudges are those that the API makes up itself.
    """

    answered: Document
    before: Document
    sent_before: Document | None
    answer_before: Document
    is_computed: Callable[[object], bool]

    def taken(self, path: Path, sent: object) -> bool:
        """Whether the answer holds what was sent at a path."""
        answered = lookup(self.answered, path)
        if same(sent, answered) or alike(sent, answered) or self._as_ever(path, sent, answered):
            return True
        if sent is None:
            return self._null_taken(path, answered)
        if answered is None or answered is ABSENT:
            return sent in ([], {})
        return self._near(path, sent, answered)

    def kept_keys(self, path: Path, sent: Any) -> list[str]:
        """Keys that were live before, were not sent, and are there again.

        Whether the API adds them itself or does not let go of them can not be told.
        """
        if not self.before or not isinstance(sent, Mapping):
            return []  # asked for every field of every write, and most are no map
        answered, before = lookup(self.answered, path), lookup(self.before, path)
        maps = (isinstance(each, Mapping) for each in (answered, before))
        if not all(maps) or self._as_ever(path, sent, answered):
            return []
        return sorted(key for key in answered if key not in sent and key in before)

    def _as_ever(self, path: Path, sent: object, answered: object) -> bool:
        """The same was sent before and answered so then: how it was normalised is known."""
        if self.sent_before is None or sent is ABSENT:
            return False
        as_sent = same(sent, lookup(self.sent_before, path))
        return as_sent and same(answered, lookup(self.answer_before, path))

    def _null_taken(self, path: Path, answered: object) -> bool:
        """Null may be answered with nothing, or with values that the API computed anew."""
        if answered is ABSENT:
            return True
        if path[0] in fields.TRUNKS:
            return False
        if not same(answered, lookup(self.before, path)):
            return True
        if path[0] in fields.MODELLED and path[0] != "idle_nudges":
            return False
        # The API computes a value for null, and it may have done so already: at a create, or at a
        # write whose answer we did not live to remember. Only what we know to be older is stuck.
        known = self.sent_before is not None and same(answered, lookup(self.answer_before, path))
        return not known or self.is_computed(answered)

    def _near(self, path: Path, sent: object, answered: object) -> bool:
        if isinstance(sent, Mapping) and isinstance(answered, Mapping):
            extra = [key for key in answered if key not in sent]
            if path == ("runtime_variables",) and extra:  # a list, in truth: nothing is added
                return False
            inner = all(self.taken((*path, key), value) for key, value in sent.items())
            return inner and not any(self._stuck((*path, key)) for key in extra)
        if isinstance(sent, list) and isinstance(answered, list):
            return near(sent, answered)
        return False

    def _stuck(self, path: Path) -> bool:
        """Whether a key of the answer that we did not send is one that ought to be gone."""
        if self.sent_before is None:
            return False
        if lookup(self.sent_before, path) is not ABSENT:
            return True
        drifted = lookup(self.answer_before, path) is ABSENT
        return drifted and lookup(self.before, path) is not ABSENT
