"""Agents that were wholly in sync at the last look, known again by all that this rested on.

A verdict follows from the spec, the live agent, the ledger's record, the values of secrets, and
the project file. The first three have marks, which stand for their content; secrets have hashes;
and a memo is of one project file and one version of our code. So an agent whose proof is the one
that was kept is in sync again, and none of its documents need be read.
"""

from functools import cache
from hashlib import blake2b

from reconciler.planning.inputs import PlanInputs
from reconciler.planning.match import Pair


class Proofs:
    """The proofs of one plan. Each secret is hashed once."""

    def __init__(self, inputs: PlanInputs) -> None:
        self._before = inputs.settled
        self._salt = inputs.state.salt
        self._hash = cache(inputs.hashes.secret)

    def is_settled(self, pair: Pair) -> bool:
        """Whether a pair is in sync because it was, and nothing that this rested on is another."""
        before = self._before.get(pair.desired.key)
        return before is not None and before == self.of(pair)

    def of(self, pair: Pair) -> str | None:
        """The proof of a pair that is in sync; None where a part of it has no mark."""
        desired, live, record = pair.desired, pair.live, pair.record
        if live is None or record is None:
            return None
        marks = (desired.mark, live.mark, record.mark)
        if None in marks:
            return None
        hashes = [(str(ref), self._hash(ref)) for ref in desired.secrets]
        told = repr((desired.key, record.key, record.agent_id, live.id, self._salt, marks, hashes))
        return blake2b(told.encode(errors="backslashreplace"), digest_size=16).hexdigest()
