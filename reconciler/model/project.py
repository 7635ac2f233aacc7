"""The project: its environments, its ledger and its rules (DESIGN.md 3).

Plain nouns with the defaults of the project file; what may be written there is in `project_file`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from reconciler.model.values import SecretRef
from reconciler.nouns import Noun


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class LedgerConfig(Noun):
    """Where the record of the last apply is kept."""

    backend: Literal["sqlite", "git", "postgres"] = "sqlite"
    branch: str | None = None
    remote: str | None = None
    url: SecretRef | None = None


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Deletion(Noun):
    """Guards against deleting more than was meant."""

    max_count: int = 5
    max_percent: float = 30
    quiet_hours: float = 0


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class IgnoreRule(Noun):
    """Known drift that is accepted, up to and including the day `until`."""

    path: str
    reason: str
    until: date | None = None


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Environment(Noun):
    """One SLNG organisation with its API key, variables and overrides."""

    api: str
    api_key: SecretRef | None = None
    organisation_id: str | None = None
    variables: dict[str, str] = field(default_factory=dict)
    overrides: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Project(Noun):
    """The whole of `reconciler.yaml`."""

    environments: dict[str, Environment]
    version: Literal[1] = 1
    specs: str = "agents"
    defaults: dict[str, Any] = field(default_factory=dict)
    ledger: LedgerConfig = LedgerConfig()
    deletion: Deletion = Deletion()
    adoption: Literal["ask", "allow", "forbid"] = "ask"
    on_drift: Literal["revert", "leave", "stop"] = "revert"
    on_conflict: Literal["git", "stop"] = "git"
    update: Literal["put", "patch"] = "put"
    unknown_fields: Mapping[str, Literal["omit"]] = field(default_factory=dict)
    max_update_percent: float | None = None
    max_failures: int = 10
    ignore: tuple[IgnoreRule, ...] = ()
    notify: tuple[str | SecretRef, ...] = ()
    concurrency: int = 16
    secret_folders: tuple[str, ...] = ()
