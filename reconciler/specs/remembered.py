"""What was read before: its entry in the cache ↔ an agent with its warnings, or the project."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from reconciler.errors import Position, Problem
from reconciler.model.desired import DesiredAgent, Ignore, Lifecycle
from reconciler.model.project import Deletion, Environment, IgnoreRule, LedgerConfig, Project
from reconciler.model.values import Document, Path, SecretRef

if TYPE_CHECKING:
    from reconciler.specs.findings import Finding
    from reconciler.specs.layers import Merged, Place

_RUNTIME_KEY: Final = "slng_api_key"


@dataclass(frozen=True)
class Remembered:
    """An agent from the cache; its file is read again only when somebody asks for a place."""

    desired: DesiredAgent
    file: str
    merged: "Callable[[], Merged]"

    @property
    def key(self) -> str:
        return self.desired.key

    @cached_property
    def document(self) -> Document:
        """As much of the merged document as the rules of a fleet look at."""
        agent = self.desired
        own = {"id": agent.agent_id, "moved_from": agent.moved_from}
        return {**agent.declared, **{name: value for name, value in own.items() if value}}

    def place(self, finding: "Finding") -> "Place":
        return self.merged().place(finding)


def entry_of(agent: DesiredAgent) -> Document:
    """An agent as JSON. Secrets are references; they can stand in few places only."""
    declared = agent.declared
    secrets: list[list[Any]] = []
    if isinstance(ref := declared.get(_RUNTIME_KEY), SecretRef):
        declared = {**declared, _RUNTIME_KEY: None}
        secrets.append([None, _RUNTIME_KEY, ref.source, ref.name])
    tools = [dict(tool) for tool in declared.get("tools") or []]
    for index, tool in enumerate(tools):
        for name, ref in (tool.get("auth") or {}).items():
            if isinstance(ref, SecretRef):
                tool["auth"] = {**tool["auth"], name: None}
                secrets.append([index, name, ref.source, ref.name])
    if secrets:
        declared = {**declared, **({"tools": tools} if "tools" in declared else {})}
    life = agent.lifecycle
    return {
        "declared": declared,
        "secrets": secrets,
        "lifecycle": [life.prevent_destroy, life.on_remove, life.update],
        "id": agent.agent_id,
        "moved_from": agent.moved_from,
        "ignore": [
            [i.path, i.reason, i.until.isoformat() if i.until else None] for i in agent.ignore
        ],
    }


def agent_of(
    key: str, entry: Mapping[str, Any], locate: Callable[[Path], Position | None]
) -> DesiredAgent:
    """The reverse of `entry_of`."""
    declared = entry["declared"]
    for index, name, source, what in entry["secrets"]:
        holder = declared if index is None else declared["tools"][index]["auth"]
        holder[name] = SecretRef(source, what)
    return DesiredAgent(
        key=key,
        declared=declared,
        lifecycle=Lifecycle(*entry["lifecycle"]),
        agent_id=entry["id"],
        moved_from=entry["moved_from"],
        ignore=tuple(
            Ignore(tuple(path), reason, date.fromisoformat(until) if until else None)
            for path, reason, until in entry["ignore"]
        ),
        locate=locate,
    )


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
