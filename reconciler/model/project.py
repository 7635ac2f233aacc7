"""The project file, as far as it concerns more than reading specs (DESIGN.md 3)."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from reconciler.model.values import SecretRef


class Strict(BaseModel):
    """Frozen, closed, and no coercion of `"1"` or `yes` into something else."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, arbitrary_types_allowed=True
    )


class LedgerConfig(Strict):
    """Where the record of the last apply is kept."""

    backend: Annotated[
        Literal["sqlite", "git", "postgres"],
        Field(description="`sqlite` keeps the ledger in `.reconciler/ledger.db`."),
    ] = "sqlite"


class Deletion(Strict):
    """Guards against deleting more than was meant."""

    max_count: Annotated[
        int, Field(ge=0, description="More deletes than this need `--allow-deletes N`.")
    ] = 5
    max_percent: Annotated[
        float,
        Field(ge=0, le=100, description="The same as a share of the managed agents, in percent."),
    ] = 30
    quiet_hours: Annotated[
        float,
        Field(ge=0, description="A delete waits until the agent had no call for so many hours."),
    ] = 0


class IgnoreRule(Strict):
    """Known drift that is accepted."""

    path: Annotated[str, Field(min_length=1, description="A field, such as `models.tts_voice`.")]
    reason: Annotated[str, Field(min_length=1, description="Why the drift is fine.")]
    until: Annotated[
        date | None, Field(strict=False, description="The last day on which it is accepted.")
    ] = None


class Environment(Strict):
    """One SLNG organisation with its API key, variables and overrides."""

    api: Annotated[
        str,
        Field(
            pattern=r"^(sandbox|https?://.+)$",
            description="`sandbox` for the embedded API, or the base URL of a real one.",
            examples=["sandbox", "https://api.agents.slng.ai"],
        ),
    ]
    api_key: Annotated[
        SecretRef | None, Field(description="Where the API key is found: `{env: NAME}`.")
    ] = None
    organisation_id: Annotated[
        str | None, Field(description="The organisation that the key must belong to.")
    ] = None
    variables: Annotated[dict[str, str], Field(description="Values for `${name}` in specs.")] = (
        Field(default_factory=dict)
    )
    overrides: Annotated[
        dict[str, Any], Field(description="Agent fields merged over every spec.")
    ] = Field(default_factory=dict)


class Project(Strict):
    """The whole of `reconciler.yaml`."""

    version: Literal[1]
    specs: Annotated[str, Field(description="The folder of the specs.")] = "agents"
    defaults: Annotated[
        dict[str, Any], Field(description="Agent fields merged under every spec.")
    ] = Field(default_factory=dict)
    environments: Annotated[
        dict[str, Environment], Field(min_length=1, description="The environments, by name.")
    ]
    ledger: LedgerConfig = LedgerConfig()
    deletion: Deletion = Deletion()
    adoption: Annotated[
        Literal["ask", "allow", "forbid"],
        Field(description="Whether a live agent of a spec's name may be taken over."),
    ] = "ask"
    on_drift: Annotated[
        Literal["revert", "leave", "stop"], Field(description="What a plan does about drift.")
    ] = "revert"
    on_conflict: Annotated[
        Literal["git", "stop"],
        Field(description="What a plan does where git and the live agent both changed."),
    ] = "git"
    update: Annotated[Literal["put", "patch"], Field(description="How agents are updated.")] = "put"
    unknown_fields: Annotated[
        dict[str, Literal["omit"]],
        Field(description="Unknown live fields that are not carried over."),
    ] = Field(default_factory=dict)
    max_update_percent: Annotated[
        float | None,
        Field(gt=0, le=100, description="More updates than this share need `--allow-updates N`."),
    ] = None
    max_failures: Annotated[
        int, Field(ge=1, description="An apply stops after so many failed changes.")
    ] = 10
    ignore: Annotated[
        tuple[IgnoreRule, ...], Field(strict=False, description="Known drift, for every agent.")
    ] = ()
    notify: Annotated[
        tuple[str | SecretRef, ...],
        Field(strict=False, description="Notification URLs; `{env: NAME}` where they are secret."),
    ] = ()
    concurrency: Annotated[int, Field(ge=1, le=64, description="Writes in flight at once.")] = 16
    secret_folders: Annotated[
        tuple[str, ...],
        Field(
            strict=False,
            description="Folders outside the project that `{file: …}` secrets may be read from.",
        ),
    ] = ()
