"""The JSON form of a plan: what `plan --out` writes and `apply PLAN` loads (DESIGN.md 9).

The model is the source of `schemas/plan.schema.json`. Every key but `allow` is always there, so a
document that was cut or made by another version is refused and not filled up with defaults.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue

from reconciler.model.change import Action, Origin
from reconciler.model.strict import Strict


class FieldChangeDocument(Strict):
    """One field that will change."""

    path: Annotated[
        tuple[str, ...],
        Field(
            min_length=1,
            description="The steps to the field; tools are named by their natural key.",
            examples=[["models", "tts_voice"], ["tools", "check_order", "url"]],
        ),
    ]
    before: Annotated[
        JsonValue, Field(description="The live value. Null also stands for a field not there.")
    ]
    after: Annotated[
        JsonValue,
        Field(
            description="The value to be written. Null also stands for a field that goes; "
            'a secret is its reference, such as `{"env": "CRM_TOKEN"}`.'
        ),
    ]
    origin: Annotated[
        Origin,
        Field(
            description="Why both sides differ: `git` changed, `drift` is a change made live, "
            "`conflict` is both, `unknown` means that there is no memory of the field."
        ),
    ]
    reset: Annotated[
        bool, Field(description="The field is declared no more and goes back to its default.")
    ]
    secret: Annotated[bool, Field(description="The value is a secret and is never shown.")]


class ChangeDocument(Strict):
    """One change of the plan."""

    key: Annotated[str, Field(description="The agent's address in the repo, `support/router`.")]
    key_from: Annotated[str | None, Field(description="The key before its file moved.")]
    action: Annotated[Action, Field(description="What will be done.")]
    agent_id: Annotated[str | None, Field(description="The live id; null for a create.")]
    name: Annotated[str, Field(description="The live name after the change.")]
    name_from: Annotated[str | None, Field(description="The live name before a rename.")]
    vanished: Annotated[bool, Field(description="The agent we made is gone from the API.")]
    blocked: Annotated[str | None, Field(description="Why this change can not be made.")]
    digest: Annotated[
        str, Field(description="Of all that this change rests on; `apply PLAN` compares it.")
    ]
    fields: Annotated[
        tuple[FieldChangeDocument, ...],
        Field(description="What changes; a create lists its declared fields, a delete none."),
    ]


class GuardDocument(Strict):
    """A reason to write nothing."""

    code: Annotated[str, Field(description="A stable code.")]
    message: Annotated[str, Field(description="What is refused, with the figures.")]
    way_out: Annotated[str, Field(description="What to do when it is meant.")]


_Count = Annotated[int, Field(ge=0)]


class SummaryDocument(Strict):
    """How many changes of each kind, and how many agents stay as they are."""

    create: _Count
    adopt: _Count
    update: _Count
    delete: _Count
    rekey: _Count
    forget: _Count
    unchanged: _Count
    unmanaged: _Count
    blocked: _Count


class UnmanagedDocument(Strict):
    """A live agent that is neither in a spec nor in the ledger; it is never touched."""

    agent_id: Annotated[str, Field(description="The live id.")]
    name: Annotated[str, Field(description="The live name.")]


_Allowed = Annotated[int | None, Field(ge=0)]


class AllowDocument(Strict):
    """The ways past the guards that were given when the plan was made."""

    deletes: _Allowed = None
    vanished: _Allowed = None
    updates: _Allowed = None
    adopt: _Allowed = None
    empty: bool = False


class PlanDocument(Strict):
    """All changes of one environment, in the order they are made."""

    format_version: Annotated[Literal[1], Field(description="The version of this format.")]
    environment: Annotated[str, Field(description="The environment of the project file.")]
    organisation_id: Annotated[str | None, Field(description="The SLNG organisation.")]
    ledger_id: Annotated[
        str | None, Field(description="The ledger the plan was made with; null: there was none.")
    ]
    digest: Annotated[str, Field(description="Of the whole plan, for `apply --expect`.")]
    memory: Annotated[bool, Field(description="Whether there was a ledger to remember with.")]
    guards: Annotated[
        tuple[GuardDocument, ...], Field(description="While there is one, nothing is written.")
    ]
    summary: Annotated[SummaryDocument, Field(description="The counts.")]
    changes: Annotated[
        tuple[ChangeDocument, ...],
        Field(description="In the order they are made; unchanged agents are not listed."),
    ]
    unmanaged: Annotated[tuple[UnmanagedDocument, ...], Field(description="Left alone.")]
    warnings: Annotated[tuple[str, ...], Field(description="What a reviewer should know.")]
    allow: Annotated[
        AllowDocument, Field(description="The `--allow-…` flags, there when one was given.")
    ] = AllowDocument()


def plan_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a plan document."""
    schema = PlanDocument.model_json_schema()
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A plan of the reconciler",
    }
    return {**head, **{k: v for k, v in schema.items() if k != "title"}}
