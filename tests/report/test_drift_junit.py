"""JUnit XML that every reader takes, whatever stands in the texts."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.model.change import FieldChange, Origin
from reconciler.model.drift import AgentDrift, DriftReport, DriftStatus, FieldDrift
from reconciler.model.values import SecretRef
from reconciler.report.drift_junit import drift_junit_xml


def field(after: object = "b", *, declared: bool = True, ignored: str | None = None) -> FieldDrift:
    return FieldDrift(FieldChange(("greeting",), "a", after, Origin.DRIFT), declared, ignored)


def agent(status: DriftStatus, *fields: FieldDrift, key: str | None = "desk") -> AgentDrift:
    return AgentDrift(key, "id-1", "Front Desk", status, fields)


def parsed(*agents: AgentDrift, strict: bool = False, memory: bool = True) -> ET.Element:
    report = DriftReport("production", memory, agents)
    return ET.fromstring(drift_junit_xml(report, strict=strict))  # noqa: S314  # our own text


def case(drift: AgentDrift, *, strict: bool = False) -> ET.Element:
    (found,) = parsed(drift, strict=strict).iter("testcase")
    return found


@pytest.mark.parametrize("status", ["drifted", "conflict", "vanished", "recreated"])
def test_an_unclean_agent_is_a_failure(status: str) -> None:
    found = case(agent(DriftStatus(status), field()))
    failure = found.find("failure")
    assert failure is not None
    assert failure.get("type") == status
    assert failure.text == 'greeting: "a" → "b"'
    assert (found.get("classname"), found.get("name")) == ("drift.production", "desk")


@pytest.mark.parametrize("status", ["clean", "pending", "never_applied"])
def test_an_agent_that_does_not_count_passes(status: str) -> None:
    found = case(agent(DriftStatus(status)))
    assert found.find("failure") is None
    assert found.find("skipped") is None


def test_accepted_drift_is_skipped_with_its_reason() -> None:
    found = case(agent(DriftStatus.CLEAN, field(ignored="A trial until June.")))
    skipped = found.find("skipped")
    assert skipped is not None
    assert skipped.get("message") == "ignored: A trial until June."


def test_an_unmanaged_agent_is_skipped() -> None:
    found = case(agent(DriftStatus.UNMANAGED, key=None))
    assert found.get("name") == "Front Desk (id-1)"
    assert found.find("skipped") is not None


def test_an_undeclared_field_is_told_and_fails_with_strict_only() -> None:
    drift = agent(DriftStatus.CLEAN, field(declared=False))
    told = case(drift).findtext("system-out")
    assert told is not None
    assert "undeclared, does not count" in told
    assert case(drift, strict=True).find("failure") is not None


def test_the_counts_are_those_of_the_cases() -> None:
    root = parsed(
        agent(DriftStatus.DRIFTED, field()),
        agent(DriftStatus.CLEAN, field(ignored="known")),
        agent(DriftStatus.UNMANAGED, key=None),
        agent(DriftStatus.CLEAN),
        memory=False,
    )
    counts = {name: root.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "4", "failures": "1", "errors": "0", "skipped": "2"}
    properties = {p.get("name"): p.get("value") for p in root.iter("property")}
    assert properties == {"memory": "false", "ignored_fields": "1"}
    assert "no memory" in str(root.findtext("testsuite/system-out"))


def test_no_secret_is_told() -> None:
    change = FieldChange(
        ("tools", "crm", "auth", "token"), "old", SecretRef("env", "T"), Origin.DRIFT
    )
    text = drift_junit_xml(
        DriftReport("p", True, (agent(DriftStatus.DRIFTED, FieldDrift(change, True)),))
    )
    assert "old" not in text


@settings(max_examples=300, deadline=None)
@given(st.text(), st.text(), st.text())
def test_any_text_makes_valid_xml(name: str, value: str, reason: str) -> None:
    awful = f"{value}\x00\x1b\ufffe\uffff]]>&<\"'"
    found = parsed(
        AgentDrift(None, "1", name, DriftStatus.UNMANAGED),
        agent(DriftStatus.DRIFTED, field(awful), key=f"{name}\x0b"),
        agent(DriftStatus.CLEAN, field({"k": [awful]}, ignored=f"{reason}\ud800")),
    )
    assert len(list(found.iter("testcase"))) == 3
