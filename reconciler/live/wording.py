"""An error answer of the API in its many shapes (API.md 3), read into words."""

import html
import json
import re
from http import HTTPStatus
from typing import Any, Final

from reconciler.errors import LiveError
from reconciler.live.decoding import json_value
from reconciler.live.exchange import Answer
from reconciler.nouns import noun

LONGEST: Final = 600
"""Characters of a message; a stranger's page is not worth more of a terminal."""


@noun
class Reading:
    """What an error answer says. Not masked yet, so its repr is not for showing."""

    message: str
    code: str | None = None
    fields: tuple[str, ...] = ()
    request_id: str | None = None

    def __repr__(self) -> str:
        return "<Reading>"


def read_error(answer: Answer) -> Reading:
    """The message, code, field paths and request id of an error answer of any shape."""
    try:
        payload = json_value(answer.content)
    except LiveError:
        payload = None
    if not isinstance(payload, dict):
        return Reading(_plain(answer), request_id=answer.headers.get("x-request-id"))
    error = payload.get("error")
    envelope = error if isinstance(error, dict) else {}
    named = _named_fields(payload.get("detail"), "loc") or _named_fields(
        envelope.get("fields"), "path"
    )
    return Reading(
        message=_message(payload, envelope, named),
        code=_text(envelope.get("code")),
        fields=tuple(dict.fromkeys(path for path, _ in named if path)),
        request_id=_text(envelope.get("request_id"))
        or _text(payload.get("slng_request_id"))
        or answer.headers.get("x-request-id"),
    )


def is_api_answer(answer: Answer) -> bool:
    """Whether an error comes from the API itself: an edge before it speaks text or HTML."""
    try:
        return isinstance(json_value(answer.content), dict)
    except LiveError:
        return False


def field_path(path: object) -> str:
    """`["body", "tools", 0, "url"]` or `"body.tools[0].url"` as `tools.0.url`."""
    if isinstance(path, list):
        path = ".".join(str(step) for step in path)
    if not isinstance(path, str):
        return ""
    return re.sub(r"^body(\.|$)", "", re.sub(r"\[(\w+)\]", r".\1", path))


def _named_fields(items: Any, key: str) -> list[tuple[str, str]]:
    """Pairs of field path and message, from a list of either era."""
    if not isinstance(items, list):
        return []
    return [
        (field_path(item.get(key)), _text(item.get("msg")) or _text(item.get("message")) or "")
        for item in items
        if isinstance(item, dict)
    ]


def _message(payload: Any, envelope: Any, named: list[tuple[str, str]]) -> str:
    candidates = (
        payload.get("detail"),
        envelope.get("message"),
        payload.get("error"),
        payload.get("message"),
    )
    said = next((text for text in map(_text, candidates) if text), "")
    parts = [f"{path}: {text}" if path and text else path or text for path, text in named]
    about_fields = "; ".join(part for part in parts if part)
    return " ".join(filter(None, (said, about_fields))) or json.dumps(payload)


def _plain(answer: Answer) -> str:
    text = answer.content.decode(errors="replace").strip()
    if text[:1] == "<":
        title = re.search(r"<(title|h1)[^>]*>(.*?)</\1", text, re.DOTALL | re.IGNORECASE)
        return f"a web page, not the API: {html.unescape(title[2]) if title else 'without a title'}"
    return text or _phrase(answer.status)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "no explanation"


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None
