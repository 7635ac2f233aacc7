"""What all models of the user's files have in common."""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, WithJsonSchema

from reconciler.model.values import ENV_NAME, SecretRef


class Strict(BaseModel):
    """Frozen, closed, and no coercion of `"1"` or `yes` into something else."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        arbitrary_types_allowed=True,
        defer_build=True,  # most are only ever built as parts of a larger one
    )


_SECRET_SCHEMA: Final = {
    "description": "A secret is a reference, never a literal.",
    "oneOf": [
        {
            "type": "object",
            "properties": {
                "env": {
                    "type": "string",
                    "pattern": ENV_NAME,
                    "description": "The environment variable that holds the secret.",
                    "examples": ["CRM_TOKEN"],
                }
            },
            "required": ["env"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "properties": {
                "file": {
                    "type": "string",
                    "minLength": 1,
                    "description": "The mounted file that holds the secret.",
                    "examples": ["/run/secrets/crm_token"],
                }
            },
            "required": ["file"],
            "additionalProperties": False,
        },
    ],
    "examples": [{"env": "CRM_TOKEN"}],
}

Secret = Annotated[SecretRef, WithJsonSchema(_SECRET_SCHEMA)]
"""A `SecretRef` in the model; `{env: NAME}` or `{file: path}` in a file."""
