import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from pydantic import ValidationError

from reconciler import report
from reconciler.errors import Locked, Position, SpecsInvalid, UsageError
from reconciler.model.change import Action, Approval, Origin, Plan
from reconciler.model.drift import AgentDrift, DriftReport, DriftStatus, FieldDrift
from reconciler.model.outcome import ChangeOutcome, Outcome, Result
from reconciler.model.plan_document import AllowDocument, PlanDocument, plan_schema
from reconciler.model.values import ABSENT, SecretRef
from tests.report import strategies
from tests.report.samples import change, field, full_plan, live, plan, problem

SCHEMA = Path(__file__).parents[2] / "schemas" / "plan.schema.json"


def test_a_plan_has_exactly_the_documented_keys_in_their_order() -> None:
    document = report.plan_json(full_plan())
    assert list(document) == [
        "format_version", "environment", "organisation_id", "ledger_id", "digest", "memory",
        "guards", "summary", "changes", "unmanaged", "warnings",
    ]  # fmt: skip
    assert list(document["summary"]) == [
        "create", "adopt", "update", "delete", "rekey", "forget", "unchanged", "unmanaged", "blocked",
    ]  # fmt: skip
    assert list(document["changes"][0]) == [
        "key", "key_from", "action", "agent_id", "name", "name_from", "vanished", "blocked", "digest",
        "fields",
    ]  # fmt: skip
    assert list(document["changes"][0]["fields"][0]) == [
        "path", "before", "after", "origin", "reset", "secret",
    ]  # fmt: skip
    assert document["format_version"] == 1
    assert document["guards"][0].keys() == {"code", "message", "way_out"}
    assert document["unmanaged"] == [
        {"agent_id": "9a", "name": "Playground"},
        {"agent_id": "9b", "name": "Test of Ann"},
    ]


def test_absent_is_null_and_a_secret_is_its_reference() -> None:
    made = plan(
        change(
            "a",
            Action.UPDATE,
            field("greeting", ABSENT, "Hi"),
            field("models.stt_kwargs", {"gone": ABSENT, "k": 1}, ABSENT),
            field("slng_api_key", "old", SecretRef("env", "KEY"), secret=True),
            field("tools", [], [{"auth": {"token": SecretRef("file", "/run/t")}}]),
            field("idle_nudges", ABSENT, ABSENT, Origin.DRIFT, reset=True),
        )
    )
    first, second, third, fourth, fifth = report.plan_json(made)["changes"][0]["fields"]
    assert (first["path"], first["before"], first["after"]) == (["greeting"], None, "Hi")
    assert (second["before"], second["after"]) == ({"k": 1}, None)
    assert (third["before"], third["after"], third["secret"]) == (None, {"env": "KEY"}, True)
    assert fourth["after"] == [{"auth": {"token": {"file": "/run/t"}}}]
    assert (fifth["origin"], fifth["reset"]) == ("drift", True)


def test_the_order_of_keys_in_a_spec_does_not_show() -> None:
    one = plan(change("a", Action.UPDATE, field("x", {"b": 1, "a": 2}, None)))
    other = plan(change("a", Action.UPDATE, field("x", {"a": 2, "b": 1}, None)))
    assert report.dump(report.plan_json(one)) == report.dump(report.plan_json(other))
    assert report.plan_text(one) == report.plan_text(other)
    assert report.plan_markdown(one) == report.plan_markdown(other)


def test_dumps_are_readable_json_without_what_json_has_not() -> None:
    text = report.dump({"b": float("nan"), "a": ABSENT, "é": ("日本", SecretRef("env", "K"))})
    assert text == (
        '{\n  "b": "nan",\n  "a": null,\n  "é": [\n    "日本",\n    {\n      "env": "K"\n    }\n  ]\n}'
    )


def test_the_schema_file_is_fresh_and_a_valid_schema() -> None:
    assert SCHEMA.read_text() == report.dump(plan_schema()) + "\n"
    jsonschema.Draft202012Validator.check_schema(plan_schema())


def test_a_saved_plan_validates_and_loads_again() -> None:
    text = report.dump(report.plan_json(full_plan()))
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).validate(json.loads(text))
    loaded = PlanDocument.model_validate_json(text)
    assert loaded.changes[1].action is Action.UPDATE
    assert loaded.changes[1].fields[0].path == ("name",)
    assert json.loads(loaded.model_dump_json(exclude_unset=True)) == json.loads(text)


