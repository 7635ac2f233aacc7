"""The building blocks of every body: strict, closed or open, and UUIDs as the API takes them."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict
from pydantic_core import PydanticCustomError

# Any 8-4-4-4-12 hex: the documentation's own examples break the rules for version and variant.
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_E164 = re.compile(r"\+[1-9]\d{1,14}", re.ASCII)
BAD_UUID = "Input should be a valid UUID"


def is_uuid(text: str) -> bool:
    return _UUID.fullmatch(text) is not None


def is_e164(text: str) -> bool:
    return _E164.fullmatch(text) is not None


def _uuid(text: str) -> str:
    if not is_uuid(text):
        raise PydanticCustomError("uuid_parsing", BAD_UUID)
    return text.lower()  # the API parses ids and writes them its own way


Uuid = Annotated[str, AfterValidator(_uuid)]


class Closed(BaseModel):
    """An object in which an unknown member is an error."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Open(BaseModel):
    """An object whose unknown members are kept and given back."""

    model_config = ConfigDict(strict=True, extra="allow", frozen=True)


def refuse_null(value: Any) -> Any:
    """Tell null from absent: a field may have None for its default and yet take no null."""
    if value is None:
        raise PydanticCustomError("null_not_allowed", "Input should not be null")
    return value
