"""What `reconciler.yaml` may say, with the words of its schema (DESIGN.md 3).

What comes of it are the plain nouns of `project`: whoever knows a project file already needs no
pydantic to say so. A test holds the two equal.
"""

from datetime import date
from typing import Annotated, Any, Final, Literal, overload

from pydantic import Field

from reconciler.model import project
from reconciler.model.strict import Secret, Strict


class LedgerConfig(Strict):
    """Where the record of the last apply is kept."""

    backend: Annotated[
        Literal["sqlite", "git", "postgres"],
        Field(
            description="`sqlite` keeps the ledger in `.reconciler/ledger.db`, `git` on a branch "
            "of the project's repository, `postgres` in a database.",
            examples=["sqlite"],
        ),
    ] = "sqlite"
    branch: Annotated[
        str | None,
        Field(
            pattern=r"^[A-Za-z0-9_][A-Za-z0-9_@-]*(/[A-Za-z0-9_][A-Za-z0-9_@-]*)*$",
            description="`git`: the beginning of the branches' names; the environment follows.",
            examples=["reconciler-ledger"],
        ),
    ] = None
    remote: Annotated[
        str | None,
        Field(
            min_length=1,
            pattern=r"^[^-]",
            description="`git`: the remote that has the branches; `origin` if there is one.",
            examples=["origin"],
        ),
    ] = None
    url: Annotated[
        Secret | None,
        Field(
            description="`postgres`: where the URL of the database is found.",
            examples=[{"env": "LEDGER_URL"}],
        ),
    ] = None


class Deletion(Strict):
    """Guards against deleting more than was meant."""

    max_count: Annotated[
        int,
        Field(ge=0, description="More deletes than this need `--allow-deletes N`.", examples=[5]),
    ] = 5
    max_percent: Annotated[
        float,
        Field(
            ge=0,
            le=100,
            description="The same as a share of the managed agents, in percent.",
            examples=[30],
        ),
    ] = 30
    quiet_hours: Annotated[
        float,
        Field(
            ge=0,
            description="A delete waits until the agent had no call for so many hours.",
            examples=[2],
        ),
    ] = 0


class IgnoreRule(Strict):
    """Known drift that is accepted."""

    path: Annotated[str, Field(min_length=1, description="A field.", examples=["models.tts_voice"])]
    reason: Annotated[
        str, Field(min_length=1, description="Why it is fine.", examples=["A trial until June."])
    ]
    until: Annotated[
        date | None,
        Field(
            strict=False,
            description="The last day on which it is accepted.",
            examples=["2027-06-30"],
        ),
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
        Secret | None,
        Field(description="Where the API key is found.", examples=[{"env": "SLNG_API_KEY"}]),
    ] = None
    organisation_id: Annotated[
        str | None,
        Field(
            min_length=1,
            description="The organisation that the key must belong to.",
            examples=["550e8400-e29b-41d4-a716-446655440000"],
        ),
    ] = None
    variables: Annotated[
        dict[str, str],
        Field(description="Values for `${name}` in specs.", examples=[{"crm": "crm.example.com"}]),
    ] = Field(default_factory=dict)
    overrides: Annotated[
        dict[str, Any],
        Field(description="Agent fields merged over every spec.", examples=[{"region": "us-east"}]),
    ] = Field(default_factory=dict)


class Project(Strict):
    """The whole of `reconciler.yaml`."""

    version: Annotated[
        Literal[1], Field(description="The version of this file's format.", examples=[1])
    ]
    specs: Annotated[
        str, Field(min_length=1, description="The folder of the specs.", examples=["agents"])
    ] = "agents"
    defaults: Annotated[
        dict[str, Any],
        Field(description="Agent fields merged under every spec.", examples=[{"language": "en"}]),
    ] = Field(default_factory=dict)
    environments: Annotated[
        dict[str, Environment],
        Field(
            min_length=1,
            description="The environments, by name.",
            examples=[{"sandbox": {"api": "sandbox"}}],
        ),
    ]
    ledger: Annotated[
        LedgerConfig,
        Field(
            description="Where the record of the last apply is kept.",
            examples=[{"backend": "sqlite"}],
        ),
    ] = LedgerConfig()
    deletion: Annotated[
        Deletion,
        Field(
            description="Guards against deleting more than was meant.", examples=[{"max_count": 5}]
        ),
    ] = Deletion()
    adoption: Annotated[
        Literal["ask", "allow", "forbid"],
        Field(
            description="Whether a live agent of a spec's name may be taken over.", examples=["ask"]
        ),
    ] = "ask"
    on_drift: Annotated[
        Literal["revert", "leave", "stop"],
        Field(description="What a plan does about drift.", examples=["revert"]),
    ] = "revert"
    on_conflict: Annotated[
        Literal["git", "stop"],
        Field(
            description="What a plan does where git and the live agent both changed.",
            examples=["git"],
        ),
    ] = "git"
    update: Annotated[
        Literal["put", "patch"], Field(description="How agents are updated.", examples=["put"])
    ] = "put"
    unknown_fields: Annotated[
        dict[str, Literal["omit"]],
        Field(
            description="Unknown live fields that are not carried over.",
            examples=[{"orchestrator": "omit"}],
        ),
    ] = Field(default_factory=dict)
    max_update_percent: Annotated[
        float | None,
        Field(
            gt=0,
            le=100,
            description="More updates than this share need `--allow-updates N`.",
            examples=[50],
        ),
    ] = None
    max_failures: Annotated[
        int,
        Field(ge=1, description="An apply stops after so many failed changes.", examples=[10]),
    ] = 10
    ignore: Annotated[
        tuple[IgnoreRule, ...],
        Field(
            strict=False,
            description="Known drift, for every agent.",
            examples=[[{"path": "models.tts_voice", "reason": "A trial until June."}]],
        ),
    ] = ()
    notify: Annotated[
        tuple[str | Secret, ...],
        Field(
            strict=False,
            description="Notification URLs; `{env: NAME}` where they are secret.",
            examples=[[{"env": "SLACK_WEBHOOK"}]],
        ),
    ] = ()
    concurrency: Annotated[
        int, Field(ge=1, le=64, description="Writes in flight at once.", examples=[16])
    ] = 16
    secret_folders: Annotated[
        tuple[str, ...],
        Field(
            strict=False,
            description="Folders outside the project that `{file: …}` secrets may be read from.",
            examples=[["/run/secrets"]],
        ),
    ] = ()


_NOUNS: Final[dict[type, Any]] = {
    Project: project.Project,
    Environment: project.Environment,
    Deletion: project.Deletion,
    IgnoreRule: project.IgnoreRule,
    LedgerConfig: project.LedgerConfig,
}


@overload
def noun(written: Project) -> project.Project: ...
@overload
def noun(written: LedgerConfig) -> project.LedgerConfig: ...
@overload
def noun(written: IgnoreRule) -> project.IgnoreRule: ...
def noun(written: Strict) -> Any:
    """What was written, as the plain noun that it means."""
    return _noun(written)


def _noun(value: Any) -> Any:
    if isinstance(value, Strict):
        return _NOUNS[type(value)](**{name: _noun(each) for name, each in value})
    if isinstance(value, dict):
        return {name: _noun(each) for name, each in value.items()}
    return tuple(map(_noun, value)) if isinstance(value, tuple) else value
