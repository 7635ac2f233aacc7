"""All rules of one agent."""

import itertools
from collections.abc import Iterator

from reconciler.specs.findings import MOST_FINDINGS, Finding
from reconciler.specs.rules import fields, ignored, templates, tools, webhooks
from reconciler.specs.rules.view import View

_RULES = (*fields.RULES, ignored.ignored_paths, *templates.RULES, *tools.RULES, *webhooks.RULES)


def agent_findings(view: View) -> Iterator[Finding]:
    """All that the rules have to say about one agent."""
    for rule in _RULES:
        yield from itertools.islice(rule(view), MOST_FINDINGS)
