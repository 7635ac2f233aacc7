"""The project: its environments, its ledger and its rules (DESIGN.md 3).

Plain nouns with the defaults of the project file; what may be written there is in `project_file`.
"""

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from typing import Any, Literal

from reconciler.model.values import SecretRef
from reconciler.nouns import noun


@noun(kw_only=True, slots=False)
class LedgerConfig:
    """Where the record of the last apply is kept."""

    backend: Literal["sqlite", "git", "postgres"] = "sqlite"
    branch: str | None = None
    remote: str | None = None
    url: SecretRef | None = None


@noun(kw_only=True, slots=False)
class Deletion:
    """Guards against deleting more than was meant."""

    max_count: int = 5
    max_percent: float = 30
    quiet_hours: float = 0


@noun(kw_only=True, slots=False)
class IgnoreRule:
    """Known drift that is accepted, up to and including the day `until`."""

    path: str
    reason: str
    until: date | None = None


@noun(kw_only=True, slots=False)
class Environment:
    """One SLNG organisation with its API key, variables and overrides."""

    api: str
    api_key: SecretRef | None = None
    organisation_id: str | None = None
    variables: dict[str, str] = field(default_factory=dict)
    overrides: dict[str, Any] = field(default_factory=dict)


@noun(kw_only=True, slots=False)
class Project:
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
