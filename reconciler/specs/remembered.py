"""What was read before: its entry in the cache ↔ an agent with its warnings, or the project."""

import json
from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from reconciler.errors import Position, Problem
from reconciler.model.desired import DesiredAgent, Ignore, Lifecycle, secrets_in
from reconciler.model.late import late
from reconciler.model.project import Deletion, Environment, IgnoreRule, LedgerConfig, Project
from reconciler.model.rereading import reread
from reconciler.model.values import Document, Path, SecretRef
from reconciler.nouns import noun
from reconciler.specs.caching import Entry

if TYPE_CHECKING:
    from reconciler.specs.findings import Finding
    from reconciler.specs.layers import Merged, Place

_INBOUND: Final = "sip_inbound_trunk_id"


@noun
class Remembered:
    """An agent from the cache, for the rules of a fleet.

    Its file is read again only when somebody asks for a place in it.
    """

    key: str
    file: str
    face: Document
    lost_tools: bool
    whole: Callable[[], Document] = field(repr=False)
    merged: "Callable[[], Merged]" = field(repr=False)

    @property
    def document(self) -> Document:
        return self.whole()

    def place(self, finding: "Finding") -> "Place":
        return self.merged().place(finding)


def head_of(agent: DesiredAgent, *, lost_tools: bool) -> Document:
    """An agent without what it declares, as JSON; secrets as their places, sources and names."""
    life = agent.lifecycle
    return {
        "name": agent.name,
        "trunk": agent.declared.get(_INBOUND),
        "id": agent.agent_id,
        "moved_from": agent.moved_from,
        "lost_tools": lost_tools,
        "secrets": [[*place, ref.source, ref.name] for place, ref in secrets_in(agent.declared)],
        "lifecycle": [life.prevent_destroy, life.on_remove, life.update],
        "ignore": [
            [i.path, i.reason, i.until.isoformat() if i.until else None] for i in agent.ignore
        ],
    }


def face_of(head: Document) -> Document:
    """As much of the merged document as tells agents from each other."""
    face = {
        "name": head["name"],
        _INBOUND: head["trunk"],
        "id": head["id"],
        "moved_from": head["moved_from"],
    }
    return {name: value for name, value in face.items() if value is not None}


def document_of(agent: DesiredAgent) -> Document:
    """The merged document, as far as the rules of a fleet look at it."""
    own = {"id": agent.agent_id, "moved_from": agent.moved_from}
    return {**agent.declared, **{name: value for name, value in own.items() if value}}


def body_of(agent: DesiredAgent) -> bytes:
    """What an agent declares, as JSON; null stands for secrets."""
    declared = agent.declared
    for (index, name), _ in secrets_in(declared):
        if index is None:
            declared = {**declared, name: None}
        else:
            tools = list(declared["tools"])
            tools[index] = {**tools[index], "auth": {**tools[index]["auth"], name: None}}
            declared = {**declared, "tools": tools}
    return json.dumps(declared, ensure_ascii=False, separators=(",", ":")).encode()


def agent_of(
    key: str,
    entry: Entry,
    locate: Callable[[Path], Position | None],
    anew: Callable[[], DesiredAgent],
) -> DesiredAgent:
    """The agent of an entry; what it declares is read when somebody asks for it.

    Where that is gone, the agent is read `anew`.
    """
    head = entry.head["agent"]
    known: dict[str, Any] = {
        "key": key,
        "lifecycle": Lifecycle(*head["lifecycle"]),
        "agent_id": head["id"],
        "moved_from": head["moved_from"],
        "ignore": tuple(
            Ignore(tuple(path), reason, date.fromisoformat(until) if until else None)
            for path, reason, until in head["ignore"]
        ),
        "locate": locate,
    }
    rest, secrets = entry.rest, head["secrets"]

    def whole() -> DesiredAgent:
        try:
            return DesiredAgent(declared=_declared(rest(), secrets), **known)
        except LookupError:
            return anew()

    named = tuple(SecretRef(source, name) for *_, source, name in secrets)
    return late(DesiredAgent, entry.mark, whole, secrets=named, **known)


def _declared(rest: bytes, secrets: list[list[Any]]) -> Document:
    declared: Document = reread(rest, "keys")
    for index, name, source, what in secrets:
        holder = declared if index is None else declared["tools"][index]["auth"]
        holder[name] = SecretRef(source, what)
    return declared


def entry_of_project(project: Project) -> Document:
    """A project as JSON, each secret as its source and name."""
    ledger, environments = project.ledger, project.environments
    return {
        **vars(project),
        "environments": {
            name: {**vars(each), "api_key": _entry_of_ref(each.api_key)}
            for name, each in environments.items()
        },
        "ledger": {**vars(ledger), "url": _entry_of_ref(ledger.url)},
        "deletion": vars(project.deletion),
        "ignore": [
            [rule.path, rule.reason, rule.until.isoformat() if rule.until else None]
            for rule in project.ignore
        ],
        "notify": [
            each if isinstance(each, str) else _entry_of_ref(each) for each in project.notify
        ],
    }


def project_of(entry: Mapping[str, Any]) -> Project:
    """The reverse of `entry_of_project`."""
    ledger = entry["ledger"]
    parts = {
        "environments": {
            name: Environment(**{**each, "api_key": _ref_of(each["api_key"])})
            for name, each in entry["environments"].items()
        },
        "ledger": LedgerConfig(**{**ledger, "url": _ref_of(ledger["url"])}),
        "deletion": Deletion(**entry["deletion"]),
        "ignore": tuple(
            IgnoreRule(path=path, reason=reason, until=until and date.fromisoformat(until))
            for path, reason, until in entry["ignore"]
        ),
        "notify": tuple(e if isinstance(e, str) else _ref_of(e) for e in entry["notify"]),
        "secret_folders": tuple(entry["secret_folders"]),
    }
    return Project(**{**entry, **parts})


def _entry_of_ref(ref: SecretRef | None) -> list[str] | None:
    return None if ref is None else [ref.source, ref.name]


def _ref_of(entry: Any) -> SecretRef | None:
    return None if entry is None else SecretRef(*entry)


def entry_of_problem(problem: Problem) -> list[Any]:
    place = problem.position
    where = [place.file, place.line, place.column, place.length] if place else None
    told = [problem.hint, problem.severity, problem.source_line, problem.via]
    return [problem.code, problem.message, where, *told]


def problem_of(entry: list[Any]) -> Problem:
    code, message, where, hint, severity, source_line, via = entry
    position = Position(*where) if where else None
    return Problem(code, message, position, hint, severity, source_line, tuple(via))
