"""What an apply needs to have before its first write."""

from typing import Any, Final

from reconciler.model.change import ApprovedPlan
from reconciler.model.values import SecretRef

_LEAVES: Final = frozenset({str, int, float, bool, type(None)})
"""Every value of every body is looked at, and most are these."""
_NESTS: Final = (dict, list, tuple)


def required_secrets(approved: ApprovedPlan) -> list[SecretRef]:
    """The secrets that the plan's writes must send, sorted, each once."""
    found: set[SecretRef] = set()
    for change in approved.plan.changes:
        if change.write and not change.blocked and change.key not in approved.left_out:
            _collect(change.write.body, found)
    return sorted(found)


def _collect(value: Any, found: set[SecretRef]) -> None:
    for inner in value.values() if isinstance(value, dict) else value:
        if type(inner) in _LEAVES:
            continue
        if isinstance(inner, SecretRef):
            found.add(inner)
        elif isinstance(inner, _NESTS):
            _collect(inner, found)
