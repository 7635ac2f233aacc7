"""What an apply needs to have before its first write."""

from collections.abc import Iterator, Mapping

from reconciler.model.change import ApprovedPlan
from reconciler.model.values import SecretRef


def required_secrets(approved: ApprovedPlan) -> list[SecretRef]:
    """The secrets that the plan's writes must send, sorted, each once."""
    bodies = (
        change.write.body
        for change in approved.plan.changes
        if change.write and not change.blocked and change.key not in approved.left_out
    )
    return sorted({ref for body in bodies for ref in _secrets(body)})


def _secrets(value: object) -> Iterator[SecretRef]:
    if isinstance(value, SecretRef):
        yield value
    elif isinstance(value, Mapping):
        yield from (ref for inner in value.values() for ref in _secrets(inner))
    elif isinstance(value, list):
        yield from (ref for inner in value for ref in _secrets(inner))
