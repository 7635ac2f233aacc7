"""Whether a document has the shape that it must have."""

from collections.abc import Mapping
from typing import Any

from reconciler.specs.findings import Finding
from reconciler.specs.shapes import Shape, ValidationError, validator


def shape_findings(
    shape: Shape, document: Mapping[str, Any], *, partial: bool = False
) -> list[Finding]:
    """What is wrong with a document by itself; `partial` forgives what is missing."""
    try:
        validator(shape, partial=partial).validate_python(document)
    except ValidationError as error:
        from reconciler.specs.shape_words import findings_of  # noqa: PLC0415  # most are well

        return findings_of(error, document)
    return []