@settings(max_examples=80, deadline=None)
@given(strategies.plans)
def test_any_plan_validates_and_round_trips(made: Plan) -> None:
    text = report.dump(report.plan_json(made))
    loaded = PlanDocument.model_validate_json(text)
    jsonschema.Draft202012Validator(plan_schema()).validate(json.loads(text))
    assert json.loads(loaded.model_dump_json(exclude_unset=True)) == json.loads(text)


@pytest.mark.parametrize("damage", [{"format_version": 2}, {"more": 1}, {"memory": "yes"}])
def test_a_damaged_plan_is_refused(damage: dict[str, object]) -> None:
    document = {**report.plan_json(full_plan()), **damage}
    with pytest.raises(ValidationError):
        PlanDocument.model_validate_json(report.dump(document))


def test_an_apply_is_the_plan_with_a_result_and_an_error_for_every_change() -> None:
    made = plan(change("a"), change("b"), change("c"))
    a, b, _ = made.changes
    outcome = Outcome(
        made, (ChangeOutcome(a, Result.DONE), ChangeOutcome(b, Result.FAILED, "Cut off.", "Again."))
    )
    document = report.outcome_json(outcome)
    assert list(document) == list(report.plan_json(made))
    assert [(c["key"], c["result"], c["error"]) for c in document["changes"]] == [
        ("a", "done", None),
        ("b", "failed", "Cut off. Again."),
        ("c", "not_started", "Nothing is known of it."),
    ]
    assert list(document["changes"][0])[-2:] == ["result", "error"]


def test_a_drift_report_has_the_documented_keys() -> None:
    drift = FieldDrift(field("greeting", "a", "b", Origin.DRIFT), declared=True, ignored="known")
    made = DriftReport(
        "production",
        memory=True,
        agents=(
            AgentDrift("a", "1", "A", DriftStatus.DRIFTED, (drift,)),
            AgentDrift(None, "2", "B", DriftStatus.UNMANAGED),
        ),
    )
    assert report.drift_json(made) == {
        "format_version": 1,
        "environment": "production",
        "memory": True,
        "clean": False,
        "agents": [
            {
                "key": "a",
                "agent_id": "1",
                "name": "A",
                "status": "drifted",
                "fields": [
                    {
                        "path": ["greeting"],
                        "before": "a",
                        "after": "b",
                        "origin": "drift",
                        "reset": False,
                        "secret": False,
                        "declared": True,
                        "ignored": True,
                    }
                ],
            },
            {"key": None, "agent_id": "2", "name": "B", "status": "unmanaged", "fields": []},
        ],
    }


def test_an_error_has_its_place_and_its_exit_code() -> None:
    error = UsageError("no such key", position=Position("a.yaml", 2, 3), hint="look again")
    assert report.error_json(error) == {
        "format_version": 1,
        "error": {
            "code": "USAGE",
            "message": "no such key",
            "position": {"file": "a.yaml", "line": 2, "column": 3, "length": 1},
            "hint": "look again",
            "exit_code": 4,
        },
    }
    assert report.error_json(Locked("held"))["error"]["position"] is None


def test_invalid_specs_list_every_problem_beside_the_first() -> None:
    problems = [problem(), problem(severity="warning", position=None, via=("defaults",))]
    document = report.error_json(SpecsInvalid(problems))
    assert document["error"]["code"] == "SPEC012"
    assert [p["severity"] for p in document["problems"]] == ["error", "warning"]
    listed = report.problems_json(problems)
    assert listed["summary"] == {"errors": 1, "warnings": 1}
    assert {**listed, **document} == listed
    assert "error" not in report.problems_json(problems[1:])
    assert listed["problems"][1]["via"] == ["defaults"]


def test_a_created_agent_has_no_id_and_a_deleted_one_no_fields() -> None:
    made = plan(
        change("a", Action.CREATE, field("name", ABSENT, "A")),
        change("b", Action.DELETE, live=live("B", "77")),
    )
    create, delete = report.plan_json(made)["changes"]
    assert (create["agent_id"], create["fields"][0]["before"]) == (None, None)
    assert (delete["agent_id"], delete["fields"]) == ("77", [])


def test_what_was_allowed_is_part_of_the_plan() -> None:
    made = plan(approval=Approval(deletes=0, empty=True))
    text = report.dump(report.plan_json(made))
    assert json.loads(text)["allow"] == {"deletes": 0, "empty": True}
    assert PlanDocument.model_validate_json(text).allow.deletes == 0
    assert PlanDocument.model_validate_json(report.dump(report.plan_json(plan()))).allow == (
        AllowDocument()
    )
    assert "\nAllowed: --allow-deletes 0, --allow-empty\n" in report.plan_text(made)
    assert "Allowed: <code>" in report.plan_markdown(made)[0]
