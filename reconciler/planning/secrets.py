"""Secrets never come back from the API: what is known of them is a hash of what was sent."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from reconciler.model import fields
from reconciler.model.change import FieldChange, Origin
from reconciler.model.identity import tools_in
from reconciler.model.ledger import AgentRecord
from reconciler.model.values import ABSENT, Document, Path, SecretRef, lookup
from reconciler.planning.diff import shown_path

SecretHash: TypeAlias = Callable[[SecretRef], str | None]
"""The keyed hash of a secret's value, or None when the secret is not set."""


@dataclass(slots=True, eq=False, repr=False)
class SecretKnowledge:
    """What can be said of an agent's secrets: changes, notes for people, hashes to remember.

    `unset` are notes that matter whatever else changes, `unverified` those that a write settles.
    """

    changes: list[FieldChange] = field(default_factory=list)
    unset: list[str] = field(default_factory=list)
    unverified: list[str] = field(default_factory=list)
    hashes: dict[str, str] = field(default_factory=dict)


def secret_places(document: Document) -> Iterator[tuple[Path, SecretRef]]:
    """Each secret of a normal document, tools by id."""
    runtime_key = document.get(fields.RUNTIME_KEY)
    if isinstance(runtime_key, SecretRef):
        yield (fields.RUNTIME_KEY,), runtime_key
    for tool in tools_in(document):
        auth = tool.get("auth")
        for key, value in auth.items() if isinstance(auth, dict) else ():
            if isinstance(value, SecretRef):
                yield ("tools", str(tool["id"]), "auth", key), value


def slashed(path: Path) -> str:
    """A path as a key of `AgentRecord.secrets`."""
    return "/".join(path)


def secret_knowledge(
    document: Document,
    live: Document,
    record: AgentRecord | None,
    names: dict[str, str],
    hash_of: SecretHash,
) -> SecretKnowledge:
    """Compare the secrets of a target with the hashes of what was sent last.

    `live` is the keyed live document. A secret that comes with a new tool or another kind of
    auth is no change of its own: the tool's change says it all.
    """
    known = SecretKnowledge()
    for path, ref in secret_places(document):
        current = hash_of(ref)
        shown = ".".join(shown_path(path, names))
        if current is None:
            known.unset.append(f"{shown} (secret): not checked: {ref.name} is not set")
            continue
        known.hashes[slashed(path)] = current
        if path[0] == "tools" and lookup(live, (*path[:2], "auth")) in (ABSENT, None):
            continue
        if _unverified(path, record):
            known.unverified.append(
                f"{shown} (secret): unverified until the next change is written"
            )
        elif record is not None and record.secrets.get(slashed(path)) != current:
            known.changes.append(
                FieldChange(
                    path=shown_path(path, names),
                    before=None,
                    after=ref,
                    origin=Origin.GIT,
                    secret=True,
                )
            )
    return known


def _unverified(path: Path, record: AgentRecord | None) -> bool:
    """Declared at the last apply, yet never sent by us: an adopted agent, or a lost ledger."""
    if record is None:
        return True
    was_declared = any(unit[0] == path[0] for unit in record.declared)
    return was_declared and slashed(path) not in record.secrets
