"""What is checked without pydantic is what pydantic checks."""

from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from reconciler.model import project_file
from reconciler.model.agent import MergedSpec
from reconciler.model.project_file import IgnoreRule, Project, noun
from reconciler.model.strict import Strict
from reconciler.model.values import SecretRef
from reconciler.specs.findings import Finding
from reconciler.specs.project_file import project_of
from reconciler.specs.shape import shape_findings
from reconciler.specs.shape_words import findings_of
from reconciler.specs.shapes import STORED, Shape, validator
from reconciler.specs.shaping import stored_text
from tests.strategies import agents

MODELS: dict[Shape, type[Strict]] = {
    "spec": MergedSpec,
    "project": Project,
    "ignore": IgnoreRule,
}
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 100)
    | st.floats()
    | st.sampled_from(["", "x", "webhook", "bearer", "2027-06-30", "550e8400-e29b-41d4-a716"])
    | st.just(SecretRef("env", "TOKEN")),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


def test_the_stored_shapes_are_fresh() -> None:
    """Else: `python -m reconciler.specs.shaping`."""
    assert STORED.read_text(encoding="utf-8") == stored_text()


OTHER = VALUES | st.just(...)


def told(shape: Shape, document: Any, *, partial: bool = False) -> list[Finding]:
    """What is wrong, in our words."""
    return shape_findings(shape, document, partial=partial)


def told_by_pydantic(shape: Shape, document: Any) -> tuple[list[Finding], list[Finding]]:
    """The same, and without what is missing."""
    try:
        MODELS[shape].__pydantic_validator__.validate_python(document)
    except ValidationError as error:
        kinds = {each["type"] for each in error.errors()}
        found = findings_of(error, document)
        missing = "missing" in kinds
        return found, [
            f for f in found if f.code != "SPEC031" or "`type`" in f.message
        ] if missing else found
    return [], []


def alike(shape: Shape, document: Any) -> None:
    whole, partial = told_by_pydantic(shape, document)
    assert told(shape, document) == whole
    assert told(shape, document, partial=True) == partial


def paths(value: Any) -> list[tuple[Any, ...]]:
    """Every place in a document."""
    if not isinstance(value, dict | list):
        return []
    found: list[tuple[Any, ...]] = []
    for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
        found += [(step,), *((step, *rest) for rest in paths(inner))]
    return found


def changed(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A copy with another value in a place; nothing takes it out."""
    head, *rest = path
    copy = dict(document) if isinstance(document, dict) else list(document)
    if rest:
        copy[head] = changed(copy[head], tuple(rest), value)
    elif value is ...:
        del copy[head]
    else:
        copy[head] = value
    return copy


def with_references(value: Any) -> Any:
    """As a spec is when it is checked."""
    if isinstance(value, dict):
        if len(value) == 1 and value.keys() <= {"env", "file"}:
            return SecretRef("env", "NAME")
        return {name: with_references(each) for name, each in value.items()}
    return [with_references(each) for each in value] if isinstance(value, list) else value


@given(agents().map(with_references), st.data())
def test_a_spec_with_any_mistake_is_told_as_pydantic_tells_it(document: Any, data: Any) -> None:
    alike("spec", document)
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from([*paths(document), ("another",)]))
        document = changed(document, path, data.draw(VALUES if path[-1] == "another" else OTHER))
        alike("spec", document)


WHOLE: dict[str, Any] = {
    "version": 1,
    "specs": "agents",
    "defaults": {"language": "en"},
    "environments": {
        "test": {
            "api": "https://api.example.com",
            "api_key": SecretRef("env", "KEY"),
            "organisation_id": "one",
            "variables": {"crm": "crm.example.com"},
            "overrides": {"region": "us-east"},
        }
    },
    "ledger": {"backend": "postgres", "url": SecretRef("env", "URL"), "branch": "b/c"},
    "deletion": {"max_count": 3, "max_percent": 20, "quiet_hours": 1.5},
    "adoption": "allow",
    "on_drift": "leave",
    "on_conflict": "stop",
    "update": "patch",
    "unknown_fields": {"orchestrator": "omit"},
    "max_update_percent": 50,
    "max_failures": 2,
    "ignore": [{"path": "models", "reason": "A trial.", "until": "2027-06-30"}],
    "notify": ["https://example.com", SecretRef("file", "url")],
    "concurrency": 3,
    "secret_folders": ["/run/secrets"],
}


@given(st.sets(st.sampled_from(sorted(WHOLE))), st.data())
def test_a_project_with_any_mistake_is_told_as_pydantic_tells_it(left: set[str], data: Any) -> None:
    document: Any = {name: value for name, value in WHOLE.items() if name not in left}
    for _ in range(3):
        alike("project", document)
        path = data.draw(st.sampled_from([*paths(document), ("another",)]))
        document = changed(document, path, data.draw(VALUES if path[-1] == "another" else OTHER))


@given(st.sets(st.sampled_from(sorted(WHOLE.keys() - {"environments", "version"}))))
def test_a_project_means_what_pydantic_makes_of_it(left: set[str]) -> None:
    document = {name: value for name, value in WHOLE.items() if name not in left}
    expected = noun(project_file.Project.model_validate(document))
    assert repr(project_of(validator("project").validate_python(document))) == repr(expected)


@pytest.mark.parametrize("until", ["2027-06-30", "2027-06-30T00:00:00", None, 0, "soon", 1.5, True])
def test_a_rule_means_what_pydantic_makes_of_it(until: Any) -> None:
    rule = {"path": "models.llm", "reason": "A trial.", "until": until}
    alike("ignore", rule)
    if not told("ignore", rule):
        written = cast("Any", validator("ignore").validate_python(rule))
        assert written == IgnoreRule.model_validate(rule).model_dump()
