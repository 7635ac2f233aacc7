"""The text file that Prometheus collects, read by Prometheus' own parser."""

from datetime import UTC, datetime

from prometheus_client.parser import text_string_to_metric_families

from reconciler.model.change import FieldChange, Origin
from reconciler.model.drift import AgentDrift, DriftReport, DriftStatus, FieldDrift
from reconciler.report.drift_prometheus import drift_prometheus_text

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def field(name: str, *, declared: bool = True, ignored: str | None = None) -> FieldDrift:
    return FieldDrift(FieldChange((name,), "a", "b", Origin.DRIFT), declared, ignored)


def samples(report: DriftReport) -> dict[tuple[str, str], float]:
    text = drift_prometheus_text(report, now=NOW) + "\n"
    families = list(text_string_to_metric_families(text))
    assert all(family.type == "gauge" and family.documentation for family in families)
    return {
        (sample.name, sample.labels.get("key") or sample.labels.get("status") or ""): sample.value
        for family in families
        for sample in family.samples
        if sample.labels["environment"] == report.environment
    }


def report(*agents: AgentDrift, memory: bool = True) -> DriftReport:
    return DriftReport("production", memory, agents)


def test_each_agents_fields_are_counted_by_whether_they_count() -> None:
    fields = (field("a"), field("b"), field("c", declared=False), field("d", ignored="known"))
    found = samples(report(AgentDrift("desk", "1", "Desk", DriftStatus.DRIFTED, fields)))
    assert found["reconciler_drift_fields", "desk"] == 2
    assert found["reconciler_drift_undeclared_fields", "desk"] == 1
    assert found["reconciler_drift_ignored_fields", "desk"] == 1
    assert found["reconciler_drift_clean", ""] == 0


def test_every_status_has_a_sample_also_with_no_agent() -> None:
    found = samples(report(AgentDrift("desk", "1", "Desk", DriftStatus.CLEAN)))
    counts = {s: v for (name, s), v in found.items() if name == "reconciler_drift_agents"}
    assert counts == {**{str(s): 0 for s in DriftStatus}, "clean": 1}
    assert found["reconciler_drift_clean", ""] == 1


def test_the_time_of_the_check_is_told() -> None:
    found = samples(report())
    assert found["reconciler_last_success_timestamp_seconds", ""] == NOW.timestamp()


def test_keys_are_escaped_as_labels() -> None:
    key = 'a"b\\nc\nd} 5'
    found = samples(report(AgentDrift(key, "1", "Desk", DriftStatus.CLEAN)))
    assert found["reconciler_drift_fields", key] == 0


def test_unmanaged_agents_have_no_fields_of_their_own() -> None:
    found = samples(report(AgentDrift(None, "1", "Desk", DriftStatus.UNMANAGED)))
    assert not [key for name, key in found if name == "reconciler_drift_fields"]
    assert found["reconciler_drift_agents", "unmanaged"] == 1


def test_a_missing_memory_is_told() -> None:
    assert samples(report(memory=False))["reconciler_drift_memory", ""] == 0
