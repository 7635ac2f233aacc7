"""A failed call as a `LiveError`, masked, with a hint about the way out."""

import re

from reconciler.errors import LiveError
from reconciler.live.exchange import Answer, Request, Trouble
from reconciler.live.masking import Mask
from reconciler.live.wording import LONGEST, Reading, read_error
from reconciler.model.fields import RUNTIME_KEY

_REFUSALS = ("extra", "not permitted", "not allowed", "unexpected", "unknown", "forbid")


def trouble_error(trouble: Trouble, request: Request) -> LiveError:
    """No answer came."""
    hint = None if trouble.reached else "check `api` in reconciler.yaml, and the network"
    if "CERTIFICATE_VERIFY_FAILED" in trouble.reason:
        hint = "the server's certificate is not trusted: if its authority is your own, name the "
        hint += "file of its certificate in SSL_CERT_FILE"
    return LiveError(f"could not {request.purpose}: {trouble.reason}", code="NO_ANSWER", hint=hint)


def garbled_error(error: LiveError, answer: Answer, request: Request, mask: Mask) -> LiveError:
    """An answer came that says "done", but not what it should hold."""
    return LiveError(
        f"could not {request.purpose}: {_tidy(error.message, mask)}",
        status=answer.status,
        code=error.code,
        request_id=_tidy(answer.headers.get("x-request-id", ""), mask) or None,
        hint="check that `api` in reconciler.yaml is the API's address, not a page or a proxy",
    )


def refusal(answer: Answer, request: Request, mask: Mask) -> LiveError:
    """An answer that is not a success."""
    if 300 <= answer.status < 400:  # noqa: PLR2004  # the redirects
        return _redirect(answer, request, mask)
    reading = read_error(answer)
    message = _tidy(reading.message, mask)
    return LiveError(
        f"could not {request.purpose}: {message} (HTTP {answer.status})",
        status=answer.status,
        code=_tidy(reading.code or f"API{answer.status}", mask),
        fields=[_tidy(path, mask) for path in reading.fields],
        request_id=_tidy(reading.request_id or "", mask) or None,
        hint=_hint(answer.status, reading, request),
    )


def _redirect(answer: Answer, request: Request, mask: Mask) -> LiveError:
    target = _tidy(answer.headers.get("location", "nowhere").partition("?")[0], mask)
    return LiveError(
        f"could not {request.purpose}: the API redirects to {target} (HTTP {answer.status}), "
        "and the key is not sent after a redirect",
        status=answer.status,
        code="REDIRECT",
        hint="if that is the API's address, write it as `api` in reconciler.yaml",
    )


def _hint(status: int, reading: Reading, request: Request) -> str | None:
    if 400 <= status < 500 and _names_runtime_key(reading):  # noqa: PLR2004  # the client's errors
        return _runtime_key_hint(reading, request)
    if status == 404 and request.body is not None and _REGION.search(reading.message):  # noqa: PLR2004  # not found
        return _NO_RUNTIME
    return _HINTS.get((request.method, status)) or _HINTS.get(("", status))


# An update can ask for another region, and is then answered as a create is (API.md 3.1, 3.2).
_REGION = re.compile(r"\bregion\b", re.IGNORECASE)
_NO_RUNTIME = (
    "this is about the spec's `region`, not a missing agent: the organisation has no runtime there"
)
_HINTS = {
    ("", 401): "the API key of this environment was not accepted: check the variable that "
    "`api_key` names",
    ("", 403): "the API key was accepted, but may not do this: check which organisation it "
    "belongs to and what it is allowed",
    ("", 429): "the API allows no more requests for now: lower `concurrency` in reconciler.yaml, "
    "or try again later",
    ("POST", 404): _NO_RUNTIME,
    ("POST", 409): "an agent of this name exists: plan again, to adopt it or to pick another name",
    ("PUT", 404): "the agent is gone: plan again",
    ("PATCH", 404): "the agent is gone: plan again",
}


def _names_runtime_key(reading: Reading) -> bool:
    return RUNTIME_KEY in reading.message or RUNTIME_KEY in reading.fields


def _runtime_key_hint(reading: Reading, request: Request) -> str:
    """Which era of the API this is (API.md, eras): one asks for the key, the next refuses it."""
    if RUNTIME_KEY not in (request.body or {}):
        return (
            f"this API is of the era that asks for a runtime key: declare "
            f"`{RUNTIME_KEY}: {{env: NAME}}` in `defaults:` of reconciler.yaml"
        )
    if any(word in reading.message.lower() for word in _REFUSALS):
        return (
            f"this API is of the era that manages the runtime key itself: remove `{RUNTIME_KEY}` "
            "from the defaults, overrides and specs of this environment"
        )
    return f"this API takes a `{RUNTIME_KEY}`, but not this one: check the variable it names"


def _tidy(text: str, mask: Mask) -> str:
    """One masked line, cut.

    Masked first, because folding white space or cutting would hide a part of a value from the
    search; and again for what folding put together.
    """
    line = mask.text(" ".join(mask.text(text).split()))
    return line if len(line) <= LONGEST else line[:LONGEST] + " …"
