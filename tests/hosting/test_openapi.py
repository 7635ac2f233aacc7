"""The requests that are sent are those that GitHub's published OpenAPI description allows."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from reconciler.hosting import DIALECTS, Marker, Rest, Thread, keep_comments
from tests.hosting.fake_hosts import PERSON, TOKEN, Host, github
from tests.scaffold.npm import npm_package

PACKAGE = "@octokit/openapi@23.0.2"


@cache
def _described(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture
def description(pytestconfig: pytest.Config) -> Any:
    return _described(npm_package(PACKAGE, pytestconfig) / "generated/api.github.com.json")


@pytest.fixture
def sent() -> list[tuple[str, str, Any]]:
    """Every kind of request: list, whose token, create, update, delete."""
    with github() as host:
        for number in range(101):
            host.say(f"chatter {number}", by=PERSON)
        for parts in (["one", "two"], ["three"]):
            _keep(host, parts)
        return host.requests


def _keep(host: Host, parts: list[str]) -> None:
    dialect = DIALECTS["github"]
    with Rest(host.url, dialect.headers(TOKEN)) as rest:
        keep_comments(Thread(rest, dialect, "acme/voice", 7), Marker("production"), parts)


def operation_of(description: Any, method: str, path: str) -> dict[str, Any]:
    """The described operation of a request; a literal path wins over one with parameters."""
    for template in sorted(description["paths"], key=lambda known: known.count("{")):
        pattern = re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(template))
        if re.fullmatch(pattern, path) and method.lower() in description["paths"][template]:
            found: dict[str, Any] = description["paths"][template][method.lower()]
            return found
    raise AssertionError(f"GitHub describes no {method} {path}")


def test_every_request_is_one_that_github_describes(
    description: Any, sent: list[tuple[str, str, Any]]
) -> None:
    operations = set()
    for method, path, body in sent:
        operation = operation_of(description, method, path)
        operations.add(operation["operationId"])
        described = operation.get("requestBody")
        assert (body is not None) == (described is not None)
        if described:
            schema = described["content"]["application/json"]["schema"]
            closed = {**schema, "additionalProperties": False}
            jsonschema.validate(body, closed)
    assert operations == {
        "users/get-authenticated",
        "issues/list-comments",
        "issues/create-comment",
        "issues/update-comment",
        "issues/delete-comment",
    }


def test_pages_are_asked_for_by_the_described_parameters(description: Any) -> None:
    listing = operation_of(description, "GET", "/repos/acme/voice/issues/7/comments")
    names = {reference["$ref"].rsplit("/", 1)[1] for reference in listing["parameters"]}
    per_page = description["components"]["parameters"]["per-page"]
    assert {"per-page", "page"} <= names
    assert "max 100" in per_page["description"]


def test_what_tells_a_persons_comment_from_a_bots_is_described(description: Any) -> None:
    schemas = description["components"]["schemas"]
    assert "user" in schemas["issue-comment"]["properties"]
    assert {"id", "type"} <= set(schemas["simple-user"]["required"])
