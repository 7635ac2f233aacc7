"""Which drift was told to whom, so that a cron job every ten minutes does not shout as often.

Kept in a file beside the project's other state and not in the ledger: a drift check only reads,
and its CI job should need no right to write. A fresh CI checkout brings the file along from the
CI system's cache (the workflows that `init --ci` writes do); without it, drift is told once more.
"""

import contextlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any, Final

from reconciler.nouns import noun

_FORMAT: Final = 1
CLEAN: Final = "clean"


@noun
class Told:
    """For each environment and target the fingerprint of the drift that was told last."""

    path: Path

    def last(self, environment: str, label: str) -> str:
        told = self._read().get(environment)
        found = told.get(label) if isinstance(told, dict) else None
        return found if isinstance(found, str) else CLEAN

    def remember(self, environment: str, labels: list[str], fingerprint: str) -> None:
        """Raises OSError where the file can not be written."""
        told = self._read()
        mine = told.get(environment)
        mine = {**(mine if isinstance(mine, dict) else {}), **dict.fromkeys(labels, fingerprint)}
        document = {"format_version": _FORMAT, "told": {**told, environment: mine}}
        self.path.parent.mkdir(mode=0o700, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", dir=self.path.parent, delete=False, encoding="utf-8"
        ) as draft:
            json.dump(document, draft, indent=2, sort_keys=True)
        try:
            os.replace(draft.name, self.path)  # noqa: PTH105  # atomic, and never half a file
        except OSError:
            with contextlib.suppress(OSError):
                Path(draft.name).unlink()
            raise

    def _read(self) -> dict[str, Any]:
        """A file that is missing, damaged or newer says nothing: drift is told once more."""
        try:
            document = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        if not isinstance(document, dict) or document.get("format_version") != _FORMAT:
            return {}
        told = document.get("told")
        return told if isinstance(told, dict) else {}
