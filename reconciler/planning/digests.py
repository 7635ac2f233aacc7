"""What a change rests on, as a digest: a reviewed plan is stale when it moves (DESIGN.md 7).

Lists whose order means nothing are digested by identity, and what is known of secrets is no part
of it: the same world gives the same digest on every machine.
"""

from reconciler.model import fields
from reconciler.model.change import Action
from reconciler.model.desired import DesiredAgent, Lifecycle
from reconciler.model.ledger import AgentRecord
from reconciler.model.live import LiveAgent
from reconciler.model.values import Canonical, Document, canonical, canonical_object, rests_on
from reconciler.planning.normal import keyed, normalise
from reconciler.planning.secrets import secret_places, slashed
from reconciler.planning.target import Target


class _Texts:
    """Normal documents as canonical JSON. One that several sides rest on is written once."""

    def __init__(self) -> None:
        self._written: dict[int, Canonical] = {}

    def of(self, document: Document) -> Canonical:
        if id(document) not in self._written:
            self._written[id(document)] = canonical(keyed(document))
        return self._written[id(document)]


def digest_of(
    action: Action,
    desired: DesiredAgent,
    target: Target,
    record: AgentRecord | None,
    *,
    live: tuple[LiveAgent, Document] | None,
    settings: Document,
    document: Document | None = None,
) -> str:
    """Of a change that a spec asks for.

    `live` is the agent and its normal document; `document` what would be written over it.
    """
    text = _Texts()
    spec = {
        "key": desired.key,
        "declared": _declared(desired, target),
        "secrets": {slashed(path): ref for path, ref in secret_places(target.document)},
        "lifecycle": _lifecycle(desired.lifecycle),
    }
    wanted = {**settings, "action": action, "target": text.of(target.document)}
    if document is not None:
        wanted["document"] = text.of(document)
    return rests_on(
        spec=spec,
        live=canonical_object({"agent_id": live[0].id, "document": text.of(live[1])})
        if live
        else None,
        ledger=_remembered(record, text),
        settings=canonical_object(wanted),
    )


def digest_of_gone(action: Action, record: AgentRecord, live: LiveAgent | None) -> str:
    """Of a change that no spec asks for any more."""
    return rests_on(
        spec=None,
        live=keyed(normalise(live.document)) if live else None,
        ledger=_remembered(record, _Texts()),
        settings={"action": action},
    )


def _declared(desired: DesiredAgent, target: Target) -> Document:
    """As declared, with tools as they are resolved, so that their order is nothing."""
    resolved = keyed(target.document)
    by_identity = {name: resolved.get(name) for name in ("tools", "runtime_variables")}
    return {
        name: by_identity.get(name, value)
        for name, value in desired.declared.items()
        if name != fields.RUNTIME_KEY
    }


def _lifecycle(lifecycle: Lifecycle) -> list[object]:
    return [lifecycle.prevent_destroy, lifecycle.on_remove, lifecycle.update]


def _remembered(record: AgentRecord | None, text: _Texts) -> Canonical | None:
    if record is None:
        return None
    return canonical_object(
        {
            "key": record.key,
            "agent_id": record.agent_id,
            "declared": record.declared,
            "sent": text.of(record.sent),
            "answer": text.of(record.answer),
            "lifecycle": _lifecycle(record.lifecycle),
            "read_only": record.read_only,
            "computed": record.computed,
        }
    )
