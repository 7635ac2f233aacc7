"""Names of refs and files: any text has one, different texts have different ones."""

import hashlib
import re

from reconciler.nouns import noun

_PLAIN_REF = re.compile(r"[a-z0-9][a-z0-9_-]{0,60}")
_ODD = re.compile(rb"[^A-Za-z0-9_-]")
_LONGEST = 120


@noun
class Refs:
    """The two refs of one environment.

    The lock stands outside `refs/heads/`: there is no branch protection there, no pipeline starts
    on it, and a server that forbids to rewrite branches lets it be rewritten.
    """

    branch: str
    lock: str


def refs(branch: str, environment: str) -> Refs:
    place = f"{branch}/{slug(environment)}"
    return Refs(
        branch=f"refs/heads/{place}",
        lock=f"refs/reconciler-ledger/locks/{place}",
    )


def slug(text: str) -> str:
    """A readable part of a ref; the dot keeps made-up names apart from plain ones."""
    if _PLAIN_REF.fullmatch(text):
        return text
    readable = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:24] or "x"
    return f"{readable}.{_digest(text)}"


def agent_path(key: str) -> str:
    return f"agents/{_file(key)}"


def intent_path(key: str) -> str:
    return f"intents/{_file(key)}"


def document_path(digest: str) -> str:
    return f"documents/{digest}.json"


def run_path(number: int, run_id: str) -> str:
    return f"runs/{number:06}-{run_name(run_id)}"


def run_name(run_id: str) -> str:
    return f"{slug(run_id)}.json"


def _file(key: str) -> str:
    # No part but the last has a dot, so no file stands where a folder must be.
    return "/".join(_part(part) for part in key.split("/")) + ".json"


def _part(text: str) -> str:
    body = text.encode("utf-8", "surrogatepass")
    name = _ODD.sub(lambda odd: b"%%%02X" % odd.group()[0], body).decode("ascii")
    if len(name) > _LONGEST:
        return f"{name[:40]}%{_digest(text)}"
    return name or "%"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
