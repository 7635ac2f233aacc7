"""Agents that were wholly in sync at the last look, known again by all that this rested on.

A verdict follows from the spec, the live agent, the ledger's record, the values of secrets, and
the project file. The first three have marks, which stand for their content; secrets have hashes;
and a memo is of one project file and one version of our code. So an agent whose proof is the one
that was kept is in sync again, and none of its documents need be read.
"""

from collections.abc import Mapping
from functools import cache
from hashlib import blake2b
from typing import Any

from reconciler.model.memo import Settled
from reconciler.model.values import SecretRef
from reconciler.planning.inputs import PlanInputs
from reconciler.planning.match import Pair


def settled_of(kept: Any) -> dict[str, Settled]:
    """What `kept` made of it, from a memo; nothing where the memo knows nothing."""
    return {
        key: Settled(proof, tuple(SecretRef(*ref) for ref in refs))
        for key, (proof, refs) in (kept or {}).items()
    }


def kept(settled: Mapping[str, Settled]) -> dict[str, Any]:
    """As JSON, for a memo."""
    return {
        key: [proof, [[ref.source, ref.name] for ref in refs]]
        for key, (proof, refs) in settled.items()
    }


class Proofs:
    """The proofs of one plan. Each secret is hashed once."""

    def __init__(self, inputs: PlanInputs) -> None:
        self._before = inputs.settled
        self._salt = inputs.state.salt
        self._hash = cache(inputs.hashes.secret)

    def is_settled(self, pair: Pair) -> bool:
        """Whether a pair is in sync because it was, and nothing that this rested on is another."""
        before = self._before.get(pair.desired.key)
        return before is not None and before == self.settled(pair, before.secrets)

    def settled(self, pair: Pair, secrets: tuple[SecretRef, ...]) -> Settled | None:
        """The proof of a pair in sync; None where a part of it has no mark."""
        desired, live, record = pair.desired, pair.live, pair.record
        if live is None or record is None:
            return None
        marks = (desired.mark, live.mark, record.mark)
        if None in marks:
            return None
        hashes = [(str(ref), self._hash(ref)) for ref in secrets]
        told = repr((desired.key, record.key, record.agent_id, live.id, self._salt, marks, hashes))
        proof = blake2b(told.encode(errors="backslashreplace"), digest_size=16).hexdigest()
        return Settled(proof, secrets)
