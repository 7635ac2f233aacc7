"""One agent on all its sides: desired, live, remembered. Writes nothing."""

from collections.abc import Iterable
from difflib import get_close_matches

from reconciler.errors import UsageError
from reconciler.model.desired import DesiredAgent
from reconciler.model.ledger import AgentRecord
from reconciler.model.live import LiveAgent
from reconciler.nouns import noun
from reconciler.planning.match import Matching, match
from reconciler.specs import load_specs
from reconciler.workflow import Site


@noun
class AgentSides:
    """What is known of one key; None where it is not."""

    key: str
    desired: DesiredAgent | None
    live: LiveAgent | None
    record: AgentRecord | None


async def sides_of(site: Site, key: str) -> AgentSides:
    """Look a key up in the specs, in the ledger and live.

    Raises:
        UsageError: neither a spec nor the ledger has the key.
        SpecsInvalid, LiveError, LedgerError: a side can not be read.
    """
    specs, _ = load_specs(site.loaded, site.environment)
    state = site.ledger.read()
    if key not in specs.by_key and key not in state.records:
        raise _unknown(key, {*specs.by_key, *state.records})
    live = await site.store.list_agents()
    return _found(key, match(specs.agents, live, state.records), state.records.get(key))


def _found(key: str, matching: Matching, record: AgentRecord | None) -> AgentSides:
    for pair in matching.pairs:
        if pair.desired.key == key:
            return AgentSides(key, pair.desired, pair.live, pair.record or record)
    for gone, live in matching.gone:
        if gone.key == key:
            return AgentSides(key, None, live, gone)
    return AgentSides(key, None, None, record)


def _unknown(key: str, known: Iterable[str]) -> UsageError:
    near = get_close_matches(key, sorted(known), n=1)
    hint = f"did you mean {near[0]}?" if near else "a key is a spec's path below the specs folder"
    return UsageError(f"no spec and no record has the key {key}", code="UNKNOWN_KEY", hint=hint)
