"""Every code of a problem, explained with a wrong and a right example.

Examples are the file `agents/desk.yaml`, or files under `# --- path` lines. They stand in a
project whose `defaults` give all required fields but `name`, with the environments `sandbox` and
`staging` and the variable `crm`. A test proves that each wrong one yields its code and nothing
else, and each right one nothing. In examples `<101 times [>` stands for a text repeated.
"""

import difflib
from typing import Final

from reconciler.errors import UsageError
from reconciler.specs.catalogue import (
    agents,
    fields,
    files,
    fleet,
    planned,
    project,
    references,
    tools,
    warnings,
)
from reconciler.specs.catalogue.entry import Entry

CATALOGUE: Final[dict[str, Entry]] = {
    entry.code: entry
    for module in (files, references, fields, agents, tools, fleet, project, warnings)
    for entry in module.ENTRIES
}


_PLANNED: Final[dict[str, Entry]] = {entry.code: entry for entry in planned.ENTRIES}


def explain(code: str) -> str:
    """What a code means, with a wrong and a right example; raises `UsageError`."""
    known = CATALOGUE | _PLANNED
    entry = known.get(code.strip().upper())
    if entry is None:
        raise UsageError(f"there is no code `{code[:40]}`", hint=_suggestion(code))
    kind = "warning" if entry.code.startswith("SPEC1") else "error"
    return (
        f"{entry.code} ({kind}): {entry.title}\n\n{entry.why}\n\n"
        f"Wrong:\n\n{_indented(entry.wrong)}\n\nRight:\n\n{_indented(entry.right)}\n"
    )


def _indented(example: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in example.strip("\n").split("\n"))


def _suggestion(code: str) -> str:
    near = difflib.get_close_matches(code.strip().upper()[:40], CATALOGUE, n=3)
    if near:
        return f"did you mean {' or '.join(near)}?"
    return f"codes run from {min(CATALOGUE)} to {max(CATALOGUE)}"
