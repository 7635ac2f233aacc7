"""`${name}` in texts: the variables of an environment (DESIGN.md 3)."""

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from reconciler.specs.findings import MOST_FINDINGS, Finding, did_you_mean
from reconciler.specs.marks import Steps

VARIABLE_NAME: Final = r"[A-Za-z_][A-Za-z0-9_.-]*"
_USE: Final = re.compile(r"\$\$\{|\$\{(?:(" + VARIABLE_NAME + r")\})?")
_LITERAL_HINT: Final = "write `$${` for a literal `${`"


@dataclass(frozen=True, slots=True)
class Variables:
    """The variables of one environment."""

    environment: str
    values: Mapping[str, str]

    def substitute(self, text: str) -> str:
        """The text with all variables replaced; unknown ones stay as they are."""
        return _USE.sub(self._replacement, text) if "${" in text else text

    def _replacement(self, use: re.Match[str]) -> str:
        if use.group() == "$${":
            return "${"
        name = use.group(1)
        return self.values.get(name, use.group()) if name else use.group()

    def findings(self, text: str, steps: Steps) -> list[Finding]:
        """What is wrong with the uses of variables in a text."""
        wrong = (
            self._finding(use, steps)
            for use in _USE.finditer(text)
            if use.group() != "$${" and use.group(1) not in self.values
        )
        return list(itertools.islice(wrong, MOST_FINDINGS))

    def _finding(self, use: re.Match[str], steps: Steps) -> Finding:
        name = use.group(1)
        if name is None:
            message, hint = "`${` starts a variable, but no `name}` follows", _LITERAL_HINT
            code = "SPEC029"
        else:
            code = "SPEC028"
            message = f"environment {self.environment} has no variable `{name}`"
            near = did_you_mean(name, self.values)
            hint = (
                f"{near} Otherwise {_LITERAL_HINT}"
                if near
                else (f"add it to the environment's `variables`, or {_LITERAL_HINT}")
            )
        return Finding(
            code, message, steps, hint, offset=use.start(), length=len(use.group()), as_written=True
        )

    def written_offset(self, text: str, offset: int) -> int:
        """Where in the text as written a place of the substituted text comes from."""
        shift = 0  # how much longer the substituted text is, so far
        for use in _USE.finditer(text):
            start, length = use.start() + shift, len(self._replacement(use))
            if offset < start:
                break
            if offset < start + length:
                return use.start()
            shift += length - len(use.group())
        return offset - shift


def names_used(text: str) -> list[str]:
    """The first variables that a text uses."""
    if "${" not in text:
        return []
    uses = itertools.islice(_USE.finditer(text), 20)
    return list(dict.fromkeys(name for use in uses if (name := use.group(1))))[:3]
