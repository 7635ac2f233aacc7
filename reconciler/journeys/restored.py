"""An agent as it was: desired again, from the live document that the history kept."""

from collections.abc import Iterable
from typing import Any, Final

from reconciler.live import decode_agent
from reconciler.model import fields
from reconciler.model.desired import DesiredAgent, Lifecycle
from reconciler.model.identity import same_kind, tools_in
from reconciler.model.ledger import AgentRecord, HistoryEntry
from reconciler.model.values import ABSENT, Document, Path, SecretRef, lookup
from reconciler.planning import normalise
from reconciler.planning.diff import set_path
from reconciler.planning.fieldwise import field_changes
from reconciler.planning.target import target_of

NOT_TAKEN_ON_CREATE: Final = ("orchestrator",)
"""Live fields that a POST refuses (API.md 13.8)."""


def restored(
    entry: HistoryEntry,
    key: str,
    *,
    spec: DesiredAgent | None,
    record: AgentRecord | None,
    runtime_key: SecretRef | None,
) -> DesiredAgent:
    """What the agent was before a change of the history, as if a spec said so.

    Only what is the repo's (now, or in that change) is declared, and the next apply from git must
    not take the rest for fields to reset: of an agent that is there it stays as it is live, and
    where there is none (no `record`) a create carries it.
    """
    assert entry.before is not None
    document = decode_agent(entry.before).document
    carried: Document = {}
    if record is None:
        document = carried = _for_a_create(document)
    declared = _only(document, _ours(entry, spec, record))
    if record is not None:
        declared = _with_unseen(declared, record, spec)
    if isinstance(declared.get("tools"), list):
        known = tools_in(spec.declared) if spec else []
        declared["tools"] = [_with_secret(tool, known) for tool in declared["tools"]]
    if runtime_key is not None:
        declared[fields.RUNTIME_KEY] = runtime_key
    lifecycle = spec.lifecycle if spec else record.lifecycle if record else Lifecycle()
    return DesiredAgent(
        key=key,
        declared=declared,
        lifecycle=lifecycle,
        carried=carried,
        computed=entry.computed,
    )


def says_otherwise(spec: DesiredAgent, old: DesiredAgent) -> bool:
    """Whether an apply from git would change the agent again."""
    before = normalise({**old.carried, **old.declared})
    wanted = target_of(spec, before, None)
    return bool(field_changes(wanted, before, None, on_drift="revert").changes)


def _ours(entry: HistoryEntry, spec: DesiredAgent | None, record: AgentRecord | None) -> set[Path]:
    declared = fields.units(spec.declared) if spec else []
    changed = [fields.unit_of(tuple(field["path"])) for field in entry.fields]
    remembered = record.declared if record else entry.declared
    return {*remembered, *declared, *changed, *((name,) for name in fields.REQUIRED[:-1])}


def _only(document: Document, units: Iterable[Path]) -> Document:
    chosen: Document = {}
    for unit in sorted(units):
        value = lookup(document, unit)
        if value is not ABSENT:
            chosen = set_path(chosen, unit, value)
    return chosen


def _with_unseen(declared: Document, record: AgentRecord, spec: DesiredAgent | None) -> Document:
    """Of a field that the API never answers the history holds nothing: what git says now stays."""
    for place in record.secrets:
        unit = tuple(place.split("/"))
        if unit[0] not in fields.MODELLED and lookup(declared, unit) in (None, ABSENT):
            mine = lookup(spec.declared, unit) if spec else ABSENT
            declared = set_path(declared, unit, mine)
    return declared


def _for_a_create(document: Document) -> Document:
    # On a create, what is left out is null.
    return {
        name: value
        for name, value in document.items()
        if value is not None and name not in NOT_TAKEN_ON_CREATE
    }


def _with_secret(tool: Any, known: list[Document]) -> Any:
    """The API keeps a webhook's secret to itself; the spec's reference, where there is one."""
    auth = tool.get("auth") if isinstance(tool, dict) else None
    if not isinstance(auth, dict):
        return tool
    twins = [t for t in known if t.get("id") == tool.get("id")]
    twins += [t for t in known if "id" not in t and same_kind(t, tool)]
    for twin in twins:
        spec_auth = twin.get("auth")
        if isinstance(spec_auth, dict) and spec_auth.get("type") == auth.get("type"):
            return {**tool, "auth": spec_auth}
    return tool
