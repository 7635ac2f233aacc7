"""`${name}` in texts: the variables of an environment (DESIGN.md 3)."""

import itertools
import re
from collections.abc import Mapping
from dataclasses import field, replace
from typing import Final

from reconciler.nouns import noun
from reconciler.patterns import pattern
from reconciler.specs.findings import MOST_FINDINGS, Finding, did_you_mean
from reconciler.specs.marks import Steps

VARIABLE_NAME: Final = r"[A-Za-z_][A-Za-z0-9_.-]*"
_USE: Final = pattern(r"\$\$\{|\$\{(?:(" + VARIABLE_NAME + r")\})?")
_LOOSE: Final = pattern(r"\s*([\w.-]{1,40})\s*\}")
_LITERAL_HINT: Final = "write `$${` for a literal `${`"
_MOST_NAMED: Final = 3


@noun
class Variables:
    """The variables of one environment; `everywhere` those of each, for what is told of all."""

    environment: str
    values: Mapping[str, str]
    everywhere: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

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
            self._finding(use, steps) if use.group(1) else _unfinished(use, steps)
            for use in _USE.finditer(text)
            if use.group() != "$${" and use.group(1) not in self.values
        )
        return list(itertools.islice(wrong, MOST_FINDINGS))

    def _finding(self, use: re.Match[str], steps: Steps) -> Finding:
        """One message for all environments that lack a variable: it is one slip."""
        name = use.group(1)
        message = f"{self._who_lacks(name)} no variable `{name}`"
        near = did_you_mean(name, self.values)
        hint = (
            f"{near} Otherwise {_LITERAL_HINT}"
            if near
            else f"add it to the environment's `variables`, or {_LITERAL_HINT}"
        )
        return _at(use, Finding("SPEC028", message, steps, hint))

    def _who_lacks(self, name: str) -> str:
        lacking = [each for each, values in self.everywhere.items() if name not in values]
        if len(lacking) < 2:  # noqa: PLR2004  # this one
            return f"environment {self.environment} has"
        named, more = lacking[:_MOST_NAMED], len(lacking) - _MOST_NAMED
        if more > 0:
            return f"environments {', '.join(named)} and {more} more have"
        return f"environments {', '.join(named[:-1])} and {named[-1]} have"

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


def _unfinished(use: re.Match[str], steps: Steps) -> Finding:
    loose = _LOOSE.match(use.string, use.end())
    message = "`${` starts a variable, but no `name}` follows"
    hint = f"a variable is written without spaces, `${{name}}`; {_LITERAL_HINT}"
    if loose is not None:
        hint = f"write `${{{loose.group(1)}}}`, without spaces"
    return _at(use, Finding("SPEC029", message, steps, hint))


def _at(use: re.Match[str], finding: Finding) -> Finding:
    return replace(finding, offset=use.start(), length=len(use.group()), as_written=True)


def names_used(text: str) -> list[str]:
    """The first variables that a text uses."""
    if "${" not in text:
        return []
    uses = itertools.islice(_USE.finditer(text), 20)
    return list(dict.fromkeys(name for use in uses if (name := use.group(1))))[:3]
