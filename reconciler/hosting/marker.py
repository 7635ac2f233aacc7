"""The hidden line by which our comment is found again."""

import re
from urllib.parse import quote

from reconciler.nouns import noun


@noun
class Marker:
    """Names one environment of one project; `folder` is where the project lies in its repo.

    A repo may hold several projects with an environment of one name: each has its own comment.
    """

    environment: str
    folder: str = ""

    def line(self, part: int) -> str:
        """The marker of one part: an HTML comment that nothing in a name can end early."""
        return f"<!-- reconciler plan {self._address()} part={part} -->"

    def part_of(self, body: str) -> int | None:
        """Which part a comment is, or None for a comment that is not ours.

        Only the first line counts: somebody who quotes our comment has not written it.
        """
        found = re.match(
            rf"<!-- reconciler plan {re.escape(self._address())} part=(\d{{1,6}}) -->", body
        )
        return int(found.group(1)) if found else None

    def _address(self) -> str:
        words = (("environment", self.environment), ("project", self.folder or "."))
        return " ".join(f"{name}={_inert(value)}" for name, value in words)


def _inert(value: str) -> str:
    # `--` may end a comment, depending on who reads it.
    return quote(value, safe="/").replace("--", "%2D%2D")
